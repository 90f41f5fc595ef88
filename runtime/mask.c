// SPDX-License-Identifier: Apache-2.0
#include "runtime/mask.h"

#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/syscalls.h"
#include "lib/mount.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/vfs.h>

/* Mounted in the machine, and thereby in the copy of its mounts that every container starts from:
 * a detached mount could not be copied there before Linux 6.15. */
#define MASK_DIRECTORY "/run/berth/mask"

enum { TMPFS_TYPE = 0x01021994 };

static const uint64_t LOCKED = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
			       MOUNT_ATTR_NOEXEC;

static const char *const MASKED_PROC[] = {
	"acpi",  "asound",      "interrupts",  "kcore", "keys", "latency_stats", "sched_debug",
	"scsi",  "timer_list",  "timer_stats",
};
static const char *const MASKED_SYS[] = {"firmware", "devices/virtual/powercap"};
static const char *const READ_ONLY_PROC[] = {"bus", "fs", "irq", "sys", "sysrq-trigger"};

static int fill(int mount_fd, struct error *err)
{
	_cleanup_close_ int file =
		openat(mount_fd, "file", O_RDONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0);
	if (file < 0)
		return error_errno(err, errno, "create the mask file");
	if (mkdirat(mount_fd, "directory", 0555) < 0)
		return error_errno(err, errno, "create the mask directory");
	_cleanup_close_ int fs_fd = (int)syscall(SYS_fspick, mount_fd, "",
						 FSPICK_CLOEXEC | FSPICK_EMPTY_PATH);
	if (fs_fd < 0 || sys_fsconfig(fs_fd, FSCONFIG_SET_FLAG, "ro", NULL, 0) < 0 ||
	    sys_fsconfig(fs_fd, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0) < 0)
		return error_errno(err, errno, "make the masks read-only");
	return 0;
}

int mask_prepare(struct error *err)
{
	struct statfs fs;
	if (statfs(MASK_DIRECTORY "/file", &fs) == 0 && fs.f_type == TMPFS_TYPE)
		return 0;
	static const struct mount_option OPTIONS[] = {
		{"size", "4k"}, {"nr_inodes", "4"}, {"mode", "0555"}, {NULL, NULL}};
	_cleanup_close_ int mount_fd =
		mount_new("tmpfs", OPTIONS, LOCKED & ~MOUNT_ATTR_RDONLY, err);
	if (mount_fd < 0 || fill(mount_fd, err) < 0 ||
	    make_directories(MASK_DIRECTORY, 0755, err) < 0)
		return -1;
	_cleanup_close_ int target = open(MASK_DIRECTORY, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (target < 0)
		return error_errno(err, errno, "open %s", MASK_DIRECTORY);
	return mount_attach(mount_fd, target, MASK_DIRECTORY, err);
}

/* -1 with errno when there is nothing at the path. */
static int open_below(int fs_fd, const char *path)
{
	return sys_openat2(fs_fd, path, O_PATH | O_NOFOLLOW, 0,
			   RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV);
}

/* A path that this kernel does not have needs no mask; any other failure is one. */
static int absent(const char *path, struct error *err)
{
	return errno == ENOENT || errno == ENOTDIR
		       ? 0
		       : error_errno(err, errno, "find %s to mask it", path);
}

static int mask_path(int masks_fd, int fs_fd, const char *path, struct error *err)
{
	_cleanup_close_ int target = open_below(fs_fd, path);
	if (target < 0)
		return absent(path, err);
	struct stat st;
	if (fstat(target, &st) < 0)
		return error_errno(err, errno, "inspect %s", path);
	_cleanup_close_ int cover = mount_copy(
		masks_fd, S_ISDIR(st.st_mode) ? "directory" : "file", LOCKED, err);
	return cover < 0 ? -1 : mount_attach(cover, target, path, err);
}

static int protect_path(int fs_fd, const char *path, struct error *err)
{
	_cleanup_close_ int target = open_below(fs_fd, path);
	if (target < 0)
		return absent(path, err);
	_cleanup_close_ int cover = mount_copy(target, "", LOCKED, err);
	return cover < 0 ? -1 : mount_attach(cover, target, path, err);
}

/* Power and temperature counters leak what other tenants compute. */
static int mask_thermal(int masks_fd, int sys_fd, struct error *err)
{
	for (int cpu = 0;; cpu++) {
		char path[64];
		snprintf(path, sizeof path, "devices/system/cpu/cpu%d/thermal_throttle", cpu);
		struct stat st;
		if (fstatat(sys_fd, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
			return 0;
		if (mask_path(masks_fd, sys_fd, path, err) < 0)
			return -1;
	}
}

int mask_apply(int proc_fd, int sys_fd, struct error *err)
{
	_cleanup_close_ int masks_fd = open(MASK_DIRECTORY, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (masks_fd < 0)
		return error_errno(err, errno, "open %s", MASK_DIRECTORY);
	for (size_t i = 0; i < countof(MASKED_PROC); i++)
		if (mask_path(masks_fd, proc_fd, MASKED_PROC[i], err) < 0)
			return -1;
	for (size_t i = 0; i < countof(MASKED_SYS); i++)
		if (mask_path(masks_fd, sys_fd, MASKED_SYS[i], err) < 0)
			return -1;
	for (size_t i = 0; i < countof(READ_ONLY_PROC); i++)
		if (protect_path(proc_fd, READ_ONLY_PROC[i], err) < 0)
			return -1;
	return mask_thermal(masks_fd, sys_fd, err);
}
