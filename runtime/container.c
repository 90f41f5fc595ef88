// SPDX-License-Identifier: Apache-2.0
#include "runtime/container.h"

#include "lib/cleanup.h"
#include "lib/frame.h"
#include "lib/syscalls.h"
#include "runtime/cgroup.h"
#include "runtime/child.h"
#include "runtime/mask.h"
#include "runtime/namespaces.h"
#include "runtime/nursery.h"
#include "runtime/rootfs.h"
#include "runtime/sync.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/wait.h>

enum {
	ID_MAX = 63,
	HOSTNAME_LONGEST = 64,
};

int container_prepare(struct error *err)
{
	if (cgroup_prepare(err) < 0 || nursery_prepare(err) < 0)
		return error_context(err, "prepare for containers");
	return 0;
}

static int check_spec(const struct container_spec *spec, struct error *err)
{
	static const char ALPHABET[] = "abcdefghijklmnopqrstuvwxyz0123456789_.-";
	size_t length = strlen(spec->id);
	if (length == 0 || length > ID_MAX || strspn(spec->id, ALPHABET) != length ||
	    spec->id[0] == '.')
		return error_set(err, "container id \"%.64s\" is not [a-z0-9_-][a-z0-9_.-]{0,62}",
				 spec->id);
	if (spec->layers.count < 1 || spec->layers.count > CONTAINER_LAYERS_MAX)
		return error_set(err, "container %s: %zu layers are not 1 to %d", spec->id,
				 spec->layers.count, CONTAINER_LAYERS_MAX);
	bool absolute = spec->state_dir[0] == '/';
	for (size_t i = 0; i < spec->layers.count; i++)
		absolute &= spec->layers.items[i][0] == '/';
	if (!absolute)
		return error_set(err, "container %s: layers and state directory must be absolute",
				 spec->id);
	if (spec->hostname && strlen(spec->hostname) > HOSTNAME_LONGEST)
		return error_set(err, "container %s: host name longer than %d bytes", spec->id,
				 HOSTNAME_LONGEST);
	return 0;
}

/* Born in its cgroup, so that not even its first page is charged elsewhere. */
static pid_t clone_into(const struct container_spec *spec, int cgroup_fd, uint64_t flags,
			int *pidfd)
{
	struct clone_args args = {
		.flags = namespaces_clone_flags(spec) | flags | CLONE_PIDFD,
		.pidfd = (uintptr_t)pidfd,
		.exit_signal = flags & CLONE_PARENT ? 0 : SIGCHLD,
	};
	/* It makes its mount namespace itself, of the nursery's. */
	if (rootfs_apart(spec))
		args.flags &= ~(uint64_t)CLONE_NEWNS;
	if (cgroup_fd >= 0) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (uint64_t)cgroup_fd;
	}
	return sys_clone3(&args);
}

struct start {
	const struct container_spec *spec;
	const struct start_links *links;
	int sockets[2]; /* the parent's end and the child's */
};

/* Joins what must be joined before, and makes the container's process as a child of this one's
 * parent. Tells its number over `answer`. */
static _Noreturn void join_and_clone(const struct start *start, int answer)
{
	struct error err = ERROR_INIT;
	int pidfd, cgroup_fd = start->links->cgroup_fd;
	if (namespaces_join(start->spec, &err) < 0)
		child_fail(start->sockets[1], CONTAINER_SETUP_FAILED, &err);
	pid_t pid = clone_into(start->spec, cgroup_fd, CLONE_PARENT, &pidfd);
	/* A joined user namespace may have no right to the cgroup, and from a joined cgroup namespace it
	 * may not be seen: the parent moves the process then. */
	if (pid < 0 && (errno == EACCES || errno == EPERM || errno == ENOENT) && cgroup_fd >= 0)
		pid = clone_into(start->spec, -1, CLONE_PARENT, &pidfd);
	if (pid == 0)
		child_run(start->spec, start->links, start->sockets[1]);
	if (pid < 0) {
		error_errno(&err, errno, "create the first process of container %s",
			    start->spec->id);
		child_fail(start->sockets[1], CONTAINER_SETUP_FAILED, &err);
	}
	_exit(write(answer, &pid, sizeof pid) != sizeof pid);
}

static pid_t clone_after_joining(const struct start *start, int *pidfd, struct error *err)
{
	int ends[2], status;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_errno(err, errno, "make a pipe");
	pid_t helper = fork(), pid = -1;
	if (helper == 0)
		join_and_clone(start, ends[1]);
	close(ends[1]);
	ssize_t got = helper < 0 ? -1 : read(ends[0], &pid, sizeof pid);
	close(ends[0]);
	if (helper < 0)
		return error_errno(err, errno, "start a process that joins namespaces");
	while (waitpid(helper, &status, 0) < 0 && errno == EINTR)
		continue;
	if (got != sizeof pid) {
		error_set(err, "the process that joins namespaces has ended early");
		container_start_result(start->sockets[0], &status, err);
		return -1;
	}
	*pidfd = sys_pidfd_open(pid, 0);
	if (start->links->cgroup_fd >= 0 && cgroup_enter(start->links->cgroup_fd, pid, err) < 0)
		return -1;
	return *pidfd < 0 ? error_errno(err, errno, "open process %d", pid) : pid;
}

/* Born in another PID namespace, without this process leaving its own. */
static pid_t clone_elsewhere(const struct start *start, int *pidfd, struct error *err)
{
	_cleanup_close_ int own = open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC);
	if (own < 0 || namespaces_children_in(start->spec->join[NAMESPACE_PID]) < 0)
		return error_errno(err, errno, "join the PID namespace for container %s",
				   start->spec->id);
	pid_t pid = clone_into(start->spec, start->links->cgroup_fd, 0, pidfd);
	if (pid == 0)
		child_run(start->spec, start->links, start->sockets[1]);
	int code = errno;
	if (namespaces_children_in(own) < 0)
		return error_errno(err, errno, "go back to the own PID namespace");
	return pid < 0 ? error_errno(err, code, "create the first process of container %s",
				     start->spec->id)
		       : pid;
}

static pid_t clone_first(const struct start *start, int *pidfd, struct error *err)
{
	if (namespaces_join_first(start->spec))
		return clone_after_joining(start, pidfd, err);
	if (namespaces_join_pid(start->spec))
		return clone_elsewhere(start, pidfd, err);
	pid_t pid = clone_into(start->spec, start->links->cgroup_fd, 0, pidfd);
	if (pid == 0)
		child_run(start->spec, start->links, start->sockets[1]);
	if (pid < 0)
		return error_errno(err, errno, "create the first process of container %s",
				   start->spec->id);
	return pid;
}

int container_start_with(const struct container_spec *spec, const struct start_links *links,
			 struct container *out, struct error *err)
{
	struct start start = {.spec = spec, .links = links};
	int pidfd = -1;
	if (spec->layers.count && !rootfs_apart(spec) && mask_prepare(err) < 0)
		return -1;
	if (frame_socketpair(start.sockets, err) < 0)
		return -1;
	pid_t pid = clone_first(&start, &pidfd, err);
	close(start.sockets[1]);
	if (pid < 0) {
		close(start.sockets[0]);
		return -1;
	}
	*out = (struct container){.pid = pid, .pidfd = pidfd, .status_fd = start.sockets[0],
				  .cgroup_fd = -1};
	return 0;
}

static int create(const struct container_spec *spec, bool hold, int console, struct container *out,
		  struct error *err)
{
	if (check_spec(spec, err) < 0)
		return -1;
	_cleanup_close_ int cgroup_fd = cgroup_create(spec, err);
	if (cgroup_fd < 0)
		return -1;
	const struct start_links links = {.cgroup_fd = cgroup_fd, .root_fd = -1,
					  .listener = -1, .console = console, .seccomp_agent = -1,
					  .hold = hold};
	if (container_start_with(spec, &links, out, err) < 0) {
		cgroup_remove(spec->id, NULL);
		return -1;
	}
	fcntl(out->status_fd, F_SETFL, O_NONBLOCK);
	out->cgroup_fd = steal_fd(&cgroup_fd);
	return 0;
}

int container_start(const struct container_spec *spec, int console, struct container *out,
		    struct error *err)
{
	return create(spec, false, console, out, err);
}

int container_create(const struct container_spec *spec, struct container *out, struct error *err)
{
	return create(spec, true, -1, out, err);
}

int container_go(const struct container *container, struct error *err)
{
	return sync_send(container->status_fd, SYNC_GO, err);
}

int container_start_result(int status_fd, int *exit_status, struct error *err)
{
	uint8_t storage[CHILD_REPORT_MAX];
	struct frame frame;
	*exit_status = CONTAINER_SETUP_FAILED;
	int got = frame_receive(status_fd, &frame, storage, sizeof storage, err);
	if (got > 0 && frame.type == SYNC_CREATED && frame_done(&frame))
		return 1;
	return got <= 0 ? got : child_report_decode(&frame, exit_status, err);
}

int container_signal(const struct container *container, int signal, struct error *err)
{
	if (sys_pidfd_send_signal(container->pidfd, signal) < 0)
		return error_errno(err, errno, "send signal %d to process %d", signal,
				   container->pid);
	return 0;
}

int container_kill(const struct container *container, struct error *err)
{
	return cgroup_kill(container->cgroup_fd, err);
}

uint64_t container_oom_kills(const struct container *container)
{
	return cgroup_event(container->cgroup_fd, "memory.events", "oom_kill");
}

int container_cleanup(struct container *container, const char *id, struct error *err)
{
	/* Writing to the file of an empty group is harmless; what is left of a full one dies. */
	if (container->cgroup_fd >= 0)
		cgroup_kill(container->cgroup_fd, NULL);
	if (cgroup_remove(id, err) < 0)
		return -1;
	int *const fds[] = {&container->pidfd, &container->status_fd, &container->cgroup_fd};
	for (size_t i = 0; i < countof(fds); i++) {
		cleanup_close_fd(fds[i]);
		*fds[i] = -1;
	}
	return 0;
}
