// SPDX-License-Identifier: Apache-2.0
/*
 * One test of a container's health, or one hook, run by a process of its own, so that PID 1 never
 * waits for a container: the prober joins the container with the command (runtime/join.h), then
 * gives up all but the right to kill it, reads what it prints, kills it after its time, and tells
 * the end. What is asked over the network it asks itself (network_test.h).
 */
#ifndef BERTH_INIT_SUPERVISE_PROBER_H
#define BERTH_INIT_SUPERVISE_PROBER_H

#include "init/config/hooks.h"

#include <sys/types.h>

struct instance;

struct prober {
	pid_t pid; /* 0: none runs */
	int fd; /* owned by the caller: brings one frame (probe_result.h) and is at its end then. A
		 * prober whose other end is closed kills the command and goes away. */
};

struct prober_task {
	const struct test *test;
	uint64_t timeout_ms;
	const struct hook *hook; /* whose options hold, and whose output is the container's, too; or
				  * NULL */
};

/* The container of the instance must run. The child is to be watched (children.h). */
int prober_start(const struct instance *instance, const struct prober_task *task,
		 struct prober *out, struct error *err);

#endif
