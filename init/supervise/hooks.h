// SPDX-License-Identifier: Apache-2.0
/*
 * The hooks of a supervised container (init/config/hooks.h), one after the other, each by a prober.
 * One that fails is one line, and the ones behind it are not run.
 */
#ifndef BERTH_INIT_SUPERVISE_HOOKS_H
#define BERTH_INIT_SUPERVISE_HOOKS_H

#include "init/supervise/prober.h"

struct instance;

struct hooks {
	bool stop; /* those before the stop; else those behind the start */
	size_t at; /* the one that runs, among all */
	struct prober prober;
	int timer; /* instead of it, when it could not be begun */
};

/* Whether there are any of the kind. */
bool hooks_are_there(const struct instance *instance, bool stop);
/* Runs them; a container that has none of the kind, or whose others still run, is not to come here.
 * instance_hooks_done() is called at the end, not before this returns. */
void hooks_start(struct instance *instance, bool stop);
/* Ends what runs. False: nothing did. */
bool hooks_abort(struct instance *instance);
/* The container has ended: when one behind its start was not done, that has failed, and true. */
bool hooks_cut_short(struct instance *instance, struct error *err);

#endif
