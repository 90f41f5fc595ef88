// SPDX-License-Identifier: Apache-2.0
#include "runtime/rootfs.h"

#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/mount.h"
#include "lib/syscalls.h"
#include "runtime/mask.h"
#include "runtime/resolve.h"
#include "runtime/sysctl.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>

static const uint64_t PSEUDO = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;

static int make_directory(int state_fd, const char *name, struct error *err)
{
	if (mkdirat(state_fd, name, 0700) < 0 && errno != EEXIST)
		return error_errno(err, errno, "create %s in the state directory", name);
	return 0;
}

/* The root directory that a container sees has the upper layer's owner and mode: those of the
 * image's root, given when the layer is new. */
static int make_upper(int state_fd, const char *lower, struct error *err)
{
	if (mkdirat(state_fd, "upper", 0700) < 0)
		return errno == EEXIST ? 0
				       : error_errno(err, errno, "create the writable layer");
	struct stat st;
	if (stat(lower, &st) < 0)
		return error_errno(err, errno, "inspect the image's root %s", lower);
	if (fchownat(state_fd, "upper", st.st_uid, st.st_gid, AT_SYMLINK_NOFOLLOW) < 0 ||
	    fchmodat(state_fd, "upper", st.st_mode & 07777, 0) < 0)
		return error_errno(err, errno, "set owner and mode of the writable layer");
	return 0;
}

static int prepare_state(const struct container_spec *spec, struct error *err)
{
	_cleanup_close_ int fd = open(spec->state_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return error_errno(err, errno, "open the state directory %s", spec->state_dir);
	if (make_upper(fd, spec->layers.items[spec->layers.count - 1], err) < 0 || make_directory(fd, "work", err) < 0 ||
	    make_directory(fd, "root", err) < 0 || make_directory(fd, "files", err) < 0)
		return -1;
	return steal_fd(&fd);
}

static int mount_overlay(const struct container_spec *spec, struct error *err)
{
	char upper[PATH_MAX], work[PATH_MAX];
	if ((size_t)snprintf(upper, sizeof upper, "%s/upper", spec->state_dir) >= sizeof upper ||
	    (size_t)snprintf(work, sizeof work, "%s/work", spec->state_dir) >= sizeof work)
		return error_errno(err, ENAMETOOLONG, "state directory %.60s…", spec->state_dir);
	struct mount_option options[CONTAINER_LAYERS_MAX + 4] = {
		{"source", "overlay"}, {"upperdir", upper}, {"workdir", work}};
	size_t used = 3;
	for (size_t i = spec->layers.count; i > 0; i--)
		options[used++] = (struct mount_option){"lowerdir+", spec->layers.items[i - 1]};
	return mount_new("overlay", options, 0, err);
}

/* Detached mounts have no place to resolve mount points in, so the overlay is attached first. */
static int attach_root(struct rootfs *rootfs, struct error *err)
{
	_cleanup_close_ int target = openat(rootfs->state_fd, "root",
					    O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (target < 0)
		return error_errno(err, errno, "open the mount point of the root");
	return mount_attach(rootfs->root_fd, target, "/", err);
}

/* A kernel file system on a directory directly in the root, which must not be a link. */
static int mount_kernel_fs(int root_fd, const char *type, const char *name, uint64_t attributes,
			   struct error *err)
{
	_cleanup_close_ int target = resolve_real_directory(root_fd, name, err);
	if (target < 0)
		return -1;
	const struct mount_option options[] = {{"source", type}, {NULL, NULL}};
	_cleanup_close_ int mount_fd = mount_new(type, options, attributes, err);
	if (mount_fd < 0 || mount_attach(mount_fd, target, name, err) < 0)
		return -1;
	return steal_fd(&mount_fd);
}

/* Shows the container's own cgroup as the root of the hierarchy: its cgroup namespace is new. */
static int mount_cgroup(int sys_fd, struct error *err)
{
	_cleanup_close_ int target = sys_openat2(sys_fd, "fs/cgroup", O_PATH | O_DIRECTORY, 0,
						 RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
	if (target < 0)
		return error_errno(err, errno, "open /sys/fs/cgroup in the container");
	static const struct mount_option OPTIONS[] = {{"source", "cgroup"}, {NULL, NULL}};
	_cleanup_close_ int mount_fd =
		mount_new("cgroup2", OPTIONS, PSEUDO | MOUNT_ATTR_RDONLY, err);
	return mount_fd < 0 ? -1 : mount_attach(mount_fd, target, "/sys/fs/cgroup", err);
}

int rootfs_build(const struct container_spec *spec, struct rootfs *rootfs, struct error *err)
{
	if (mount_make_private(err) < 0)
		return -1;
	rootfs->state_fd = prepare_state(spec, err);
	if (rootfs->state_fd < 0)
		return -1;
	rootfs->root_fd = mount_overlay(spec, err);
	if (rootfs->root_fd < 0 || attach_root(rootfs, err) < 0)
		return -1;
	/* Before the kernel's file systems are there, no link of the image can lead into them. */
	if (etc_build(spec, rootfs->root_fd, rootfs->state_fd, err) < 0)
		return -1;
	rootfs->proc_fd = mount_kernel_fs(rootfs->root_fd, "proc", "proc", PSEUDO, err);
	if (rootfs->proc_fd < 0)
		return -1;
	rootfs->sys_fd = mount_kernel_fs(rootfs->root_fd, "sysfs", "sys",
					 PSEUDO | MOUNT_ATTR_RDONLY, err);
	if (rootfs->sys_fd < 0 || mount_cgroup(rootfs->sys_fd, err) < 0)
		return -1;
	if (dev_build(rootfs->root_fd, err) < 0 ||
	    (spec->netns_fd >= 0 && sysctl_apply_network(rootfs->proc_fd, err) < 0))
		return -1;
	return mask_apply(rootfs->proc_fd, rootfs->sys_fd, err);
}

int rootfs_enter(const struct rootfs *rootfs, struct error *err)
{
	/* pivot_root(".", ".") stacks the old root over the new one; detaching "." then takes the
	 * old one away without a directory for it inside the container. */
	if (fchdir(rootfs->root_fd) < 0 || sys_pivot_root(".", ".") < 0)
		return error_errno(err, errno, "change the root directory");
	if (umount2(".", MNT_DETACH) < 0)
		return error_errno(err, errno, "detach the machine's root");
	if (chdir("/") < 0)
		return error_errno(err, errno, "enter the new root");
	return 0;
}
