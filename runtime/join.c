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
#include <sys/wait.h>

struct join {
	const struct process_spec *process;
	const struct join_target *target;
	unsigned long flags; /* CLONE_NEW* of the namespaces that are not ours */
	int root_fd;         /* "/" of the container's first process */
	int status_fd, exit_status;
	int own_status_fd;   /* the other end, in the parent */
	int number_fds[2];   /* a pipe: the process's number in the host */
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

/* Everything that needs the host: done before the container can see the process that results. */
static int enter(struct join *join, int answer, struct error *err)
{
	const struct process_spec *process = join->process;
	const struct join_target *target = join->target;
	struct descriptors keep = {0};
	const int kept[] = {join->status_fd, join->root_fd, target->pidfd, target->console,
			    target->seccomp_agent, answer, join->number_fds[0],
			    join->number_fds[1]};
	descriptors_add(&keep, kept, countof(kept));
	if (descriptors_arrange(process, &keep, err) < 0 || process_become_ordinary(err) < 0 ||
	    attributes_apply(process, 0, err) < 0 ||
	    attributes_lift_limits(process, 0, err) < 0 ||
	    attributes_set_affinity(&process->final_affinity, 0, err) < 0)
		return -1;
	/* The PID namespace may be one that the container's user namespace has no power over. */
	unsigned long others = join->flags & ~(unsigned long)CLONE_NEWPID;
	if ((join->flags & CLONE_NEWPID && setns(target->pidfd, CLONE_NEWPID) < 0) ||
	    (others && setns(target->pidfd, (int)others) < 0))
		return error_errno(err, errno, "join the container's namespaces");
	if (join->flags & CLONE_NEWUSER && namespaces_become_root(err) < 0)
		return -1;
	if (fchdir(join->root_fd) < 0 || chroot(".") < 0)
		return error_errno(err, errno, "enter the container's root");
	return 0;
}

/* The process learns its number as the host has it from the one that made it. */
static int learn_pid(const struct join *join, struct error *err)
{
	pid_t pid;
	if (read(join->number_fds[0], &pid, sizeof pid) != sizeof pid)
		return error_set(err, "the process that joined the container has ended early");
	hooks_set_pid(pid);
	return 0;
}

static int story(struct join *join, struct error *err)
{
	const struct process_spec *process = join->process;
	const struct join_target *target = join->target;
	if (learn_pid(join, err) < 0 || process_leave_keyring(err) < 0)
		return -1;
	if (setsid() < 0)
		return error_errno(err, errno, "start a session");
	int root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root_fd < 0)
		return error_errno(err, errno, "open the container's root");
	if (process->terminal &&
	    terminal_open(process, root_fd, target->console, false, err) < 0)
		return -1;
	const char *hostname = target->container ? target->container->hostname : NULL;
	if (process_prepare(process, hostname, root_fd, &join->prepared, &join->exit_status, err) < 0)
		return -1;
	if (process_confine(process, &join->prepared, target->seccomp_agent, target->container,
			    err) < 0)
		return -1;
	return process_execute(process, &join->prepared, &join->exit_status, err);
}

static _Noreturn void run(struct join *join)
{
	struct error err = ERROR_INIT;
	story(join, &err);
	child_fail(join->status_fd, join->exit_status, &err);
}

/* Enters the container and makes the process there, as a child of this one's parent, whom it tells
 * the number. Only children get into a PID namespace: nobody in the container sees this process,
 * which has the machine's root at first. */
static _Noreturn void enter_and_clone(struct join *join, int answer)
{
	struct error err = ERROR_INIT;
	struct clone_args args = {.flags = CLONE_PARENT};
	if (enter(join, answer, &err) < 0)
		child_fail(join->status_fd, join->exit_status, &err);
	pid_t pid = sys_clone3(&args);
	if (pid == 0)
		run(join);
	if (pid < 0) {
		error_errno(&err, errno, "create a process in the container");
		child_fail(join->status_fd, join->exit_status, &err);
	}
	_exit(write(answer, &pid, sizeof pid) != sizeof pid ||
	      write(join->number_fds[1], &pid, sizeof pid) != sizeof pid);
}

/* Born in the container's cgroup, which what it makes is then, too. */
static pid_t clone_helper(const struct join_target *target)
{
	struct clone_args args = {.exit_signal = SIGCHLD};
	if (target->cgroup_fd >= 0) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (uint64_t)target->cgroup_fd;
	}
	pid_t pid = sys_clone3(&args);
	if (pid >= 0 || errno != EBUSY || target->spare_cgroup_fd < 0)
		return pid;
	args.cgroup = (uint64_t)target->spare_cgroup_fd;
	return sys_clone3(&args);
}

static pid_t clone_joined(struct join *join, int *pidfd, struct error *err)
{
	int ends[2], status;
	pid_t pid = -1;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_errno(err, errno, "make a pipe");
	_cleanup_close_ int answer = ends[0];
	pid_t helper = clone_helper(join->target);
	int code = errno;
	if (helper == 0)
		enter_and_clone(join, ends[1]);
	close(ends[1]);
	if (helper < 0)
		return error_errno(err, code, "create a process in the container");
	ssize_t got = read(answer, &pid, sizeof pid);
	while (waitpid(helper, &status, 0) < 0 && errno == EINTR)
		continue;
	if (got != sizeof pid) {
		error_set(err, "the process that joins the container has ended early (killed, or "
			       "out of memory?)");
		container_start_result(join->own_status_fd, &status, err);
		return -1;
	}
	*pidfd = sys_pidfd_open(pid, 0);
	return *pidfd < 0 ? error_errno(err, errno, "open process %d", pid) : pid;
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
	if (pipe2(join.number_fds, O_CLOEXEC) < 0)
		return error_errno(err, errno, "make a pipe");
	_cleanup_close_ int reader = join.number_fds[0], writer = join.number_fds[1];
	if (frame_socketpair(sockets, err) < 0)
		return -1;
	join.own_status_fd = sockets[0];
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
	return root_fd >= 0 && reader >= 0 && writer >= 0 ? 0 : -1;
}
