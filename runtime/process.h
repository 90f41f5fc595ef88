// SPDX-License-Identifier: Apache-2.0
/* From a process inside its root file system to the container's program. */
#ifndef BERTH_RUNTIME_PROCESS_H
#define BERTH_RUNTIME_PROCESS_H

#include "lib/arena.h"
#include "lib/error.h"
#include "runtime/identity.h"

/* What process_prepare() finds out for process_execute(). */
struct process {
	struct identity identity;
	struct string_list environment;
};

/* What a process inherits and a container must not: signal mask and dispositions, session, umask.
 * Until execve nobody may attach to the process or read its memory. */
int process_become_ordinary(struct error *err);

/* A session keyring of its own: the one inherited has the keys of whoever started the runtime. */
int process_leave_keyring(struct error *err);

/* Inside the root: identity, environment, standard descriptors, working directory. With the program
 * missing, -1 and *exit_status 127 or 126. */
int process_prepare(const struct process_spec *spec, const char *hostname, int root_fd,
		    struct process *out, int *exit_status, struct error *err);

/* The rest, up to the program: limits, labels, identity, capabilities, no_new_privs, system call
 * filter; each step still having the privilege that it needs. `container` is told to the agent of a
 * seccomp listener. */
struct container_spec;
int process_confine(const struct process_spec *spec, const struct process *process,
		    int seccomp_agent, const struct container_spec *container, struct error *err);

/* Executes the program, as program_execute(), or the small init with it. */
int process_execute(const struct process_spec *spec, const struct process *process, int *exit_status,
		    struct error *err);

/* Enters the working directory below root_fd, creating it when missing, and proves that it is
 * inside the root (CVE-2024-21626). NULL and "" mean "/". */
int process_enter_directory(int root_fd, const char *path, struct error *err);

/* program.c: looks args[0] up as execve would, without executing it. */
int program_check(const struct string_list *args, const struct string_list *environment,
		  int *exit_status, struct error *err);
/* Executes args[0], looked up in PATH of the environment unless it has a '/'. Returns only on failure:
 * -1 with *exit_status 127 when there is no such program, 126 when it cannot be executed. */
int program_execute(const struct string_list *args, const struct string_list *environment,
		    int *exit_status, struct error *err);

/* The same below the container's small init (reaper.c). */
int reaper_execute(const struct string_list *args, const struct string_list *environment,
		   int *exit_status, struct error *err);

#endif
