// SPDX-License-Identifier: Apache-2.0
/*
 * The puller as seen from PID 1: one child at a time, watched, tried again with back-off. PID 1
 * reads only bounded frames from it (images/pull/pull.h).
 */
#ifndef BERTH_INIT_SUPERVISE_PULLER_H
#define BERTH_INIT_SUPERVISE_PULLER_H

#include "images/pull/pull.h"
#include "init/config/machine.h"

struct puller_callbacks {
	/* The image of each container, in their order; they stay. */
	void (*done)(const struct pull_result *const *images);
	/* One of them is given up, and so are all. */
	void (*failed)(const struct error *why);
	/* The image is not in the machine itself: the network must be begun, if it is not yet. */
	void (*needs_network)(void);
};

/* Starts pulling the images of all containers, one after the other, each once. While `network_pending` is set temporary failures are
 * not counted and not reported: the image may lie in the machine itself, and if it does not the
 * network will call puller_network_changed(). */
int puller_start(const struct machine *machine, const struct puller_callbacks *callbacks,
		 bool network_pending, struct error *err);
/* Whether anything in the machine itself could hold the image, so that the network need not be
 * waited for. */
bool puller_may_be_local(const struct machine *machine);
/* The network has come up (NULL) or failed with this reason. */
void puller_network_changed(const struct error *failure);
/* The machine stops: the puller is killed, no callback follows. */
void puller_stop(void);

#endif
