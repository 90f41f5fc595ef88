// SPDX-License-Identifier: Apache-2.0
/*
 * The first content of a volume, as Docker gives it: a volume that is empty when a container mounts
 * it gets what the image has at that place. Two containers may start with one volume at the same
 * time, and the power may go while it is copied: the lock file is held by whoever copies, and has
 * content while the copy is not whole.
 */
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/syscalls.h"
#include "runtime/rootfs.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

enum { WIPE_DEPTH_MAX = 80 }; /* deeper than anything that is copied */

int fill_open_lock(const char *path, struct error *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	return fd < 0 ? error_errno(err, errno, "open %s", path) : fd;
}

static int take(int lock, bool *cut_off, struct error *err)
{
	struct stat st;
	while (flock(lock, LOCK_EX) < 0)
		if (errno != EINTR)
			return error_errno(err, errno, "lock it");
	if (fstat(lock, &st) < 0)
		return error_errno(err, errno, "inspect its lock");
	*cut_off = st.st_size > 0;
	return 0;
}

static int wipe(int dir_fd, int depth, struct error *err);

static int wipe_entry(int dir_fd, const char *name, int depth, struct error *err)
{
	if (unlinkat(dir_fd, name, 0) == 0)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return error_errno(err, errno, "remove %s", name);
	_cleanup_close_ int fd =
		openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return error_errno(err, errno, "remove %s", name);
	if (wipe(fd, depth + 1, err) < 0)
		return -1;
	return unlinkat(dir_fd, name, AT_REMOVEDIR) < 0 ? error_errno(err, errno, "remove %s", name)
							 : 0;
}

/* Everything in the directory. */
static int wipe(int dir_fd, int depth, struct error *err)
{
	if (depth > WIPE_DEPTH_MAX)
		return error_set(err, "directories deeper than %d are not removed", WIPE_DEPTH_MAX);
	int again = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_closedir_ DIR *dir = again < 0 ? NULL : fdopendir(again);
	if (!dir)
		return error_errno(err, errno, "list a directory to empty it");
	for (struct dirent *entry; (entry = readdir(dir));) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
		    wipe_entry(dirfd(dir), entry->d_name, depth, err) < 0)
			return -1;
	}
	return 0;
}

bool fill_is_empty(int dir_fd)
{
	int again = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_closedir_ DIR *dir = again < 0 ? NULL : fdopendir(again);
	for (struct dirent *entry; dir && (entry = readdir(dir));)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			return false;
	return dir != NULL;
}

static int mark(int lock, bool cut_off, struct error *err)
{
	static const char text[] = "a copy is not whole\n";
	bool good = cut_off ? pwrite(lock, text, sizeof text - 1, 0) == sizeof text - 1
			    : ftruncate(lock, 0) == 0;
	return good && fsync(lock) == 0 ? 0 : error_errno(err, errno, "note the state of a volume");
}

int fill_empty(int lock, int target_fd, int volume_fd, bool inside, struct error *err)
{
	bool cut_off = false;
	struct stat st;
	if (fstat(volume_fd, &st) < 0)
		return error_errno(err, errno, "inspect it");
	if (!S_ISDIR(st.st_mode))
		return 0;
	if (take(lock, &cut_off, err) < 0 || (cut_off && wipe(volume_fd, 0, err) < 0))
		return -1;
	_cleanup_close_ int from = openat(target_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (from < 0)
		return error_errno(err, errno, "open what the image has there");
	if (!fill_is_empty(volume_fd))
		return 0;
	if (mark(lock, true, err) < 0 ||
	    (inside ? copy_up_inside : copy_up)(from, volume_fd, err) < 0)
		return -1;
	if (syncfs(lock) < 0)
		return error_errno(err, errno, "write it to the disk");
	return mark(lock, false, err);
}
