// SPDX-License-Identifier: Apache-2.0
/* A process that joins a running container. */
#ifndef BERTH_RUNTIME_JOIN_H
#define BERTH_RUNTIME_JOIN_H

#include "runtime/container.h"

struct join_target {
	pid_t pid;     /* the container's first process … */
	int pidfd;     /* … which is still the one meant */
	int cgroup_fd; /* to be born in; -1: the caller's */
	int spare_cgroup_fd; /* instead, where that one hands controllers down and so takes no
	                        process; or -1 */
	int console;   /* terminal: socket that gets the other end, or -1 */
	int seccomp_agent;
	const struct container_spec *container; /* for its name and personality */
};

/* Clones the process into the container's namespaces and cgroup. It reports on out->status_fd as a
 * first one does (container_start_result()); out->cgroup_fd is -1. */
int join_start(const struct process_spec *process, const struct join_target *target,
	       struct container *out, struct error *err);

#endif
