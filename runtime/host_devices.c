// SPDX-License-Identifier: Apache-2.0
/* All devices of the machine, for a privileged container: the nodes of its /dev with their numbers,
 * modes and owners. What stands in the container's /dev already stays. */
#include "lib/cleanup.h"
#include "lib/file.h"
#include "runtime/resolve.h"
#include "runtime/rootfs.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

enum { DEPTH_MAX = 4 };

/* File systems of their own, and the terminal that is the container's own if it has one. */
static bool is_left_out(const char *name, int depth)
{
	static const char *const names[] = {"pts", "shm", "mqueue", "fd", "console", "hugepages"};
	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return true;
	for (size_t i = 0; depth == 0 && i < countof(names); i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

static int copy_node(int to_fd, const char *name, const struct stat *st, struct error *err)
{
	if (mknodat(to_fd, name, st->st_mode, st->st_rdev) < 0)
		return errno == EEXIST ? 0 : error_errno(err, errno, "create the device %s", name);
	if (fchownat(to_fd, name, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW) < 0)
		return error_errno(err, errno, "set the owner of the device %s", name);
	return 0;
}

static int copy_nodes(int from_fd, int to_fd, int depth, struct error *err);

static int copy_folder(int from_fd, int to_fd, const char *name, int depth, struct error *err)
{
	int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	if (depth == DEPTH_MAX)
		return error_set(err, "devices in folders deeper than %d", DEPTH_MAX);
	if (mkdirat(to_fd, name, 0755) < 0 && errno != EEXIST)
		return error_errno(err, errno, "create the folder %s of devices", name);
	_cleanup_close_ int from = openat(from_fd, name, flags);
	_cleanup_close_ int to = openat(to_fd, name, flags);
	if (from < 0 || to < 0)
		return error_errno(err, errno, "open the folder %s of devices", name);
	return copy_nodes(from, to, depth + 1, err);
}

static int copy_nodes(int from_fd, int to_fd, int depth, struct error *err)
{
	int again = openat(from_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_closedir_ DIR *dir = again < 0 ? NULL : fdopendir(again);
	if (!dir)
		return error_errno(err, errno, "list the machine's devices");
	for (struct dirent *entry; (entry = readdir(dir));) {
		const char *name = entry->d_name;
		struct stat st;
		/* Devices come and go. */
		if (is_left_out(name, depth) ||
		    fstatat(from_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		bool node = S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode);
		if (S_ISDIR(st.st_mode) && copy_folder(from_fd, to_fd, name, depth, err) < 0)
			return -1;
		if (node && copy_node(to_fd, name, &st, err) < 0)
			return -1;
	}
	return 0;
}

int host_devices_open(struct error *err)
{
	int fd = open("/dev", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? error_errno(err, errno, "open the machine's /dev") : fd;
}

int host_devices_copy(int devices_fd, int root_fd, struct error *err)
{
	_cleanup_close_ int to = resolve_real_directory(root_fd, "dev", err);
	return to < 0 ? -1 : copy_nodes(devices_fd, to, 0, err);
}
