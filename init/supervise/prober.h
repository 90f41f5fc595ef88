// SPDX-License-Identifier: Apache-2.0
/*
 * One test of a container's health, run by a process of its own, so that PID 1 never waits for a
 * container: the prober joins the container with the test (runtime/join.h), then gives up all but
 * the right to kill it, reads what the test prints, kills it after its time, and tells the end.
 */
#ifndef BERTH_INIT_SUPERVISE_PROBER_H
#define BERTH_INIT_SUPERVISE_PROBER_H

#include "init/config/health.h"

#include <sys/types.h>

struct instance;

struct prober {
	pid_t pid;
	int fd; /* owned by the caller: brings one frame (probe_result.h) and is at its end then. A
		 * prober whose other end is closed kills the test and goes away. */
};

/* The container of the instance must run. The child is to be watched (children.h). */
int prober_start(const struct instance *instance, const struct health_plan *plan,
		 struct prober *out, struct error *err);

#endif
