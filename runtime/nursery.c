// SPDX-License-Identifier: Apache-2.0
#include "runtime/nursery.h"

#include "lib/cleanup.h"
#include "lib/mount.h"
#include "lib/syscalls.h"
#include "runtime/mask.h"

#include <errno.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/wait.h>

#ifndef PIDFD_GET_MNT_NAMESPACE
#define PIDFD_GET_MNT_NAMESPACE _IO(0xff, 3) /* [6.11] */
#endif

/* Kept for the life of the program. Aside is one that is bare yet. */
static int nursery_fd = -1, aside_fd = -1;

int nursery_descriptor(void)
{
	return nursery_fd;
}

static int own_namespace(int pidfd, struct error *err)
{
	int fd = ioctl(pidfd, PIDFD_GET_MNT_NAMESPACE, 0);
	return fd < 0 ? error_errno(err, errno, "open the own mount namespace") : fd;
}

/* On top of "/": no path leads to what is below, and a container's root goes on top of this one. */
static int cover_root(int masks_fd, struct error *err)
{
	_cleanup_close_ int target = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (target < 0)
		return error_errno(err, errno, "open the root directory");
	return mount_attach(masks_fd, target, "/", err);
}

static int return_to(int own_fd, struct error *err)
{
	if (setns(own_fd, CLONE_NEWNS) < 0)
		return error_errno(err, errno, "return to the machine's mount namespace");
	return 0;
}

int nursery_set_aside(struct error *err)
{
	_cleanup_close_ int pidfd = sys_pidfd_open(getpid(), 0);
	_cleanup_close_ int own = own_namespace(pidfd, err);
	if (own < 0)
		return -1;
	if (unshare(CLONE_NEWNS) < 0)
		return error_errno(err, errno, "make a mount namespace for containers");
	_cleanup_close_ int made = own_namespace(pidfd, err);
	if (return_to(own, err) < 0 || made < 0)
		return -1;
	/* Without a console the first three numbers are free, and are taken for the streams later. */
	aside_fd = fcntl(made, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	return aside_fd < 0 ? error_errno(err, errno, "keep a mount namespace for containers") : 0;
}

/* Gives the one that was set aside its root. */
static int furnish(struct error *err)
{
	_cleanup_close_ int pidfd = sys_pidfd_open(getpid(), 0);
	_cleanup_close_ int own = own_namespace(pidfd, err);
	_cleanup_close_ int masks = own < 0 ? -1 : mask_make(err);
	if (masks < 0)
		return -1;
	if (setns(aside_fd, CLONE_NEWNS) < 0)
		return error_errno(err, errno, "enter the mount namespace for containers");
	bool good = mount_make_private(err) == 0 && cover_root(masks, err) == 0;
	if (return_to(own, err) < 0 || !good)
		return -1;
	nursery_fd = steal_fd(&aside_fd);
	return 0;
}

/* The uppermost mount of what was "/" is at "." each time, until none is left in this namespace. */
static int detach_below(int old_fd, struct error *err)
{
	int count = 0;
	if (fchdir(old_fd) < 0)
		return error_errno(err, errno, "enter the machine's root");
	while (umount2(".", MNT_DETACH) == 0)
		count++;
	return errno == EINVAL && count ? 0 : error_errno(err, errno, "detach the machine's root");
}

static int leave_only(int masks_fd, struct error *err)
{
	_cleanup_close_ int old_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (old_fd < 0 || mount_make_private(err) < 0 || cover_root(masks_fd, err) < 0)
		return -1;
	if (fchdir(masks_fd) < 0 || sys_pivot_root(".", ".") < 0)
		return error_errno(err, errno, "change the root directory");
	return detach_below(old_fd, err);
}

struct answer {
	int fd; /* of the namespace, in the table that both share */
	struct error err;
};

static _Noreturn void build(int masks_fd, int answer_fd)
{
	struct answer answer = {.err = ERROR_INIT};
	answer.fd = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	if (answer.fd < 0)
		error_errno(&answer.err, errno, "open the own mount namespace");
	else if (leave_only(masks_fd, &answer.err) < 0)
		close(steal_fd(&answer.fd));
	_exit(write(answer_fd, &answer, sizeof answer) != sizeof answer);
}

/* By a child that shares the descriptors. It has no signal at its end: the reaper of PID 1 does not
 * see it. */
int nursery_prepare(struct error *err)
{
	int ends[2];
	struct answer answer = {.fd = -1};
	struct clone_args args = {.flags = CLONE_NEWNS | CLONE_FILES | CLONE_VFORK};
	if (nursery_fd >= 0)
		return 0;
	if (aside_fd >= 0)
		return furnish(err);
	_cleanup_close_ int masks = mask_make(err);
	if (masks < 0)
		return -1;
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
		return error_errno(err, errno, "create a pipe");
	_cleanup_close_ int reader = ends[0], writer = ends[1];
	pid_t pid = sys_clone3(&args);
	if (pid == 0)
		build(masks, writer);
	if (pid < 0)
		return error_errno(err, errno, "make a mount namespace for containers");
	while (waitpid(pid, NULL, __WALL) < 0 && errno == EINTR)
		continue;
	if (read(reader, &answer, sizeof answer) != sizeof answer)
		return error_set(err, "make a mount namespace for containers: the process died");
	if (answer.fd < 0)
		return error_set(err, "make a mount namespace for containers: %s", answer.err.text);
	nursery_fd = answer.fd;
	return 0;
}

int nursery_enter(struct error *err)
{
	if (setns(nursery_fd, CLONE_NEWNS) < 0 || unshare(CLONE_NEWNS) < 0)
		return error_errno(err, errno, "leave the machine's mounts");
	return 0;
}
