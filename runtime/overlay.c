// SPDX-License-Identifier: Apache-2.0
/* The root of a container made from layers: an overlay with a writable layer of its own. */
#include "lib/cleanup.h"
#include "lib/mount.h"
#include "lib/syscalls.h"
#include "runtime/remap.h"
#include "runtime/rootfs.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

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
	if (make_upper(fd, spec->layers.items[spec->layers.count - 1], err) < 0 ||
	    make_directory(fd, "work", err) < 0 || make_directory(fd, "files", err) < 0)
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

int overlay_build(const struct container_spec *spec, struct rootfs *rootfs, struct error *err)
{
	rootfs->state_fd = prepare_state(spec, err);
	if (rootfs->state_fd < 0 || remap_layers(spec, err) < 0)
		return -1;
	rootfs->root_fd = mount_overlay(spec, err);
	return rootfs->root_fd < 0 ? -1 : 0;
}
