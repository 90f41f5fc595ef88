// SPDX-License-Identifier: Apache-2.0
/* From a process inside its root file system to the container's program. */
#ifndef BERTH_RUNTIME_PROCESS_H
#define BERTH_RUNTIME_PROCESS_H

#include "lib/arena.h"
#include "lib/error.h"
#include "runtime/identity.h"

/* Enters the working directory below root_fd, creating it when missing, and proves that it is
 * inside the root (CVE-2024-21626). NULL and "" mean "/". */
int process_enter_directory(int root_fd, const char *path, struct error *err);

/* Resource limits as Docker has them, and the OOM score of an ordinary process (proc_fd:
 * procfs). */
int process_limit(int proc_fd, struct error *err);

/* Identity, capabilities, no_new_privs, system call filter; in that order, each step still having
 * the privilege that it needs. */
int process_confine(const struct identity *identity, struct error *err);

/* Executes args[0], looked up in PATH of the environment unless it has a '/'. Returns only on
 * failure: -1 with *exit_status 127 when there is no such program, 126 when it cannot be
 * executed. */
int process_execute(const struct string_list *args, const struct string_list *environment,
		    int *exit_status, struct error *err);

#endif
