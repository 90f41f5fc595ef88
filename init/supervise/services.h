// SPDX-License-Identifier: Apache-2.0
/*
 * The containers of the machine: in which order they start and stop, and what their ends are for the
 * machine. One container is the case of a graph without edges.
 *
 * The machine ends when the last one has ended, or the one that x-berth.exit-code-from names. Its
 * status is that of the named one, else the first that is not 0. When one cannot be started, the
 * others are stopped.
 */
#ifndef BERTH_INIT_SUPERVISE_SERVICES_H
#define BERTH_INIT_SUPERVISE_SERVICES_H

#include "init/supervise/instance.h"

struct services_callbacks {
	void (*started)(void); /* a container executes; again for each */
	void (*ended)(int status, const char *reason);
};

/* For the description as it is now; again when a document has taken its place. */
void services_init(const struct machine *machine, const struct services_callbacks *callbacks);
/* The pipes for what they say. */
int services_open_output(struct error *err);
/* All images are there, one for each container. */
void services_start(const struct pull_result *const *images);
/* The machine stops: those that wait for others go first. */
void services_stop(void);
/* Nothing will be started any more, for this reason. */
void services_give_up(int status, const struct error *why);
void services_set_resolver(const char *resolv_conf);
const struct instance *services_all(size_t *count);

#endif
