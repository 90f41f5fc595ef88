// SPDX-License-Identifier: Apache-2.0
/* Fills a new tmpfs with what stood at its place. Both sides are descriptors; links are copied, not
 * followed, and what is neither directory, file nor link (nor a device we may make) is left out. */
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/syscalls.h"
#include "runtime/rootfs.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

enum { DEPTH_MAX = 64, CHUNK = 1 << 20 };

static int copy_tree(int from_fd, int to_fd, int depth, struct error *err);

static int copy_content(int from, int to, const char *name, struct error *err)
{
	ssize_t got;
	while ((got = sendfile(to, from, NULL, CHUNK)) > 0)
		continue;
	return got < 0 ? error_errno(err, errno, "copy %s", name) : 0;
}

static int copy_file(int from_fd, int to_fd, const char *name, mode_t mode, struct error *err)
{
	_cleanup_close_ int from =
		openat(from_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	_cleanup_close_ int to = openat(to_fd, name,
					O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
					mode & 0777);
	if (from < 0 || to < 0)
		return error_errno(err, errno, "copy %s", name);
	return copy_content(from, to, name, err);
}

static int copy_link(int from_fd, int to_fd, const char *name, struct error *err)
{
	char target[PATH_MAX];
	ssize_t length = readlinkat(from_fd, name, target, sizeof target - 1);
	if (length < 0)
		return error_errno(err, errno, "copy %s", name);
	target[length] = 0;
	return symlinkat(target, to_fd, name) < 0 ? error_errno(err, errno, "copy %s", name) : 0;
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
	return copy_tree(from, to, depth + 1, err);
}

/* Owner first: a change of it clears the set-ID bits. */
static int copy_metadata(int to_fd, const char *name, const struct stat *st, struct error *err)
{
	if (fchownat(to_fd, name, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW) < 0 &&
	    errno != EPERM && errno != EINVAL)
		return error_errno(err, errno, "set the owner of %s", name);
	if (!S_ISLNK(st->st_mode) && fchmodat(to_fd, name, st->st_mode & 07777, 0) < 0)
		return error_errno(err, errno, "set the mode of %s", name);
	const struct timespec times[2] = {st->st_atim, st->st_mtim};
	utimensat(to_fd, name, times, AT_SYMLINK_NOFOLLOW);
	return 0;
}

static int copy_entry(int from_fd, int to_fd, const char *name, int depth, struct error *err)
{
	struct stat st;
	int done = 0;
	if (fstatat(from_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return error_errno(err, errno, "inspect %s", name);
	if (S_ISDIR(st.st_mode))
		done = copy_directory(from_fd, to_fd, name, depth, err);
	else if (S_ISREG(st.st_mode))
		done = copy_file(from_fd, to_fd, name, st.st_mode, err);
	else if (S_ISLNK(st.st_mode))
		done = copy_link(from_fd, to_fd, name, err);
	else if (mknodat(to_fd, name, st.st_mode, st.st_rdev) < 0)
		return 0;
	return done < 0 ? -1 : copy_metadata(to_fd, name, &st, err);
}

static int copy_tree(int from_fd, int to_fd, int depth, struct error *err)
{
	if (depth > DEPTH_MAX)
		return error_set(err, "directories deeper than %d are not copied into a tmpfs",
				 DEPTH_MAX);
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

int copy_up(int from_fd, int to_fd, struct error *err)
{
	struct stat st;
	if (copy_tree(from_fd, to_fd, 0, err) < 0)
		return error_context(err, "tmpcopyup");
	if (fstat(from_fd, &st) < 0)
		return error_errno(err, errno, "inspect the directory that was copied");
	return copy_metadata(to_fd, ".", &st, err);
}
