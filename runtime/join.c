// SPDX-License-Identifier: Apache-2.0
#include "runtime/join.h"

#include "lib/cleanup.h"
#include "lib/frame.h"
#include "lib/syscalls.h"
#include "runtime/attributes.h"
#include "runtime/child.h"
#include "runtime/descriptors.h"
#include "runtime/hooks.h"
#include "runtime/namespaces.h"
#include "runtime/process.h"
#include "runtime/terminal.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

struct join {
	const struct process_spec *process;
	const struct join_target *target;
	unsigned long flags; /* CLONE_NEW* of the namespaces that are not ours */
	int root_fd;         /* "/" of the container's first process */
	int status_fd, exit_status;
	struct process prepared;
};

/* The namespaces in which the process differs from this one. */
static int find_namespaces(struct join *join, struct error *err)
{
	for (int i = 0; i < NAMESPACE_COUNT; i++) {
		char own[64], path[64], links[2][64] = {"", ""};
		snprintf(own, sizeof own, "/proc/self/ns/%s", namespace_kinds[i].file);
		snprintf(path, sizeof path, "/proc/%d/ns/%s", join->target->pid,
			 namespace_kinds[i].file);
		ssize_t length = readlink(own, links[0], sizeof links[0] - 1);
		if (length < 0)
			continue; /* not in this kernel */
		if (readlink(path, links[1], sizeof links[1] - 1) < 0)
			return error_errno(err, errno, "read %s", path);
		if (strcmp(links[0], links[1]) != 0)
			join->flags |= namespace_kinds[i].flag;
	}
	return 0;
}

static int open_root(struct join *join, struct error *err)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/root", join->target->pid);
	join->root_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return join->root_fd < 0 ? error_errno(err, errno, "open %s", path) : 0;
}

static int enter(const struct join *join, struct error *err)
{
	/* The PID namespace was joined by the clone. */
	int flags = (int)(join->flags & ~(unsigned long)CLONE_NEWPID);
	if (flags && setns(join->target->pidfd, flags) < 0)
		return error_errno(err, errno, "join the container's namespaces");
	if (join->flags & CLONE_NEWUSER && namespaces_become_root(err) < 0)
		return -1;
	if (fchdir(join->root_fd) < 0 || chroot(".") < 0)
		return error_errno(err, errno, "enter the container's root");
	return 0;
}

static int story(struct join *join, struct error *err)
{
	const struct process_spec *process = join->process;
	const struct join_target *target = join->target;
	struct descriptors keep = {0};
	const int kept[] = {join->status_fd, join->root_fd, target->pidfd, target->console,
			    target->seccomp_agent};
	descriptors_add(&keep, kept, countof(kept));
	if (descriptors_arrange(process, &keep, err) < 0 || process_become_ordinary(err) < 0 ||
	    process_leave_keyring(err) < 0 || hooks_learn_pid(err) < 0 || attributes_apply(process, 0, err) < 0 ||
	    attributes_lift_limits(process, 0, err) < 0 ||
	    attributes_set_affinity(&process->final_affinity, 0, err) < 0 || enter(join, err) < 0)
		return -1;
	int root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root_fd < 0)
		return error_errno(err, errno, "open the container's root");
	if (process->terminal &&
	    terminal_open(process, root_fd, target->console, false, err) < 0)
		return -1;
	if (process_prepare(process, NULL, root_fd, &join->prepared, &join->exit_status, err) < 0)
		return -1;
	return process_execute(process, &join->prepared, target->seccomp_agent, target->container,
			       &join->exit_status, err);
}

static _Noreturn void run(struct join *join)
{
	struct error err = ERROR_INIT;
	story(join, &err);
	child_fail(join->status_fd, join->exit_status, &err);
}

static pid_t clone_into(const struct join *join, int *pidfd)
{
	struct clone_args args = {.flags = CLONE_PIDFD, .pidfd = (uintptr_t)pidfd,
				  .exit_signal = SIGCHLD};
	if (join->target->cgroup_fd >= 0) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (uint64_t)join->target->cgroup_fd;
	}
	return sys_clone3(&args);
}

/* Only children get into a PID namespace: this process goes there for its child, and back. */
static pid_t clone_joined(struct join *join, int *pidfd, struct error *err)
{
	_cleanup_close_ int own = open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC);
	if (own < 0)
		return error_errno(err, errno, "open the own PID namespace");
	if (join->flags & CLONE_NEWPID && setns(join->target->pidfd, CLONE_NEWPID) < 0)
		return error_errno(err, errno, "join the container's PID namespace");
	pid_t pid = clone_into(join, pidfd);
	int code = errno;
	if (pid == 0)
		run(join);
	if (join->flags & CLONE_NEWPID && setns(own, CLONE_NEWPID) < 0)
		error_errno(err, errno, "return to the own PID namespace");
	return pid < 0 ? error_errno(err, code, "create a process in the container") : pid;
}

int join_start(const struct process_spec *process, const struct join_target *target,
	       struct container *out, struct error *err)
{
	struct join join = {.process = process, .target = target, .root_fd = -1,
			    .exit_status = CONTAINER_SETUP_FAILED};
	int sockets[2], pidfd = -1;
	if (find_namespaces(&join, err) < 0 || open_root(&join, err) < 0)
		return -1;
	_cleanup_close_ int root_fd = join.root_fd;
	if (frame_socketpair(sockets, err) < 0)
		return -1;
	join.status_fd = sockets[1];
	attributes_set_affinity(&process->initial_affinity, 0, NULL);
	pid_t pid = clone_joined(&join, &pidfd, err);
	close(sockets[1]);
	if (pid < 0) {
		close(sockets[0]);
		return -1;
	}
	*out = (struct container){.pid = pid, .pidfd = pidfd, .status_fd = sockets[0],
				  .cgroup_fd = -1};
	return root_fd >= 0 ? 0 : -1;
}
