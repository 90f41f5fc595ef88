// SPDX-License-Identifier: Apache-2.0
/*
 * One container, in-process: a specification in, a supervised process out. container_start() does
 * not wait: it clones the container's first process into its cgroup and returns; the child builds
 * its root filesystem, takes its identity, and executes. It reports on status_fd: end of file means
 * that execve succeeded, a message means that the start failed.
 */
#ifndef BERTH_RUNTIME_CONTAINER_H
#define BERTH_RUNTIME_CONTAINER_H

#include "lib/error.h"
#include "runtime/spec.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Conventional statuses of a container that could not be started (docker run, POSIX shells). */
enum {
	CONTAINER_SETUP_FAILED = 125,
	CONTAINER_NOT_EXECUTABLE = 126,
	CONTAINER_NOT_FOUND = 127,
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

/* 0: the process is cloned and on its way. Everything in `spec` may be freed afterwards. A
 * specification that asks for something of its parent (runtime/sync.h: maps of a user namespace,
 * hooks, a start of its own) needs container_start_with() and answers on status_fd. `console` is for
 * one with a terminal: the socket that its other end is sent over (runtime/terminal.h); else -1. */
int container_start(const struct container_spec *spec, int console, struct container *out,
		    struct error *err);

/* The same in two steps, for a container whose time has not come: the process is built as far as nothing
 * can change until then, says so on status_fd, and executes its program when it is told to go. A
 * container that is not wanted any more is killed. */
int container_create(const struct container_spec *spec, struct container *out, struct error *err);
/* May be called before it has said that it is ready. Fails when the process is gone. */
int container_go(const struct container *container, struct error *err);

/* What only a caller that stays with the start can give. */
struct start_links {
	int cgroup_fd;       /* the cgroup to be born in; -1: the caller's own */
	int root_fd;         /* detached copy of root_path, or -1 */
	const int *sources;  /* a detached copy for each mount; -1 where there is none */
	const int *nodes;    /* for each device, the default ones first, likewise; NULL: mknod */
	bool own_masks;      /* those of container_prepare() are not there */
	int listener;        /* await_start: bound socket that the start is asked for on */
	int console;         /* terminal: socket that gets the terminal's other end */
	int seccomp_agent;   /* socket that gets the filter's listener, or -1 */
	bool hold;           /* container_create() */
};
int container_start_with(const struct container_spec *spec, const struct start_links *links,
			 struct container *out, struct error *err);

/* When status_fd is readable. 0: it executes (or it was killed before it could: then its pidfd
 * tells how). 1: it is ready and waits for container_go(). -1: it failed, err says why and *exit_status is 125, 126 or 127 (the process then
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
