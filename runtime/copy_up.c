// SPDX-License-Identifier: Apache-2.0
/* Fills a new tmpfs, or an empty volume, with what stood at its place. Both sides are descriptors;
 * links are copied, not followed, and what is neither directory, file nor link (nor a device we may
 * make) is left out. Others may have the same volume: owner, mode and attributes are set through the
 * descriptor of what was made, never by its name. */
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/syscalls.h"
#include "runtime/rootfs.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/xattr.h>

enum { DEPTH_MAX = 64, CHUNK = 1 << 20, ATTRIBUTES_MAX = 4096, ATTRIBUTE_MAX = 64 * 1024 };

static int copy_tree(int from_fd, int to_fd, int depth, struct error *err);

static int copy_content(int from, int to, const char *name, struct error *err)
{
	ssize_t got;
	while ((got = sendfile(to, from, NULL, CHUNK)) > 0)
		continue;
	return got < 0 ? error_errno(err, errno, "copy %s", name) : 0;
}

/* Capabilities of files and what users have noted; what the other side does not keep is left out. */
static void copy_attributes(int from, int to)
{
	static char names[ATTRIBUTES_MAX], value[ATTRIBUTE_MAX];
	ssize_t length = flistxattr(from, names, sizeof names);
	for (const char *name = names; length > 0 && name < names + length;
	     name += strlen(name) + 1) {
		ssize_t size = fgetxattr(from, name, value, sizeof value);
		if (size >= 0)
			fsetxattr(to, name, value, (size_t)size, 0);
	}
}

/* Owner first: a change of it clears the set-ID bits and the capabilities. */
static int copy_metadata(int from, int to, const char *name, struct error *err)
{
	struct stat st;
	if (fstat(from, &st) < 0)
		return error_errno(err, errno, "inspect %s", name);
	if (fchown(to, st.st_uid, st.st_gid) < 0 && errno != EPERM && errno != EINVAL)
		return error_errno(err, errno, "set the owner of %s", name);
	copy_attributes(from, to);
	if (fchmod(to, st.st_mode & 07777) < 0)
		return error_errno(err, errno, "set the mode of %s", name);
	const struct timespec times[2] = {st.st_atim, st.st_mtim};
	futimens(to, times);
	return 0;
}

static int copy_file(int from_fd, int to_fd, const char *name, struct error *err)
{
	_cleanup_close_ int from =
		openat(from_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	_cleanup_close_ int to = openat(
		to_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (from < 0 || to < 0)
		return error_errno(err, errno, "copy %s", name);
	return copy_content(from, to, name, err) < 0 ? -1 : copy_metadata(from, to, name, err);
}

static int copy_link(int from_fd, int to_fd, const char *name, const struct stat *st,
		     struct error *err)
{
	char target[PATH_MAX];
	ssize_t length = readlinkat(from_fd, name, target, sizeof target - 1);
	if (length < 0)
		return error_errno(err, errno, "copy %s", name);
	target[length] = 0;
	if (symlinkat(target, to_fd, name) < 0)
		return error_errno(err, errno, "copy %s", name);
	const struct timespec times[2] = {st->st_atim, st->st_mtim};
	fchownat(to_fd, name, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW);
	utimensat(to_fd, name, times, AT_SYMLINK_NOFOLLOW);
	return 0;
}

static int copy_directory(int from_fd, int to_fd, const char *name, int depth, struct error *err)
{
	if (mkdirat(to_fd, name, 0700) < 0)
		return error_errno(err, errno, "copy %s", name);
	int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	_cleanup_close_ int from = openat(from_fd, name, flags);
	_cleanup_close_ int to = openat(to_fd, name, flags);
	if (from < 0 || to < 0)
		return error_errno(err, errno, "copy %s", name);
	return copy_tree(from, to, depth + 1, err) < 0 ? -1 : copy_metadata(from, to, name, err);
}

/* A FIFO, or a device that we may make; its mode is given as it is made. */
static void copy_node(int to_fd, const char *name, const struct stat *st)
{
	mode_t mask = umask(0);
	if (mknodat(to_fd, name, st->st_mode, st->st_rdev) == 0)
		fchownat(to_fd, name, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW);
	umask(mask);
}

static int copy_entry(int from_fd, int to_fd, const char *name, int depth, struct error *err)
{
	struct stat st;
	if (fstatat(from_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return error_errno(err, errno, "inspect %s", name);
	if (S_ISDIR(st.st_mode))
		return copy_directory(from_fd, to_fd, name, depth, err);
	if (S_ISREG(st.st_mode))
		return copy_file(from_fd, to_fd, name, err);
	if (S_ISLNK(st.st_mode))
		return copy_link(from_fd, to_fd, name, &st, err);
	copy_node(to_fd, name, &st);
	return 0;
}

static int copy_tree(int from_fd, int to_fd, int depth, struct error *err)
{
	if (depth > DEPTH_MAX)
		return error_set(err, "directories deeper than %d are not copied", DEPTH_MAX);
	int again = openat(from_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_closedir_ DIR *dir = again < 0 ? NULL : fdopendir(again);
	if (!dir)
		return error_errno(err, errno, "list a directory to copy it");
	for (struct dirent *entry; (entry = readdir(dir));) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (copy_entry(from_fd, to_fd, entry->d_name, depth, err) < 0)
			return -1;
	}
	return 0;
}

int copy_up_inside(int from_fd, int to_fd, struct error *err)
{
	return copy_tree(from_fd, to_fd, 0, err);
}

int copy_up(int from_fd, int to_fd, struct error *err)
{
	_cleanup_close_ int to = openat(to_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (to < 0)
		return error_errno(err, errno, "open the directory that is filled");
	return copy_up_inside(from_fd, to, err) < 0
		       ? -1
		       : copy_metadata(from_fd, to, "the directory itself", err);
}
