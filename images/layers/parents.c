// SPDX-License-Identifier: Apache-2.0
/*
 * The directory that the next entry goes into. Layers list directories together, so one open
 * descriptor saves almost every lookup.
 */
#include "images/layers/tree.h"

#include "lib/cleanup.h"
#include "lib/syscalls.h"

#include <errno.h>
#include <string.h>

enum { LINKS_MAX = 40 }; /* as the kernel's own limit */

int parent_leave(struct tree *tree, struct error *err)
{
	struct parent *parent = &tree->parent;
	if (parent->fd < 0)
		return 0;
	const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, parent->mtime};
	int code = parent->modified && futimens(parent->fd, times) < 0 ? errno : 0;
	close(parent->fd);
	parent->fd = -1;
	parent->current = parent->modified = false;
	return code ? error_errno(err, code, "set the time of directory %.160s", parent->path) : 0;
}

void parent_forget(struct tree *tree)
{
	tree->parent.current = false;
}

/* 0 with the parent open, 1 when there is no such directory (errno says why), -1 on failure. */
static int enter(struct tree *tree, const char *path, struct error *err)
{
	struct parent *parent = &tree->parent;
	if (parent->current && strcmp(parent->path, path) == 0)
		return 0;
	if (parent_leave(tree, err) < 0)
		return -1;
	_cleanup_close_ int fd = tree_open_directory(tree, path);
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 1;
	if (fd < 0)
		return error_errno(err, errno, "open directory %.160s", path);
	struct stat st;
	if (fstat(fd, &st) < 0)
		return error_errno(err, errno, "look at directory %.160s", path);
	parent->fd = steal_fd(&fd);
	parent->current = true;
	parent->inode = st.st_ino;
	parent->mtime = st.st_mtim;
	memcpy(parent->path, path, strlen(path) + 1);
	return 0;
}

int parent_find(struct tree *tree, const char *path, bool *found, struct error *err)
{
	int result = enter(tree, path, err);
	*found = result == 0;
	return result < 0 ? -1 : 0;
}

/* A path whose first `done` bytes are known to lead to a directory. */
struct walk {
	char path[PATH_MAX];
	size_t done, links;
};

/* Puts the target of the symlink that is the part [done, end) of the path in its place. */
static int follow(struct walk *walk, size_t end, int dir_fd, const char *name, struct error *err)
{
	char target[PATH_MAX], joined[PATH_MAX];
	ssize_t length = readlinkat(dir_fd, name, target, sizeof target);
	if (length < 0 || length == sizeof target)
		return error_errno(err, length < 0 ? errno : ENAMETOOLONG, "read symlink %.160s",
				   name);
	if (++walk->links > LINKS_MAX)
		return error_errno(err, ELOOP, "resolve symlink %.160s", name);
	size_t kept = target[0] == '/' ? 0 : walk->done;
	size_t rest = strlen(walk->path + end) + 1;
	size_t total = kept + (size_t)length + rest;
	if (total > sizeof joined)
		return error_errno(err, ENAMETOOLONG, "resolve symlink %.160s", name);
	memcpy(joined, walk->path, kept);
	memcpy(joined + kept, target, (size_t)length);
	memcpy(joined + kept + length, walk->path + end, rest);
	memcpy(walk->path, joined, total);
	walk->done = kept;
	return 0;
}

static int make_directory(struct tree *tree, int dir_fd, const char *name, struct error *err)
{
	struct stat st;
	if (tree_charge_entry(tree, err) < 0)
		return -1;
	if (fstat(dir_fd, &st) < 0 || mkdirat(dir_fd, name, 0755) < 0 ||
	    fchmodat(dir_fd, name, 0755, 0) < 0)
		return error_errno(err, errno, "create directory %.160s", name);
	const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, st.st_mtim};
	if (futimens(dir_fd, times) < 0)
		return error_errno(err, errno, "set the time of the directory above %.160s", name);
	return 0;
}

/* The part [done, end) is not a directory, as `reason` says. Makes it one, or resolves it when it
 * is a symlink to something that does not exist yet. */
static int repair(struct tree *tree, struct walk *walk, size_t end, int reason, struct error *err)
{
	char name[NAME_MAX + 1];
	size_t length = end - walk->done;
	if (length > NAME_MAX)
		return error_errno(err, ENAMETOOLONG, "resolve a symlink");
	memcpy(name, walk->path + walk->done, length);
	name[length] = 0;

	char after = walk->path[walk->done];
	walk->path[walk->done] = 0;
	_cleanup_close_ int dir_fd = tree_open_directory(tree, walk->path);
	walk->path[walk->done] = after;
	if (dir_fd < 0)
		return error_errno(err, errno, "open the directory above %.160s", name);

	struct stat st;
	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		if (errno != ENOENT)
			return error_errno(err, errno, "look at %.160s", name);
		return make_directory(tree, dir_fd, name, err);
	}
	if (S_ISLNK(st.st_mode) && reason == ENOENT)
		return follow(walk, end, dir_fd, name, err);
	if (S_ISDIR(st.st_mode))
		return error_errno(err, reason, "open directory %.160s", name);
	if (unlinkat(dir_fd, name, 0) < 0)
		return error_errno(err, errno, "replace %.160s by a directory", name);
	return make_directory(tree, dir_fd, name, err);
}

static int make_missing(struct tree *tree, const char *path, struct error *err)
{
	struct walk walk = {.done = 0};
	memcpy(walk.path, path, strlen(path) + 1);
	for (;;) {
		walk.done += strspn(walk.path + walk.done, "/");
		size_t end = walk.done + strcspn(walk.path + walk.done, "/");
		if (end == walk.done)
			return 0;
		char after = walk.path[end];
		walk.path[end] = 0;
		_cleanup_close_ int fd = tree_open_directory(tree, walk.path);
		int reason = errno;
		walk.path[end] = after;
		if (fd >= 0)
			walk.done = end;
		else if (reason != ENOENT && reason != ENOTDIR)
			return error_errno(err, reason, "open directory %.160s", path);
		else if (repair(tree, &walk, end, reason, err) < 0)
			return -1;
	}
}

int parent_make(struct tree *tree, const char *path, struct error *err)
{
	int result = enter(tree, path, err);
	if (result <= 0)
		return result;
	if (make_missing(tree, path, err) < 0)
		return -1;
	result = enter(tree, path, err);
	if (result > 0)
		return error_errno(err, errno, "open directory %.160s", path);
	return result;
}
