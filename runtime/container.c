// SPDX-License-Identifier: Apache-2.0
#include "runtime/container.h"

#include "lib/cleanup.h"
#include "lib/frame.h"
#include "lib/syscalls.h"
#include "runtime/cgroup.h"
#include "runtime/child.h"
#include "runtime/mask.h"

#include <errno.h>
#include <sched.h>
#include <string.h>

enum {
	ID_MAX = 63,
	HOSTNAME_LONGEST = 64,
	NAMESPACES = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS,
};

int container_prepare(struct error *err)
{
	if (cgroup_prepare(err) < 0 || mask_prepare(err) < 0)
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
static pid_t clone_into(int cgroup_fd, int *pidfd)
{
	struct clone_args args = {
		.flags = NAMESPACES | CLONE_PIDFD | CLONE_INTO_CGROUP,
		.pidfd = (uintptr_t)pidfd,
		.exit_signal = SIGCHLD,
		.cgroup = (uint64_t)cgroup_fd,
	};
	return sys_clone3(&args);
}

int container_start(const struct container_spec *spec, struct container *out, struct error *err)
{
	if (check_spec(spec, err) < 0)
		return -1;
	_cleanup_close_ int cgroup_fd = cgroup_create(spec, err);
	if (cgroup_fd < 0)
		return -1;
	int sockets[2], pidfd = -1;
	if (frame_socketpair(sockets, err) < 0) {
		cgroup_remove(spec->id, NULL);
		return -1;
	}
	pid_t pid = clone_into(cgroup_fd, &pidfd);
	int code = errno;
	if (pid == 0)
		child_run(spec, sockets[1]);
	close(sockets[1]);
	fcntl(sockets[0], F_SETFL, O_NONBLOCK);
	if (pid < 0) {
		close(sockets[0]);
		cgroup_remove(spec->id, NULL);
		return error_errno(err, code, "create the first process of container %s", spec->id);
	}
	*out = (struct container){.pid = pid, .pidfd = pidfd, .status_fd = sockets[0],
				  .cgroup_fd = steal_fd(&cgroup_fd)};
	return 0;
}

int container_start_result(int status_fd, int *exit_status, struct error *err)
{
	uint8_t storage[CHILD_REPORT_MAX];
	struct frame frame;
	*exit_status = CONTAINER_SETUP_FAILED;
	int got = frame_receive(status_fd, &frame, storage, sizeof storage, err);
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
