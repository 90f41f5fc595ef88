// SPDX-License-Identifier: Apache-2.0
/*
 * One linear story with one way to fail: every step returns -1 with a message, and child_run()
 * reports it and exits. The process is a fork of PID 1 with a single thread; nothing of the
 * container runs before execve.
 */
#include "runtime/child.h"

#include "lib/cleanup.h"
#include "lib/confine.h"
#include "lib/syscalls.h"
#include "runtime/environment.h"
#include "runtime/identity.h"
#include "runtime/process.h"
#include "runtime/rootfs.h"

#include <errno.h>
#include <linux/close_range.h>
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>

enum { ENVIRONMENT_BYTES = 1024 * 1024 };

/* Moves a descriptor out of the way of 0, 1 and 2; -1 stays -1. */
static int lift_fd(int *fd, struct error *err)
{
	if (*fd < 0)
		return 0;
	int lifted = fcntl(*fd, F_DUPFD_CLOEXEC, 3);
	if (lifted < 0)
		return error_errno(err, errno, "duplicate descriptor %d", *fd);
	*fd = lifted;
	return 0;
}

/* 0, 1 and 2 become the container's; of all others only those in keep[] stay open. */
static int arrange_fds(const struct container_spec *spec, int *keep[2], struct error *err)
{
	int stdio[3] = {spec->stdin_fd, spec->stdout_fd, spec->stderr_fd};
	for (int i = 0; i < 3; i++)
		if (lift_fd(&stdio[i], err) < 0)
			return -1;
	if (lift_fd(keep[0], err) < 0 || lift_fd(keep[1], err) < 0)
		return -1;
	for (int i = 0; i < 3; i++) {
		/* One that is not given is filled inside; until then its number is kept busy. */
		if (dup2(stdio[i] < 0 ? *keep[0] : stdio[i], i) < 0)
			return error_errno(err, errno, "set descriptor %d", i);
	}
	int kept[2] = {*keep[0], *keep[1]};
	confine_close_fds(kept, kept[1] < 0 ? 1 : 2);
	return 0;
}

/* What is not given is the container's own /dev/null: with the machine's, a container's root could
 * change the owner and mode of the machine's node. */
static int fill_stdio(const struct container_spec *spec, struct error *err)
{
	const int given[3] = {spec->stdin_fd, spec->stdout_fd, spec->stderr_fd};
	for (int i = 0; i < 3; i++) {
		if (given[i] >= 0)
			continue;
		_cleanup_close_ int fd = open("/dev/null", O_RDWR | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0 || dup2(fd, i) < 0)
			return error_errno(err, errno, "open the container's /dev/null");
	}
	return 0;
}

/* What a process inherits and a container must not: PID 1's signal mask and dispositions, session,
 * umask. Until execve nobody may attach to the process or read its memory. */
static int become_ordinary(struct error *err)
{
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return error_errno(err, errno, "become undumpable");
	confine_reset_signals();
	if (setsid() < 0)
		return error_errno(err, errno, "start a session");
	umask(0); /* modes below are meant as they are written */
	return 0;
}

/* clone3 has made the other namespaces. The cgroup namespace must be made here: its root is the
 * cgroup of the process that makes it, which for clone3 is the parent. */
static int enter_namespaces(const struct container_spec *spec, int netns_fd, struct error *err)
{
	if (unshare(CLONE_NEWCGROUP) < 0)
		return error_errno(err, errno, "make a cgroup namespace");
	if (netns_fd >= 0 && setns(netns_fd, CLONE_NEWNET) < 0)
		return error_errno(err, errno, "join the network namespace");
	if (spec->hostname && sethostname(spec->hostname, strlen(spec->hostname)) < 0)
		return error_errno(err, errno, "set the host name \"%s\"", spec->hostname);
	return 0;
}

static int build_environment(const struct container_spec *spec, const char *home,
			     struct string_list *out, struct error *err)
{
	struct arena arena;
	void *block = malloc(ENVIRONMENT_BYTES); /* lives until execve */
	if (!block)
		return error_errno(err, ENOMEM, "build the environment");
	arena_init(&arena, block, ENVIRONMENT_BYTES);
	return environment_build(&spec->env, spec->hostname, home, &arena, out, err);
}

static int child_story(const struct container_spec *spec, int *status_fd, int *exit_status,
		       struct error *err)
{
	struct rootfs rootfs = ROOTFS_INIT;
	struct identity identity;
	struct string_list environment = {0};
	int netns_fd = spec->netns_fd;

	if (arrange_fds(spec, (int *[2]){status_fd, &netns_fd}, err) < 0 ||
	    become_ordinary(err) < 0 || enter_namespaces(spec, netns_fd, err) < 0)
		return -1;
	if (rootfs_build(spec, &rootfs, err) < 0 ||
	    identity_resolve(rootfs.root_fd, spec->user, &identity, err) < 0 ||
	    build_environment(spec, identity.home, &environment, err) < 0)
		return -1;
	if (rootfs_enter(&rootfs, err) < 0 || fill_stdio(spec, err) < 0 ||
	    process_enter_directory(rootfs.root_fd, spec->working_dir, err) < 0 ||
	    process_limit(rootfs.proc_fd, err) < 0)
		return -1;
	umask(022);
	if (sys_close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) < 0)
		return error_errno(err, errno, "mark descriptors close-on-exec");
	if (process_confine(&identity, err) < 0)
		return -1;
	return process_execute(&spec->args, &environment, exit_status, err);
}

_Noreturn void child_run(const struct container_spec *spec, int status_fd)
{
	struct error err = ERROR_INIT;
	int exit_status = CONTAINER_SETUP_FAILED;
	child_story(spec, &status_fd, &exit_status, &err);

	uint8_t storage[CHILD_REPORT_MAX];
	struct frame frame;
	frame_begin(&frame, CHILD_FAILED, storage, sizeof storage);
	frame_put_u64(&frame, (uint64_t)exit_status);
	frame_put_u64(&frame, (uint64_t)err.code);
	frame_put_string(&frame, err.text);
	frame_send(status_fd, &frame, NULL);
	_exit(exit_status);
}

int child_report_decode(struct frame *frame, int *exit_status, struct error *err)
{
	char text[ERROR_TEXT_MAX];
	uint64_t status = frame_get_u64(frame);
	uint64_t code = frame_get_u64(frame);
	frame_get_text(frame, text, sizeof text);
	*exit_status = CONTAINER_SETUP_FAILED;
	if (frame->type != CHILD_FAILED || !frame_done(frame) || code > 4095 ||
	    status < CONTAINER_SETUP_FAILED || status > CONTAINER_NOT_FOUND)
		return error_set(err, "the starting container sent a malformed report");
	*exit_status = (int)status;
	error_set(err, "%s", text);
	if (err)
		err->code = (int)code;
	return -1;
}
