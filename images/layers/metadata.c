// SPDX-License-Identifier: Apache-2.0
#include "images/layers/metadata.h"

#include "lib/cleanup.h"
#include "lib/log.h"
#include "lib/syscalls.h"

#include <errno.h>
#include <string.h>
#include <sys/xattr.h>

enum {
	XATTR_VALUE_MAX = 64 << 10, /* the kernel's XATTR_SIZE_MAX and XATTR_LIST_MAX */
	XATTR_NAME_MAX_BYTES = 255,
	XATTR_COUNT_MAX = 1024,
};

static bool has_prefix(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

static bool is_ignored(const char *name)
{
	return strcmp(name, "security.selinux") == 0 || has_prefix(name, "trusted.") ||
	       has_prefix(name, "user.overlay.");
}

/* What one setxattr call said. */
static int check_xattr(struct tree *tree, const struct tar_xattr *xattr, int result,
		       struct error *err)
{
	if (result == 0)
		return 0;
	if (errno == EOPNOTSUPP && strcmp(xattr->name, "security.capability") != 0) {
		if (!tree->warned_xattr)
			log_warning("layer",
				    "the filesystem cannot keep the attribute %s; it and others "
				    "like it are left out",
				    xattr->name);
		tree->warned_xattr = true;
		return 0;
	}
	return error_errno(err, errno, "set attribute %.80s (%zu bytes)", xattr->name,
			   xattr->size);
}

static int check_size(const struct tar_xattr *xattr, struct error *err)
{
	size_t length = strlen(xattr->name);
	if (length == 0 || length > XATTR_NAME_MAX_BYTES || xattr->size > XATTR_VALUE_MAX)
		return error_set(err,
				 "attribute %.80s: %zu bytes of name and %zu of value, at most "
				 "%d and %d are possible",
				 xattr->name, length, xattr->size, XATTR_NAME_MAX_BYTES,
				 XATTR_VALUE_MAX);
	return 0;
}

/* `name` NULL: on fd. Otherwise on `name` in the current directory. */
static int set_xattrs(struct tree *tree, struct tar_reader *reader, int fd, const char *name,
		      struct error *err)
{
	struct tar_xattr xattr;
	if (tar_reader_xattr_count(reader) > XATTR_COUNT_MAX)
		return error_set(err, "more than %d extended attributes", XATTR_COUNT_MAX);
	while (tar_reader_next_xattr(reader, &xattr)) {
		if (is_ignored(xattr.name))
			continue;
		if (check_size(&xattr, err) < 0)
			return -1;
		int result = name ? lsetxattr(name, xattr.name, xattr.value, xattr.size, 0)
				  : fsetxattr(fd, xattr.name, xattr.value, xattr.size, 0);
		if (check_xattr(tree, &xattr, result, err) < 0)
			return -1;
	}
	return 0;
}

/* Nodes and symlinks cannot be opened for fsetxattr, and setxattrat(2) came after Linux 6.12: the
 * working directory stands in for the directory descriptor, for this moment. */
static int set_xattrs_at(struct tree *tree, struct tar_reader *reader, int dir_fd,
			 const char *name, struct error *err)
{
	if (tar_reader_xattr_count(reader) == 0)
		return 0;
	_cleanup_close_ int before = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fchdir(dir_fd) < 0)
		return error_errno(err, errno, "enter the directory");
	int result = set_xattrs(tree, reader, -1, name, err);
	if (before < 0 || fchdir(before) < 0) {
		/* Its working directory was gone before: nothing to return to but the root. */
		if (chdir("/") < 0 && result == 0)
			return error_errno(err, errno, "leave the directory");
	}
	return result;
}

int metadata_set_owner(int fd, uid_t uid, gid_t gid, mode_t mode, struct error *err)
{
	if (fchown(fd, uid, gid) < 0)
		return error_errno(err, errno, "set the owner to %u:%u", uid, gid);
	if (fchmod(fd, mode) < 0)
		return error_errno(err, errno, "set the mode to %04o", mode);
	return 0;
}

int metadata_set_times(int fd, const struct timespec times[2], struct error *err)
{
	return futimens(fd, times) == 0 ? 0 : error_errno(err, errno, "set the times");
}

int metadata_apply_fd(struct tree *tree, struct tar_reader *reader, int fd,
		      const struct tar_entry *entry, struct error *err)
{
	if (metadata_set_owner(fd, entry->uid, entry->gid, entry->mode, err) < 0 ||
	    set_xattrs(tree, reader, fd, NULL, err) < 0)
		return -1;
	return metadata_set_times(fd, entry->times, err);
}

/* fchmodat2(2) came with Linux 6.6; before that /proc leads to what was opened unfollowed. */
static int change_mode(int dir_fd, const char *name, mode_t mode)
{
	if (sys_fchmodat2(dir_fd, name, mode, AT_SYMLINK_NOFOLLOW) == 0)
		return 0;
	if (errno != ENOSYS)
		return -1;
	_cleanup_close_ int fd = openat(dir_fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	char link[40];
	struct stat st;
	if (fd < 0 || fstat(fd, &st) < 0)
		return -1;
	if (S_ISLNK(st.st_mode)) {
		errno = EOPNOTSUPP;
		return -1;
	}
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	return chmod(link, mode);
}

int metadata_apply_at(struct tree *tree, struct tar_reader *reader, int dir_fd, const char *name,
		      const struct tar_entry *entry, struct error *err)
{
	if (fchownat(dir_fd, name, entry->uid, entry->gid, AT_SYMLINK_NOFOLLOW) < 0)
		return error_errno(err, errno, "set the owner to %u:%u", entry->uid, entry->gid);
	if (entry->type != S_IFLNK && change_mode(dir_fd, name, entry->mode) < 0)
		return error_errno(err, errno, "set the mode to %04o", entry->mode);
	if (set_xattrs_at(tree, reader, dir_fd, name, err) < 0)
		return -1;
	if (utimensat(dir_fd, name, entry->times, AT_SYMLINK_NOFOLLOW) < 0)
		return error_errno(err, errno, "set the times");
	return 0;
}

int metadata_clear_xattrs(int fd, struct error *err)
{
	char names[4096];
	_cleanup_free_ char *longer = NULL;
	char *list = names;
	ssize_t size = flistxattr(fd, names, sizeof names);
	if (size < 0 && errno == ERANGE) {
		list = longer = malloc(XATTR_VALUE_MAX);
		size = longer ? flistxattr(fd, longer, XATTR_VALUE_MAX) : -1;
	}
	if (size < 0)
		return errno == EOPNOTSUPP ? 0 : error_errno(err, errno, "list attributes");
	for (const char *name = list; name < list + size; name += strlen(name) + 1)
		if (!is_ignored(name) && fremovexattr(fd, name) < 0 && errno != ENODATA &&
		    errno != EOPNOTSUPP)
			return error_errno(err, errno, "remove attribute %.80s", name);
	return 0;
}
