// SPDX-License-Identifier: Apache-2.0
/* The files in /etc that describe the machine to the container. They live in the state directory
 * and are bound over the image's; a missing file is created in the writable layer for it. The copies
 * that are bound are made while the state directory can be reached, before the root stands. */
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/mount.h"
#include "runtime/remap.h"
#include "runtime/resolve.h"
#include "runtime/rootfs.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <string.h>

static const char *const NAMES[ROOTFS_ETC_FILES] = {"hostname", "hosts", "resolv.conf"};

/* As the machine's own: others write it again when a lease changes. */
static int write_file(const struct container_spec *spec, int files_fd, const char *name,
		      const char *text, struct error *err)
{
	remap_pause(spec);
	int result = file_write(files_fd, name, text, strlen(text), 0644, err);
	remap_resume(spec);
	return result;
}

static int make_file(const struct container_spec *spec, int files_fd, const char *name,
		     const char *text, struct error *err)
{
	if (write_file(spec, files_fd, name, text, err) < 0)
		return -1;
	_cleanup_close_ int copy =
		mount_copy(files_fd, name, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
			   err);
	return copy < 0 || remap_mount(spec, copy, name, err) < 0 ? -1 : steal_fd(&copy);
}

int etc_make(const struct container_spec *spec, struct rootfs *rootfs, struct error *err)
{
	char hostname[256];
	snprintf(hostname, sizeof hostname, "%s\n", spec->hostname ? spec->hostname : "");
	const char *const texts[ROOTFS_ETC_FILES] = {
		spec->hostname ? hostname : NULL,
		spec->hosts,
		spec->resolv_conf,
	};
	_cleanup_close_ int files_fd =
		openat(rootfs->state_fd, "files", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (files_fd < 0)
		return error_errno(err, errno, "open the directory of generated files");
	for (size_t i = 0; i < ROOTFS_ETC_FILES; i++) {
		if (!texts[i])
			continue;
		rootfs->etc_fds[i] = make_file(spec, files_fd, NAMES[i], texts[i], err);
		if (rootfs->etc_fds[i] < 0)
			return -1;
	}
	return 0;
}

int etc_attach(struct rootfs *rootfs, struct error *err)
{
	char path[64];
	for (size_t i = 0; i < ROOTFS_ETC_FILES; i++) {
		if (rootfs->etc_fds[i] < 0)
			continue;
		snprintf(path, sizeof path, "/etc/%s", NAMES[i]);
		_cleanup_close_ int target = resolve_file(rootfs->root_fd, path, err);
		if (target < 0 || mount_attach(rootfs->etc_fds[i], target, path, err) < 0)
			return -1;
		close(steal_fd(&rootfs->etc_fds[i]));
	}
	return 0;
}
