// SPDX-License-Identifier: Apache-2.0
#include "init/workstation/archive.h"

#include "images/store/packed.h"
#include "lib/cleanup.h"
#include "lib/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

enum { DEPTH_MAX = 512, XATTR_NAMES_MAX = 65536 };

/* A file with several names: its content is written once, with the first of them. */
struct hard_link {
	dev_t device;
	ino_t inode;
	uint32_t number;
};

struct archive {
	FILE *out, *xattrs; /* the second while a tree is being written */
	uint64_t bytes;
	uint32_t last_number;
	struct hard_link *links;
	size_t link_count, link_capacity;
	char name[PATH_MAX]; /* of the entry, within the archive */
	size_t tree;         /* length of the part of `name` that leads to the tree's root */
	unsigned depth;
};

static void put(struct archive *archive, const void *data, size_t size)
{
	fwrite(data, 1, size, archive->out);
	archive->bytes += size;
}

static void pad(struct archive *archive, unsigned multiple)
{
	static const char zeros[512];
	put(archive, zeros, (multiple - archive->bytes % multiple) % multiple);
}

static void put_header(struct archive *archive, const struct stat *st, uint32_t number,
		       uint64_t size)
{
	char text[112];
	bool node = S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode);
	size_t name = strlen(archive->name) + 1;
	snprintf(text, sizeof text,
		 "070701%08" PRIX32 "%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08zX%08X", number,
		 st->st_mode, st->st_uid, st->st_gid, (unsigned)st->st_nlink,
		 (unsigned)st->st_mtim.tv_sec, (unsigned)size, 0, 0,
		 node ? major(st->st_rdev) : 0, node ? minor(st->st_rdev) : 0, name, 0);
	put(archive, text, 110);
	put(archive, archive->name, name);
	pad(archive, 4);
}

/* The number of a file; *again when it was written before under another name. */
static int number_of(struct archive *archive, const struct stat *st, uint32_t *number, bool *again,
		     struct error *err)
{
	*again = false;
	if (S_ISDIR(st->st_mode) || st->st_nlink < 2) {
		*number = ++archive->last_number;
		return 0;
	}
	for (size_t i = archive->link_count; i-- > 0;) {
		if (archive->links[i].inode == st->st_ino && archive->links[i].device == st->st_dev) {
			*number = archive->links[i].number;
			*again = true;
			return 0;
		}
	}
	if (archive->link_count == archive->link_capacity) {
		size_t capacity = archive->link_capacity ? 2 * archive->link_capacity : 256;
		void *grown = realloc(archive->links, capacity * sizeof *archive->links);
		if (!grown)
			return error_errno(err, ENOMEM, "remember the hard links");
		archive->links = grown;
		archive->link_capacity = capacity;
	}
	*number = ++archive->last_number;
	archive->links[archive->link_count++] =
		(struct hard_link){st->st_dev, st->st_ino, *number};
	return 0;
}

static int put_content(struct archive *archive, int dir_fd, const char *leaf,
		       const struct stat *st, struct error *err)
{
	char block[65536];
	uint64_t left = (uint64_t)st->st_size;
	_cleanup_close_ int fd = openat(dir_fd, leaf, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return error_errno(err, errno, "open %s", archive->name);
	while (left > 0) {
		ssize_t got = read(fd, block, left < sizeof block ? (size_t)left : sizeof block);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return error_errno(err, got < 0 ? errno : EIO, "read %s", archive->name);
		put(archive, block, (size_t)got);
		left -= (uint64_t)got;
	}
	pad(archive, 4);
	return 0;
}

static int put_link(struct archive *archive, int dir_fd, const char *leaf, const struct stat *st,
		    uint32_t number, struct error *err)
{
	char target[PATH_MAX];
	ssize_t length = readlinkat(dir_fd, leaf, target, sizeof target);
	if (length < 0 || length == sizeof target)
		return error_errno(err, length < 0 ? errno : ENAMETOOLONG, "read the link %s",
				   archive->name);
	put_header(archive, st, number, (uint64_t)length);
	put(archive, target, (size_t)length);
	pad(archive, 4);
	return 0;
}

/* `path` is the entry on this machine, through its directory's descriptor. */
static int note_xattrs(struct archive *archive, int dir_fd, const char *leaf, struct error *err)
{
	static char names[XATTR_NAMES_MAX];
	char path[PATH_MAX];
	snprintf(path, sizeof path, "/proc/self/fd/%d/%s", dir_fd, leaf);
	ssize_t size = llistxattr(path, names, sizeof names);
	if (size < 0 && errno != ENOTSUP)
		return error_errno(err, errno, "list the attributes of %s", archive->name);
	for (const char *name = names; name < names + size; name += strlen(name) + 1) {
		unsigned char value[PACKED_XATTR_MAX];
		if (strncmp(name, "security.", 9) == 0 && strcmp(name, "security.capability") != 0)
			continue; /* labels of this machine's policy */
		ssize_t length = lgetxattr(path, name, value, sizeof value);
		if (length < 0)
			return error_errno(err, errno, "read the attribute %s of %s", name,
					   archive->name);
		packed_xattr_write(archive->xattrs, archive->name + archive->tree, name, value,
				   (size_t)length);
	}
	return 0;
}

static int put_folder(struct archive *archive, int dir_fd, const char *leaf, struct error *err);

static int put_entry(struct archive *archive, int dir_fd, const char *leaf, struct error *err)
{
	struct stat st;
	uint32_t number = 0;
	bool again = false;
	if (fstatat(dir_fd, leaf, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return error_errno(err, errno, "look at %s", archive->name);
	if (number_of(archive, &st, &number, &again, err) < 0 ||
	    (archive->xattrs && !again && note_xattrs(archive, dir_fd, leaf, err) < 0))
		return -1;
	if (S_ISLNK(st.st_mode))
		return put_link(archive, dir_fd, leaf, &st, number, err);
	if (!S_ISREG(st.st_mode) || again) {
		put_header(archive, &st, number, 0);
		return S_ISDIR(st.st_mode) ? put_folder(archive, dir_fd, leaf, err) : 0;
	}
	if (st.st_size > (off_t)UINT32_MAX)
		return error_set(err, "%s has %lld bytes: an archive for the kernel can hold files of "
				      "less than 4 GiB", archive->name, (long long)st.st_size);
	put_header(archive, &st, number, (uint64_t)st.st_size);
	return put_content(archive, dir_fd, leaf, &st, err);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int not_dots(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

static int list_folder(int fd, struct dirent ***entries)
{
	char path[32];
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	return scandir(path, entries, not_dots, by_name);
}

/* The children of a folder, in the order of their names: the same image gives the same bytes. */
static int put_folder(struct archive *archive, int dir_fd, const char *leaf, struct error *err)
{
	struct dirent **entries = NULL;
	size_t length = strlen(archive->name);
	int result = 0;
	_cleanup_close_ int fd =
		openat(dir_fd, leaf, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int count = fd < 0 ? -1 : list_folder(fd, &entries);
	if (count < 0)
		return error_errno(err, errno, "list %s", archive->name);
	if (++archive->depth > DEPTH_MAX)
		result = error_set(err, "%.200s…: more than %d folders deep", archive->name, DEPTH_MAX);
	for (int i = 0; i < count; i++) {
		const char *child = entries[i]->d_name;
		if (result == 0 && snprintf(archive->name + length, sizeof archive->name - length, "/%s",
					    child) >= (int)(sizeof archive->name - length))
			result = error_set(err, "%.200s…: the name is too long", archive->name);
		if (result == 0)
			result = put_entry(archive, fd, child, err);
		free(entries[i]);
	}
	free(entries);
	archive->depth--;
	archive->name[length] = 0;
	return result;
}

static void put_made(struct archive *archive, const char *name, mode_t mode, const void *data,
		     size_t size)
{
	struct stat st = {.st_mode = mode, .st_nlink = S_ISDIR(mode) ? 2 : 1};
	snprintf(archive->name, sizeof archive->name, "%s", name);
	put_header(archive, &st, ++archive->last_number, size);
	put(archive, data, size);
	pad(archive, 4);
}

static int put_tree(struct archive *archive, int rootfs_fd, const char *hex, struct error *err)
{
	_cleanup_free_ char *list = NULL;
	size_t list_size = 0;
	FILE *xattrs = open_memstream(&list, &list_size);
	if (!xattrs)
		return error_errno(err, errno, "list attributes");
	archive->xattrs = xattrs;
	snprintf(archive->name, sizeof archive->name, PACKED_NAME "/rootfs/%s", hex);
	archive->tree = strlen(archive->name);
	int result = put_entry(archive, rootfs_fd, hex, err);
	archive->xattrs = NULL;
	fclose(xattrs);
	if (result == 0 && list_size > 0) {
		char name[PATH_MAX];
		snprintf(name, sizeof name, PACKED_NAME "/xattrs/%s", hex);
		put_made(archive, name, S_IFREG | 0600, list, list_size);
	}
	return result;
}

static int put_record(struct archive *archive, int images_fd, const char *hex, struct error *err)
{
	struct stat st;
	snprintf(archive->name, sizeof archive->name, PACKED_NAME "/images/%s", hex);
	if (fstatat(images_fd, hex, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return error_errno(err, errno, "look at %s", archive->name);
	st.st_mtim.tv_sec = 0;
	put_header(archive, &st, ++archive->last_number, (uint64_t)st.st_size);
	return put_content(archive, images_fd, hex, &st, err);
}

typedef int put_child(struct archive *archive, int dir_fd, const char *name, struct error *err);

static int for_each(struct archive *archive, const char *store, const char *part, put_child *child,
		    struct error *err)
{
	char path[PATH_MAX];
	struct dirent **entries = NULL;
	int result = 0;
	snprintf(path, sizeof path, "%s/%s", store, part);
	_cleanup_close_ int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int count = fd < 0 ? -1 : list_folder(fd, &entries);
	if (count < 0)
		return error_errno(err, errno, "list %s", path);
	for (int i = 0; i < count; i++) {
		if (result == 0)
			result = child(archive, fd, entries[i]->d_name, err);
		free(entries[i]);
	}
	free(entries);
	return result;
}

int archive_store(const char *store, int fd, uint64_t *bytes, struct error *err)
{
	static const char *const folders[] = {"berth", PACKED_NAME, PACKED_NAME "/images",
					      PACKED_NAME "/rootfs", PACKED_NAME "/xattrs"};
	_cleanup_fclose_ FILE *out = fdopen(fd, "w");
	if (!out)
		return error_errno(err, errno, "open the archive");
	struct archive archive = {.out = out};
	for (size_t i = 0; i < countof(folders); i++)
		put_made(&archive, folders[i], S_IFDIR | 0755, "", 0);
	int result = for_each(&archive, store, "rootfs", put_tree, err);
	if (result == 0)
		result = for_each(&archive, store, "images", put_record, err);
	free(archive.links);
	put_made(&archive, "TRAILER!!!", 0, "", 0);
	pad(&archive, 512);
	*bytes = archive.bytes;
	if (result == 0 && (fflush(out) != 0 || fsync(fd) < 0))
		return error_errno(err, errno, "write the archive");
	return result;
}
