// SPDX-License-Identifier: Apache-2.0
#include "runtime/mask.h"

#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/syscalls.h"
#include "lib/mount.h"
#include "runtime/resolve.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

/* Mounted in the machine, and thereby in the copy of its mounts that every container starts from:
 * a detached mount could not be copied there before Linux 6.15. */
#define MASK_DIRECTORY "/run/berth/mask"

enum { TMPFS_TYPE = 0x01021994 };

static const uint64_t LOCKED = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
			       MOUNT_ATTR_NOEXEC;

static int fill(int mount_fd, mode_t mode, struct error *err)
{
	_cleanup_close_ int file =
		openat(mount_fd, "file", O_RDONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	if (file < 0)
		return error_errno(err, errno, "create the mask file");
	if (mkdirat(mount_fd, "directory", 0555) < 0 || mkdirat(mount_fd, MASK_PLACE, 0) < 0)
		return error_errno(err, errno, "create the mask directory");
	return mount_freeze(mount_fd, err) < 0 ? error_context(err, "masks") : 0;
}

static int make(mode_t mode, struct error *err)
{
	static const struct mount_option OPTIONS[] = {
		{"size", "4k"}, {"nr_inodes", "4"}, {"mode", "0555"}, {NULL, NULL}};
	_cleanup_close_ int mount_fd =
		mount_new("tmpfs", OPTIONS, LOCKED & ~MOUNT_ATTR_RDONLY, err);
	return mount_fd < 0 || fill(mount_fd, mode, err) < 0 ? -1 : steal_fd(&mount_fd);
}

int mask_make(struct error *err)
{
	return make(0, err);
}

int mask_prepare(struct error *err)
{
	struct statfs fs;
	if (statfs(MASK_DIRECTORY "/file", &fs) == 0 && fs.f_type == TMPFS_TYPE)
		return 0;
	_cleanup_close_ int mount_fd = make(0, err);
	if (mount_fd < 0 || make_directories(MASK_DIRECTORY, 0755, err) < 0)
		return -1;
	_cleanup_close_ int target = open(MASK_DIRECTORY, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (target < 0)
		return error_errno(err, errno, "open %s", MASK_DIRECTORY);
	return mount_attach(mount_fd, target, MASK_DIRECTORY, err);
}

int mask_open(const char *place, struct error *err)
{
	if (!place) {
		int fd = open(MASK_DIRECTORY, O_PATH | O_DIRECTORY | O_CLOEXEC);
		return fd < 0 ? error_errno(err, errno, "open %s", MASK_DIRECTORY) : fd;
	}
	/* A detached mount could not be copied before Linux 6.15. */
	_cleanup_close_ int fd = make(0444, err);
	_cleanup_close_ int target = open(place, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (target < 0)
		target = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 || mount_attach(fd, target, "masks", err) < 0 ? -1 : steal_fd(&fd);
}

/* A path that is not there needs no mask; any other failure is one. Many are not, so that no message
 * is made of it. */
static int open_at(int root_fd, const char *path, bool *absent, struct error *err)
{
	int fd = sys_openat2(root_fd, path, O_PATH, 0, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
	*absent = fd < 0 && (errno == ENOENT || errno == ENOTDIR);
	return fd < 0 && !*absent ? error_errno(err, errno, "open \"%s\" in the container", path)
				  : fd;
}

/* The rest of the path behind its first component; NULL when that is another one. */
static const char *behind(const char *path, const char *first)
{
	size_t length = strlen(first);
	path += strspn(path, "/");
	if (strncmp(path, first, length) != 0 || path[length] != '/')
		return NULL;
	return path + length + strspn(path + length, "/");
}

static int open_place(const struct mask_places *places, const char *path, bool *absent,
		      struct error *err)
{
	const char *in_proc = behind(path, "proc"), *in_sys = behind(path, "sys");
	if (in_proc && *in_proc && places->proc_fd >= 0)
		return open_at(places->proc_fd, in_proc, absent, err);
	if (in_sys && *in_sys && places->sys_fd >= 0)
		return open_at(places->sys_fd, in_sys, absent, err);
	return open_at(places->root_fd, path, absent, err);
}

static int mask_path(int masks_fd, const struct mask_places *places, const char *path,
		     struct error *err)
{
	bool absent;
	_cleanup_close_ int target = open_place(places, path, &absent, err);
	struct stat st;
	if (target < 0)
		return absent ? 0 : error_context(err, "mask %s", path);
	if (fstat(target, &st) < 0)
		return error_errno(err, errno, "inspect %s", path);
	_cleanup_close_ int cover = mount_copy(
		masks_fd, S_ISDIR(st.st_mode) ? "directory" : "file", LOCKED, err);
	return cover < 0 ? -1 : mount_attach(cover, target, path, err);
}

static int protect_path(const struct mask_places *places, const char *path, struct error *err)
{
	bool absent;
	_cleanup_close_ int target = open_place(places, path, &absent, err);
	if (target < 0)
		return absent ? 0 : error_context(err, "protect %s", path);
	_cleanup_close_ int cover = mount_copy_all(target, "", MOUNT_ATTR_RDONLY, err);
	return cover < 0 ? -1 : mount_attach(cover, target, path, err);
}

int mask_thermal(int masks_fd, const struct mask_places *places, struct error *err)
{
	for (int cpu = 0; places->sys_fd >= 0; cpu++) {
		char path[80];
		struct stat st;
		snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%d/thermal_throttle", cpu);
		if (fstatat(places->sys_fd, path + strlen("/sys/"), &st, AT_SYMLINK_NOFOLLOW) < 0)
			return 0;
		if (mask_path(masks_fd, places, path, err) < 0)
			return -1;
	}
	return 0;
}

int mask_apply(int masks_fd, const struct mask_places *places, const struct string_list *masked,
	       const struct string_list *readonly, struct error *err)
{
	/* What is masked may lie in what is read-only, whose copy takes the mask along. */
	for (size_t i = 0; i < masked->count; i++)
		if (mask_path(masks_fd, places, masked->items[i], err) < 0)
			return -1;
	for (size_t i = 0; i < readonly->count; i++)
		if (protect_path(places, readonly->items[i], err) < 0)
			return -1;
	return 0;
}
