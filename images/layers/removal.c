// SPDX-License-Identifier: Apache-2.0
/*
 * Each directory is read twice. The first pass unlinks what is not a directory, in one go. The
 * second finds the sub-directories one by one and goes down into each; on the way back ("..",
 * checked against the inode that was left) reading goes on at a remembered offset: before the
 * child's entry when it was removed, after it when it stayed. That holds both for filesystems whose
 * offsets name entries and for those whose offsets count them. It does not hold for a directory of an
 * overlay mount that the first removal copies up, for there the offsets get another meaning on the
 * way. So all is done over until nothing more is found to remove.
 */
#include "images/layers/removal.h"

#include "images/layers/layer.h"
#include "lib/cleanup.h"
#include "lib/syscalls.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

struct record { /* getdents64(2) */
	uint64_t inode;
	int64_t next;
	uint16_t length;
	uint8_t type;
	char name[];
};

struct level {
	dev_t device;
	ino_t inode;
	struct timespec mtime;
	int64_t resume;        /* where the search for sub-directories goes on */
	int64_t before, after; /* offsets around the entry of the child that is being emptied */
	size_t name;           /* of that child, in removal.names */
	bool changed;          /* something in it was removed */
};

struct removal {
	const struct removal_filter *filter;
	int fd; /* the directory of the last level */
	struct level *levels;
	size_t depth, levels_capacity;
	bool removed; /* something, in this round */
	char *names; /* one after the other, each with its NUL */
	size_t names_used, names_capacity;
	_Alignas(8) char buffer[4096];
};

static void release(struct removal *removal)
{
	if (removal->fd >= 0)
		close(removal->fd);
	free(removal->levels);
	free(removal->names);
}

/* The block, or a larger one in its place; NULL leaves it as it is. */
static void *reserve(void *block, size_t *capacity, size_t need, struct error *err)
{
	if (block && need <= *capacity)
		return block;
	size_t size = need * 2 < 1024 ? 1024 : need * 2;
	void *grown = realloc(block, size);
	if (grown)
		*capacity = size;
	else
		error_errno(err, ENOMEM, "remember a directory of depth");
	return grown;
}

/* Takes over fd. */
static int push(struct removal *removal, int fd, struct error *err)
{
	if (removal->fd >= 0)
		close(removal->fd);
	removal->fd = fd;
	struct stat st;
	if (fstat(fd, &st) < 0)
		return error_errno(err, errno, "look at a directory to be removed");
	struct level *levels = reserve(removal->levels, &removal->levels_capacity,
				       (removal->depth + 1) * sizeof *levels, err);
	if (!levels)
		return -1;
	removal->levels = levels;
	levels[removal->depth++] =
		(struct level){.device = st.st_dev, .inode = st.st_ino, .mtime = st.st_mtim};
	return 0;
}

static bool is_directory(int fd, const struct record *record)
{
	struct stat st;
	if (record->type != 0) /* DT_UNKNOWN */
		return record->type == 4; /* DT_DIR */
	return fstatat(fd, record->name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

static bool is_dots(const char *name)
{
	return name[0] == '.' && (name[1] == 0 || (name[1] == '.' && name[2] == 0));
}

static bool is_kept(const struct removal *removal, const struct level *level, const char *name)
{
	return removal->filter &&
	       removal->filter->keep(removal->filter->context, level->inode, name);
}

/* The next records of the directory; 0 at its end. */
static int read_records(struct removal *removal, struct error *err)
{
	long got = syscall(__NR_getdents64, removal->fd, removal->buffer, sizeof removal->buffer);
	if (got < 0)
		return error_errno(err, errno, "read a directory to be removed");
	return (int)got;
}

static int unlink_files(struct removal *removal, struct error *err)
{
	struct level *level = &removal->levels[removal->depth - 1];
	int size;
	while ((size = read_records(removal, err)) > 0) {
		for (int at = 0; at < size;) {
			const struct record *record = (void *)(removal->buffer + at);
			at += record->length;
			if (is_dots(record->name) || is_directory(removal->fd, record) ||
			    is_kept(removal, level, record->name))
				continue;
			if (unlinkat(removal->fd, record->name, 0) < 0 && errno != ENOENT)
				return error_errno(err, errno, "remove %.160s", record->name);
			level->changed = removal->removed = true;
		}
	}
	return size;
}

/* Sets *name to the next sub-directory (in the buffer), or NULL when there is none. */
static int find_directory(struct removal *removal, const char **name, struct error *err)
{
	struct level *level = &removal->levels[removal->depth - 1];
	*name = NULL;
	if (lseek(removal->fd, level->resume, SEEK_SET) < 0)
		return error_errno(err, errno, "go back in a directory to be removed");
	level->before = level->resume;
	int size;
	while ((size = read_records(removal, err)) > 0) {
		for (int at = 0; at < size;) {
			const struct record *record = (void *)(removal->buffer + at);
			at += record->length;
			if (!is_dots(record->name) && is_directory(removal->fd, record)) {
				level->after = record->next;
				*name = record->name;
				return 0;
			}
			level->before = record->next;
		}
	}
	return size;
}

static int open_directory(int dir_fd, const char *name, struct error *err)
{
	int fd = sys_openat2(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0,
			     RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV);
	if (fd < 0)
		return error_errno(err, errno, "open directory %.160s to remove it%s", name,
				   errno == EXDEV ? " (a filesystem is mounted there)" : "");
	return fd;
}

static int descend(struct removal *removal, const char *name, struct error *err)
{
	size_t size = strlen(name) + 1;
	struct level *level = &removal->levels[removal->depth - 1];
	char *names = reserve(removal->names, &removal->names_capacity, removal->names_used + size,
			      err);
	if (!names)
		return -1;
	removal->names = names;
	level->name = removal->names_used;
	memcpy(removal->names + removal->names_used, name, size);
	removal->names_used += size;
	int fd = open_directory(removal->fd, removal->names + level->name, err);
	if (fd < 0 || push(removal, fd, err) < 0)
		return -1;
	return unlink_files(removal, err);
}

static int restore_time(int fd, const struct level *level, struct error *err)
{
	const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, level->mtime};
	if (level->changed && futimens(fd, times) < 0)
		return error_errno(err, errno, "set the time of a directory");
	return 0;
}

/* Back to the directory above, which removes the one that was left unless something stays. */
static int ascend(struct removal *removal, struct error *err)
{
	const struct level *left = &removal->levels[removal->depth - 1];
	struct level *level = &removal->levels[removal->depth - 2];
	const char *name = removal->names + level->name;
	_cleanup_close_ int fd = openat(removal->fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat st;
	if (fd < 0 || fstat(fd, &st) < 0)
		return error_errno(err, errno, "go up from directory %.160s", name);
	if (st.st_dev != level->device || st.st_ino != level->inode)
		return error_set(err, "directory %.160s was moved while it was removed", name);
	if (!is_kept(removal, level, name) && unlinkat(fd, name, AT_REMOVEDIR) == 0) {
		level->changed = removal->removed = true;
		level->resume = level->before;
	} else if (is_kept(removal, level, name) || errno == ENOTEMPTY) {
		if (removal->filter && restore_time(removal->fd, left, err) < 0)
			return -1;
		level->resume = level->after;
	} else {
		return error_errno(err, errno, "remove directory %.160s", name);
	}
	removal->names_used = level->name;
	removal->depth--;
	close(removal->fd);
	removal->fd = steal_fd(&fd);
	return 0;
}

/* One round. */
static int empty(struct removal *removal, int top_fd, struct error *err)
{
	if (push(removal, top_fd, err) < 0 || unlink_files(removal, err) < 0)
		return -1;
	for (;;) {
		const char *name;
		if (find_directory(removal, &name, err) < 0)
			return -1;
		if (name) {
			if (descend(removal, name, err) < 0)
				return -1;
		} else if (removal->depth > 1) {
			if (ascend(removal, err) < 0)
				return -1;
		} else {
			return removal->filter ? restore_time(removal->fd, removal->levels, err)
					       : 0;
		}
	}
}

int removal_below(int dir_fd, const char *name, const struct removal_filter *filter,
		  struct error *err)
{
	struct removal removal __attribute__((cleanup(release)));
	memset(&removal, 0, offsetof(struct removal, buffer));
	removal.filter = filter;
	removal.fd = -1;
	do {
		int fd = open_directory(dir_fd, name, err);
		removal.removed = false;
		removal.depth = removal.names_used = 0;
		if (fd < 0 || empty(&removal, fd, err) < 0)
			return -1;
	} while (removal.removed);
	return 0;
}

int removal_of(int dir_fd, const char *name, const struct removal_filter *filter,
	       struct error *err)
{
	if (unlinkat(dir_fd, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return error_errno(err, errno, "remove %.160s", name);
	struct stat st;
	int reason = errno;
	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISDIR(st.st_mode))
		return error_errno(err, reason, "remove %.160s", name);
	if (removal_below(dir_fd, name, filter, err) < 0)
		return -1;
	if (unlinkat(dir_fd, name, AT_REMOVEDIR) < 0 && !(filter && errno == ENOTEMPTY))
		return error_errno(err, errno, "remove directory %.160s", name);
	return 0;
}

int tree_remove(int dir_fd, const char *name, struct error *err)
{
	return removal_of(dir_fd, name, NULL, err);
}
