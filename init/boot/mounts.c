// SPDX-License-Identifier: Apache-2.0
#include "init/boot/steps.h"

#include "lib/cleanup.h"
#include "runtime/nursery.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

static const struct file_system {
	const char *type, *target, *options;
	unsigned long flags;
} table[] = {
	{"proc", "/proc", NULL, MS_NOSUID | MS_NODEV | MS_NOEXEC},
	{"sysfs", "/sys", NULL, MS_NOSUID | MS_NODEV | MS_NOEXEC},
	{"devtmpfs", "/dev", "mode=0755", MS_NOSUID | MS_NOEXEC},
	{"tmpfs", "/run", "mode=0755,size=8m", MS_NOSUID | MS_NODEV | MS_NOEXEC},
}, later[] = {
	{"tmpfs", "/tmp", "mode=1777,size=8m", MS_NOSUID | MS_NODEV | MS_NOEXEC},
	{"cgroup2", "/sys/fs/cgroup", "nsdelegate,memory_recursiveprot",
	 MS_NOSUID | MS_NODEV | MS_NOEXEC},
};

/* pivot_root refuses to leave the kernel's own rootfs; a bind mount of it, moved over it, is a mount
 * like any other. */
static int leave_rootfs(struct error *err)
{
	int bound = mount("/", "/mnt", NULL, MS_BIND, NULL);
	if (bound < 0 && errno == ENOENT && mkdir("/mnt", 0755) == 0)
		bound = mount("/", "/mnt", NULL, MS_BIND, NULL);
	if (bound < 0)
		return error_errno(err, errno, "bind the root file system to /mnt");
	if (chdir("/mnt") < 0 || mount(".", "/", NULL, MS_MOVE, NULL) < 0 || chroot(".") < 0 ||
	    chdir("/") < 0)
		return error_errno(err, errno, "move the root file system");
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return error_errno(err, errno, "make the root file system private");
	return 0;
}

/* Whoever comes out of a container as root must still not be able to change what PID 1 executes. */
int boot_lock_root(struct error *err)
{
	if (mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) < 0)
		return error_errno(err, errno, "make the root file system read-only");
	return 0;
}

static int mount_one(const struct file_system *one)
{
	return mount(one->type, one->target, one->type, one->flags, one->options);
}

/* The folders are there, unless the initramfs is somebody else's. */
static int mount_all(const struct file_system *all, size_t count, struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		int done = mount_one(&all[i]);
		if (done < 0 && errno == ENOENT && mkdir(all[i].target, 0755) == 0)
			done = mount_one(&all[i]);
		if (done < 0)
			return error_errno(err, errno, "mount %s on %s", all[i].type, all[i].target);
	}
	return 0;
}

int boot_mounts(char decision[DECISION_MAX], struct error *err)
{
	umask(022);
	/* Without it, it is made later, of all that is mounted by then. */
	nursery_set_aside(NULL);
	if (leave_rootfs(err) < 0)
		return -1;
	if (mount_all(table, countof(table), err) < 0)
		return -1;
	snprintf(decision, DECISION_MAX, "%zu file systems", countof(table));
	return 0;
}

int boot_mounts_later(char decision[DECISION_MAX], struct error *err)
{
	if (mount_all(later, countof(later), err) < 0)
		return -1;
	snprintf(decision, DECISION_MAX, "%zu more, for containers", countof(later));
	return 0;
}
