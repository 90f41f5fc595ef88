// SPDX-License-Identifier: Apache-2.0
#include "runtime/rootfs.h"

#include "lib/cleanup.h"
#include "lib/mount.h"
#include "lib/syscalls.h"
#include "runtime/mask.h"
#include "runtime/namespaces.h"
#include "runtime/nursery.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>

/* A directory becomes a mount of its own: it must be one to become the root. */
static int attach_directory(const struct container_spec *spec, int copy_fd, struct rootfs *rootfs,
			    struct error *err)
{
	/* Shared is a group of the container's own, which the host's mounts do not reach either. */
	unsigned long propagation = spec->root_propagation & MS_SLAVE ? MS_SLAVE : MS_PRIVATE;
	struct mount_attr attr = {.propagation = propagation};
	rootfs->root_fd = fcntl(copy_fd, F_DUPFD_CLOEXEC, 3);
	if (rootfs->root_fd < 0 ||
	    sys_mount_setattr(copy_fd, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr, sizeof attr) < 0)
		return error_errno(err, errno, "prepare the root file system");
	/* On itself, where hooks look for it. What a user namespace may not reach goes on top of "/":
	 * absolute paths go on to begin below that, at the host's root. */
	_cleanup_close_ int target = open(spec->root_path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (target < 0)
		target = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (target < 0)
		return error_errno(err, errno, "open the host's root");
	return mount_attach(rootfs->root_fd, target, spec->root_path, err);
}

static bool wants_peers(const struct container_spec *spec)
{
	unsigned long wanted = spec->root_propagation;
	for (size_t i = 0; i < spec->mount_count; i++)
		wanted |= spec->mounts[i].propagation;
	return wanted & (MS_SHARED | MS_SLAVE);
}

/* A user namespace has no power over the nursery. */
bool rootfs_apart(const struct container_spec *spec)
{
	return nursery_descriptor() >= 0 && spec->layers.count && spec->namespaces & CLONE_NEWNS &&
	       !namespaces_new_user(spec) && !spec->remap.on && spec->join[NAMESPACE_USER] < 0 && !wants_peers(spec);
}

static int open_masks(const struct container_spec *spec, const struct start_links *links,
		      struct rootfs *rootfs, struct error *err)
{
	if (rootfs_apart(spec))
		rootfs->masks_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	else if (spec->masked_paths.count || spec->file_count)
		rootfs->masks_fd = mask_open(links->own_masks ? spec->root_path : NULL, err);
	else
		return 0;
	return rootfs->masks_fd < 0 ? error_errno(err, errno, "open the masks") : 0;
}

/* On top of "/": absolute paths go on to begin below it, at the old root, until the change of root. */
static int attach_overlay(const struct rootfs *rootfs, struct error *err)
{
	_cleanup_close_ int target = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (target < 0)
		return error_errno(err, errno, "open the old root");
	return mount_attach(rootfs->root_fd, target, "/", err);
}

/* Whatever needs the machine's mounts comes before they are left. */
static int build_layers(const struct container_spec *spec, const struct start_links *links,
			struct rootfs *rootfs, struct error *err)
{
	if (overlay_build(spec, rootfs, err) < 0 || etc_make(spec, rootfs, err) < 0 ||
	    reaper_open(spec, rootfs, err) < 0)
		return -1;
	if (spec->all_devices && (rootfs->devices_fd = host_devices_open(err)) < 0)
		return -1;
	if (rootfs_apart(spec) && (mounts_open(spec, rootfs, err) < 0 || nursery_enter(err) < 0))
		return -1;
	/* Detached mounts have no place to resolve mount points in. */
	if (open_masks(spec, links, rootfs, err) < 0 || attach_overlay(rootfs, err) < 0)
		return -1;
	/* Before the kernel's file systems are there, no link of the image can lead into them. */
	return etc_attach(rootfs, err);
}

static int build_base(const struct container_spec *spec, const struct start_links *links,
		      struct rootfs *rootfs, struct error *err)
{
	if (spec->layers.count)
		return build_layers(spec, links, rootfs, err);
	if (open_masks(spec, links, rootfs, err) < 0)
		return -1;
	return attach_directory(spec, links->root_fd, rootfs, err);
}

static int cover(const struct container_spec *spec, const struct rootfs *rootfs, struct error *err)
{
	const struct mask_places places = {rootfs->root_fd, rootfs->proc_fd, rootfs->sys_fd};
	if (mask_apply(rootfs->masks_fd, &places, &spec->masked_paths, &spec->readonly_paths,
		       err) < 0)
		return -1;
	return spec->mask_thermal ? mask_thermal(rootfs->masks_fd, &places, err) : 0;
}

/* The mount that the root directory lies in: the longest part of its path that is one. */
static int make_place_private(const struct container_spec *spec, struct error *err)
{
	char path[PATH_MAX];
	struct mount_attr attr = {.propagation = MS_PRIVATE};
	if (!spec->root_path || !realpath(spec->root_path, path))
		return 0;
	while (*path && sys_mount_setattr(AT_FDCWD, path, 0, &attr, sizeof attr) < 0) {
		if (errno != EINVAL)
			return error_errno(err, errno, "make %s private", path);
		*strrchr(path, '/') = 0;
	}
	return 0;
}

/* Nothing that is mounted from here on is seen outside. Where a bind mount is to go on receiving
 * what the host mounts, the host's mounts stay peers of theirs until they have been copied; only those
 * that the container's root goes on top of do not. */
static int isolate(const struct container_spec *spec, struct error *err)
{
	struct mount_attr attr = {.propagation = MS_PRIVATE};
	if (!wants_peers(spec))
		return mount_make_private(err);
	if (sys_mount_setattr(AT_FDCWD, "/", 0, &attr, sizeof attr) < 0)
		return error_errno(err, errno, "make the host's root private");
	return make_place_private(spec, err);
}

int rootfs_build(const struct container_spec *spec, const struct start_links *links,
		 struct rootfs *rootfs, struct error *err)
{
	if (!rootfs_apart(spec) && isolate(spec, err) < 0)
		return -1;
	if (build_base(spec, links, rootfs, err) < 0 ||
	    mounts_build(spec, links->sources, rootfs, err) < 0 ||
	    files_build(spec, rootfs, err) < 0 || reaper_build(rootfs, err) < 0 ||
	    devices_build(spec, links->nodes, rootfs, err) < 0)
		return -1;
	return cover(spec, rootfs, err);
}

/* The root is mounted on top of "/" already. */
static int change_root(struct error *err)
{
	if (chroot(".") < 0)
		return error_errno(err, errno, "change the root directory");
	return 0;
}

/* Mounts may stand on top of the old root: "." leads to the uppermost mount there, until the old root
 * itself is gone and the kernel says that "." is no mount of this namespace. */
static int detach_old(int old_fd, struct error *err)
{
	int count = 0;
	/* Or peers in the host would be unmounted too. */
	struct mount_attr attr = {.propagation = MS_PRIVATE};
	if (sys_mount_setattr(old_fd, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr, sizeof attr) < 0)
		return error_errno(err, errno, "make the host's mounts private");
	if (fchdir(old_fd) < 0)
		return error_errno(err, errno, "enter the host's root");
	while (umount2(".", MNT_DETACH) == 0)
		count++;
	if (errno != EINVAL || count == 0)
		return error_errno(err, errno, "detach the host's root");
	return 0;
}

static int pivot_root(struct error *err)
{
	_cleanup_close_ int old_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	/* pivot_root(".", ".") stacks the old root over the new one, without a directory for it
	 * inside the container. */
	if (old_fd < 0 || sys_pivot_root(".", ".") < 0)
		return error_errno(err, errno, "change the root directory%s",
				   errno == EINVAL ? " (is the host's root a mount point? "
						     "--no-pivot works without)"
						   : "");
	return detach_old(old_fd, err);
}

int rootfs_enter(const struct container_spec *spec, const struct rootfs *rootfs,
		 struct error *err)
{
	if (fchdir(rootfs->root_fd) < 0)
		return error_errno(err, errno, "enter the root file system");
	/* Below a root in the nursery there is nothing to get rid of. */
	bool stays = spec->no_pivot || rootfs_apart(spec);
	if ((stays ? change_root(err) : pivot_root(err)) < 0)
		return -1;
	if (chdir("/") < 0)
		return error_errno(err, errno, "enter the new root");
	return 0;
}

int rootfs_finish(const struct container_spec *spec, const struct rootfs *rootfs,
		  struct error *err)
{
	struct mount_attr attr = {.attr_set = spec->root_readonly ? MOUNT_ATTR_RDONLY : 0};
	static const struct mount_attr READ_ONLY = {.attr_set = MOUNT_ATTR_RDONLY};
	if (rootfs->dev_fd >= 0 && sys_mount_setattr(rootfs->dev_fd, "", AT_EMPTY_PATH, &READ_ONLY,
						     sizeof READ_ONLY) < 0)
		return error_errno(err, errno, "make /dev read-only");
	/* Only now: the new root must not be shared while it becomes it. */
	if (spec->root_propagation & (MS_SHARED | MS_UNBINDABLE))
		attr.propagation = spec->root_propagation & (MS_SHARED | MS_UNBINDABLE);
	if (!attr.attr_set && !attr.propagation)
		return 0;
	if (sys_mount_setattr(rootfs->root_fd, "", AT_EMPTY_PATH, &attr, sizeof attr) < 0)
		return error_errno(err, errno, "set the attributes of the root file system");
	return 0;
}
