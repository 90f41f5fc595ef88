// SPDX-License-Identifier: Apache-2.0
/* The files in /etc that describe the machine to the container. They live in the state directory
 * and are bound over the image's; a missing file is created in the writable layer for it. */
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

/* As the machine's own: others write it again when a lease changes. */
static int write_file(const struct container_spec *spec, int files_fd, const char *name,
		      const char *text, struct error *err)
{
	remap_pause(spec);
	int result = file_write(files_fd, name, text, strlen(text), 0644, err);
	remap_resume(spec);
	return result;
}

static int bind_file(const struct container_spec *spec, int root_fd, int files_fd, const char *name,
		     const char *text, struct error *err)
{
	char target_path[64];
	snprintf(target_path, sizeof target_path, "/etc/%s", name);
	if (write_file(spec, files_fd, name, text, err) < 0)
		return -1;
	_cleanup_close_ int source =
		mount_copy(files_fd, name, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
			   err);
	if (source < 0 || remap_mount(spec, source, target_path, err) < 0)
		return -1;
	_cleanup_close_ int target = resolve_file(root_fd, target_path, err);
	return target < 0 ? -1 : mount_attach(source, target, target_path, err);
}

int etc_build(const struct container_spec *spec, int root_fd, int state_fd, struct error *err)
{
	char hostname[256];
	snprintf(hostname, sizeof hostname, "%s\n", spec->hostname ? spec->hostname : "");
	const struct {
		const char *name, *text;
	} files[] = {
		{"hostname", spec->hostname ? hostname : NULL},
		{"hosts", spec->hosts},
		{"resolv.conf", spec->resolv_conf},
	};
	_cleanup_close_ int files_fd =
		openat(state_fd, "files", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (files_fd < 0)
		return error_errno(err, errno, "open the directory of generated files");
	for (size_t i = 0; i < countof(files); i++)
		if (files[i].text &&
		    bind_file(spec, root_fd, files_fd, files[i].name, files[i].text, err) < 0)
			return -1;
	return 0;
}
