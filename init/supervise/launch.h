// SPDX-License-Identifier: Apache-2.0
/*
 * The start of a container's process: its users and its network, which are made once and kept over
 * restarts, what the runtime is told, and whether the program executes.
 */
#ifndef BERTH_INIT_SUPERVISE_LAUNCH_H
#define BERTH_INIT_SUPERVISE_LAUNCH_H

#include "init/supervise/instance.h"

/* Makes instance->process; nobody watches it yet. Beforehand: all but its program (standby.h), when it is
 * one that can be made so. */
int launch_begin(struct instance *instance, bool beforehand, struct error *err);

/* Reads the child's verdict: 1 when it executes, 0 when there is none yet; with -1 the error and status
 * are noted. */
int launch_take_verdict(struct instance *instance);

#endif
