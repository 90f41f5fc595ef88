// SPDX-License-Identifier: Apache-2.0
/*
 * Secrets and configuration files: in memory, never on a disk. All files of a container are on one
 * tmpfs, which is read-only as a file system before a container sees any of them; each is bound to
 * its place.
 */
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/mount.h"
#include "lib/syscalls.h"
#include "runtime/mask.h"
#include "runtime/remap.h"
#include "runtime/resolve.h"
#include "runtime/rootfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

enum { PAGE = 4096 };

static const uint64_t LOCKED = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;

static int make_filesystem(const struct container_spec *spec, struct error *err)
{
	char size[24], inodes[24];
	size_t bytes = PAGE;
	for (size_t i = 0; i < spec->file_count; i++)
		bytes += (spec->files[i].size + PAGE - 1) / PAGE * PAGE;
	snprintf(size, sizeof size, "%zu", bytes);
	snprintf(inodes, sizeof inodes, "%zu", spec->file_count + 2);
	const struct mount_option options[] = {
		{"source", "files"}, {"size", size}, {"nr_inodes", inodes}, {"mode", "0700"}, {NULL, NULL}};
	return mount_new("tmpfs", options, LOCKED, err);
}

static int write_file(int fs_fd, const char *name, const struct spec_file *file, struct error *err)
{
	_cleanup_close_ int fd =
		openat(fs_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0 || write_all(fd, file->bytes, file->size, err) < 0 ||
	    fchown(fd, file->uid, file->gid) < 0 || fchmod(fd, file->mode & 0777) < 0)
		return error_errno(err, errno, "write %s", file->destination);
	return 0;
}

static int bind_file(const struct container_spec *spec, int fs_fd, int root_fd, const char *name,
		     const struct spec_file *file, struct error *err)
{
	_cleanup_close_ int source = mount_copy(fs_fd, name, LOCKED | MOUNT_ATTR_RDONLY, err);
	if (source < 0 || remap_mount(spec, source, file->destination, err) < 0)
		return -1;
	_cleanup_close_ int target = resolve_file(root_fd, file->destination, err);
	return target < 0 ? -1 : mount_attach(source, target, file->destination, err);
}

/* Attached, because a detached mount could not be copied before Linux 6.15: on top of the masks,
 * beside the container's root, where no path leads. */
static int attach(int fs_fd, int masks_fd, struct error *err)
{
	_cleanup_close_ int place =
		openat(masks_fd, MASK_PLACE, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (place < 0)
		return error_errno(err, errno, "open a place for files");
	return mount_attach(fs_fd, place, "files", err);
}

int files_build(const struct container_spec *spec, const struct rootfs *rootfs, struct error *err)
{
	char name[24];
	if (!spec->file_count)
		return 0;
	_cleanup_close_ int fs_fd = make_filesystem(spec, err);
	if (fs_fd < 0)
		return -1;
	for (size_t i = 0; i < spec->file_count; i++) {
		snprintf(name, sizeof name, "%zu", i);
		if (write_file(fs_fd, name, &spec->files[i], err) < 0)
			return -1;
	}
	if (mount_freeze(fs_fd, err) < 0 || attach(fs_fd, rootfs->masks_fd, err) < 0)
		return error_context(err, "files of the container");
	for (size_t i = 0; i < spec->file_count; i++) {
		snprintf(name, sizeof name, "%zu", i);
		if (bind_file(spec, fs_fd, rootfs->root_fd, name, &spec->files[i], err) < 0)
			return error_context(err, "file %s", spec->files[i].destination);
	}
	return 0;
}
