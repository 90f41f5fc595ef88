// SPDX-License-Identifier: Apache-2.0
/*
 * The search for a metadata file as seen from PID 1: which sources are worth asking, the workers
 * that ask them, the time they have, and what is told of it. PID 1 reads only bounded frames.
 *
 * Sources in the machine itself are asked by one worker, in their order. When there is no document
 * among them and the command line names no image, the sources over the network that the firmware
 * suggests are asked, each by its own worker, all at once; the first document wins.
 */
#ifndef BERTH_INIT_SUPERVISE_CONFIGURATOR_H
#define BERTH_INIT_SUPERVISE_CONFIGURATOR_H

#include "init/boot/volume.h"
#include "init/config/machine.h"
#include "init/net/network.h"

struct configurator_callbacks {
	/* The description is complete: the one that was given, or one that a document made, which
	 * has taken its place. */
	void (*done)(void);
	/* There is nothing to run; every problem has been said. */
	void (*failed)(const struct error *why);
	/* The network must be begun; configurator_network_changed() goes on. */
	void (*needs_network)(void);
};

/* `machine` is what the command line says and is changed; `line` and `volumes` must live on.
 * A callback may come before this returns. */
void configurator_start(struct machine *machine, const char *line, const struct volumes *volumes,
			const struct configurator_callbacks *callbacks);
/* The network is up, or has failed for this reason. */
void configurator_network_changed(const struct network_state *state, const struct error *failure);
/* The machine stops: workers are killed, no callback follows. */
void configurator_stop(void);

#endif
