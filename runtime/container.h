// SPDX-License-Identifier: Apache-2.0
/*
 * One container, in-process: a specification in, a supervised process out. container_start() does
 * not wait: it clones the container's first process into its cgroup and returns; the child builds
 * its root filesystem, takes its identity, and executes. It reports on status_fd: end of file means
 * that execve succeeded, a message means that the start failed.
 */
#ifndef BERTH_RUNTIME_CONTAINER_H
#define BERTH_RUNTIME_CONTAINER_H

#include "lib/arena.h"
#include "lib/error.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Conventional statuses of a container that could not be started (docker run, POSIX shells). */
enum {
	CONTAINER_SETUP_FAILED = 125,
	CONTAINER_NOT_EXECUTABLE = 126,
	CONTAINER_NOT_FOUND = 127,

	CONTAINER_LAYERS_MAX = 256,
};

struct container_spec {
	const char *id;           /* [a-z0-9_.-]{1,63}: names the cgroup and the state directory */
	const char *hostname;
	struct string_list layers; /* lower directories of the overlay, lowest first; never
	                              written */
	const char *state_dir;    /* empty or reused directory for upper and work; see docker's
	                             writable layer: it survives a restart of the container */
	struct string_list args;  /* argv; args.items[0] is looked up in PATH of env, inside */
	struct string_list env;   /* "K=V"; PATH, HOSTNAME and HOME are added when absent */
	const char *working_dir;  /* absolute, or NULL for "/"; created when missing */
	const char *user;         /* "", "user", "uid", "user:group", "uid:gid" of the image */
	int netns_fd;             /* network namespace to join, or -1 for the machine's own */
	const char *resolv_conf, *hosts; /* contents of the two files, or NULL: not provided */
	uint64_t memory_bytes;    /* memory.max, 0 = none; swap is not allowed beyond it */
	uint64_t cpu_millis;      /* cpu.max, thousandths of a CPU, 0 = none */
	uint64_t pids;            /* pids.max, 0 = none */
	int stdin_fd, stdout_fd, stderr_fd; /* given to the process; still owned by the caller */
};

struct container {
	pid_t pid;
	int pidfd;     /* owned: readable when the process has ended; waitid(P_PIDFD) reaps it */
	int status_fd; /* owned: see above; read it with container_start_result() */
	int cgroup_fd; /* owned: directory of its cgroup, for cgroup.kill and memory.events */
};

/* Once, at boot: prepares /sys/fs/cgroup (mounted by init): controllers for children, the parent
 * group /berth. */
int container_prepare(struct error *err);

/* 0: the process is cloned and on its way. Everything in `spec` may be freed afterwards. */
int container_start(const struct container_spec *spec, struct container *out, struct error *err);

/* When status_fd is readable. 0: it executes (or it was killed before it could: then its pidfd
 * tells how). -1: it failed, err says why and *exit_status is 125, 126 or 127 (the process then
 * ends by itself). Never blocks: code EAGAIN when there is nothing to read yet. Closes nothing. */
int container_start_result(int status_fd, int *exit_status, struct error *err);

/* SIGTERM, "TERM", "15" or "SIGRTMIN+3" → signal number; -1 when unknown. */
int container_signal_number(const char *name);

/* Sends a signal to the container's first process. */
int container_signal(const struct container *container, int signal, struct error *err);
/* Kills every process in the cgroup (cgroup.kill). */
int container_kill(const struct container *container, struct error *err);
/* How often the kernel's OOM killer took a process of the cgroup (memory.events, oom_kill). */
uint64_t container_oom_kills(const struct container *container);
/* After the first process was reaped: kills what is left, removes the cgroup, closes the
 * descriptors. Returns -1 with code EBUSY while processes are still dying; call again later. */
int container_cleanup(struct container *container, const char *id, struct error *err);

#endif
