// SPDX-License-Identifier: Apache-2.0
#include "lib/mount.h"

#include "lib/cleanup.h"
#include "lib/syscalls.h"

#include <errno.h>
#include <string.h>
#include <sys/mount.h>

/* The kernel queues lines such as "e overlay: …" on the file system context. */
static int explain(int fs_fd, const char *type, const char *step, struct error *err)
{
	int code = errno;
	char line[256];
	ssize_t got = read(fs_fd, line, sizeof line - 1);
	if (got <= 0)
		return error_errno(err, code, "mount %s: %s", type, step);
	line[got] = 0;
	line[strcspn(line, "\n")] = 0;
	return error_errno(err, code, "mount %s: %s: %s", type, step,
			   got > 2 && line[1] == ' ' ? line + 2 : line);
}

int mount_new(const char *type, const struct mount_option *options, uint64_t attributes,
	      struct error *err)
{
	_cleanup_close_ int fs_fd = sys_fsopen(type, FSOPEN_CLOEXEC);
	if (fs_fd < 0)
		return error_errno(err, errno, "open file system type %s", type);
	for (; options && options->key; options++) {
		unsigned command = options->value ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG;
		if (sys_fsconfig(fs_fd, command, options->key, options->value, 0) < 0)
			return explain(fs_fd, type, options->key, err);
	}
	if (sys_fsconfig(fs_fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return explain(fs_fd, type, "create", err);
	int mount_fd = sys_fsmount(fs_fd, FSMOUNT_CLOEXEC, (unsigned)attributes);
	return mount_fd < 0 ? explain(fs_fd, type, "mount", err) : mount_fd;
}

static int copy(int dir_fd, const char *path, unsigned recursive, uint64_t attributes,
		struct error *err)
{
	_cleanup_close_ int copy = sys_open_tree(dir_fd, path,
						 OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC |
							 AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW |
							 recursive);
	if (copy < 0)
		return error_errno(err, errno, "copy the mount at \"%s\"", path);
	struct mount_attr attr = {.attr_set = attributes, .propagation = MS_PRIVATE};
	if (sys_mount_setattr(copy, "", AT_EMPTY_PATH | recursive, &attr, sizeof attr) < 0)
		return error_errno(err, errno, "set attributes of the mount copied from \"%s\"",
				   path);
	return steal_fd(&copy);
}

int mount_copy(int dir_fd, const char *path, uint64_t attributes, struct error *err)
{
	return copy(dir_fd, path, 0, attributes, err);
}

int mount_copy_all(int dir_fd, const char *path, uint64_t attributes, struct error *err)
{
	return copy(dir_fd, path, AT_RECURSIVE, attributes, err);
}

int mount_attach(int mount_fd, int target_fd, const char *name, struct error *err)
{
	if (sys_move_mount(mount_fd, "", target_fd, "",
			   MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		return error_errno(err, errno, "mount on %s", name);
	return 0;
}

int mount_freeze(int mount_fd, struct error *err)
{
	_cleanup_close_ int fs_fd = (int)syscall(SYS_fspick, mount_fd, "",
						 FSPICK_CLOEXEC | FSPICK_EMPTY_PATH);
	if (fs_fd < 0 || sys_fsconfig(fs_fd, FSCONFIG_SET_FLAG, "ro", NULL, 0) < 0 ||
	    sys_fsconfig(fs_fd, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0) < 0)
		return error_errno(err, errno, "make a file system read-only");
	return 0;
}

int mount_make_private(struct error *err)
{
	struct mount_attr attr = {.propagation = MS_PRIVATE};
	if (sys_mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, &attr, sizeof attr) < 0)
		return error_errno(err, errno, "make the mounts private");
	return 0;
}
