// SPDX-License-Identifier: Apache-2.0
#include "init/workstation/cpio.h"

#include "images/store/packed.h"
#include "lib/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

enum { DEPTH_MAX = 512, XATTR_NAMES_MAX = 65536 };

/* Its content is written once, with the first of its names. */
struct cpio_link {
	dev_t device;
	ino_t inode;
	uint32_t number;
};

static void put(struct cpio *cpio, const void *data, size_t size)
{
	fwrite(data, 1, size, cpio->out);
	cpio->bytes += size;
}

static void pad(struct cpio *cpio, unsigned multiple)
{
	static const char zeros[512];
	put(cpio, zeros, (multiple - cpio->bytes % multiple) % multiple);
}

/* The entry's name for messages: on this machine when it is known, else in the archive. */
static const char *label(const struct cpio *cpio)
{
	static char text[PATH_MAX];
	snprintf(text, sizeof text, "%s%s", cpio->source ? cpio->source : "",
		 cpio->name + (cpio->source ? cpio->hidden : 0));
	return text;
}

static void put_header(struct cpio *cpio, const struct stat *st, uint32_t number,
		       uint64_t size)
{
	char text[112];
	bool node = S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode);
	size_t name = strlen(cpio->name) + 1;
	snprintf(text, sizeof text,
		 "070701%08" PRIX32 "%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08zX%08X", number,
		 st->st_mode, st->st_uid, st->st_gid, (unsigned)st->st_nlink,
		 (unsigned)st->st_mtim.tv_sec, (unsigned)size, 0, 0,
		 node ? major(st->st_rdev) : 0, node ? minor(st->st_rdev) : 0, name, 0);
	put(cpio, text, 110);
	put(cpio, cpio->name, name);
	pad(cpio, 4);
}

/* The number of a file; *again when it was written before under another name. */
static int number_of(struct cpio *cpio, const struct stat *st, uint32_t *number, bool *again,
		     struct error *err)
{
	*again = false;
	if (S_ISDIR(st->st_mode) || st->st_nlink < 2) {
		*number = ++cpio->last_number;
		return 0;
	}
	for (size_t i = cpio->link_count; i-- > 0;) {
		if (cpio->links[i].inode == st->st_ino && cpio->links[i].device == st->st_dev) {
			*number = cpio->links[i].number;
			*again = true;
			return 0;
		}
	}
	if (cpio->link_count == cpio->link_capacity) {
		size_t capacity = cpio->link_capacity ? 2 * cpio->link_capacity : 256;
		void *grown = realloc(cpio->links, capacity * sizeof *cpio->links);
		if (!grown)
			return error_errno(err, ENOMEM, "remember the hard links");
		cpio->links = grown;
		cpio->link_capacity = capacity;
	}
	*number = ++cpio->last_number;
	cpio->links[cpio->link_count++] =
		(struct cpio_link){st->st_dev, st->st_ino, *number};
	return 0;
}

static int put_content(struct cpio *cpio, int fd, const struct stat *st, struct error *err)
{
	char block[65536];
	uint64_t left = (uint64_t)st->st_size;
	while (left > 0) {
		ssize_t got = read(fd, block, left < sizeof block ? (size_t)left : sizeof block);
		if (got < 0 && errno == EINTR)
			continue;
		if (got == 0)
			return error_set(err, "%s became shorter while it was read", label(cpio));
		if (got < 0)
			return error_errno(err, errno, "read %s", label(cpio));
		put(cpio, block, (size_t)got);
		left -= (uint64_t)got;
	}
	pad(cpio, 4);
	return 0;
}

static int check_room(const struct cpio *cpio, uint64_t size, struct error *err)
{
	if (size > UINT32_MAX)
		return error_set(err, "%s has %llu bytes: an archive for the kernel can hold files of "
				      "less than 4 GiB", label(cpio), (unsigned long long)size);
	if (cpio->bytes_most && cpio->bytes + size > cpio->bytes_most)
		return error_set(err, "%s: more than %.1f MB in all", label(cpio),
				 (double)cpio->bytes_most / 1e6);
	if (cpio->bytes_most && cpio->last_number >= CPIO_ENTRIES_MAX)
		return error_set(err, "%s: more than %d files and folders in all", label(cpio),
				 CPIO_ENTRIES_MAX);
	return 0;
}

/* `number`: one that is free. */
static int put_file(struct cpio *cpio, int fd, const struct stat *st, uint32_t number,
		    struct error *err)
{
	put_header(cpio, st, number, (uint64_t)st->st_size);
	return put_content(cpio, fd, st, err);
}

int cpio_file(struct cpio *cpio, int fd, const struct stat *st, struct error *err)
{
	if (check_room(cpio, (uint64_t)st->st_size, err) < 0)
		return -1;
	return put_file(cpio, fd, st, ++cpio->last_number, err);
}

static int put_link(struct cpio *cpio, int dir_fd, const char *leaf, const struct stat *st,
		    uint32_t number, struct error *err)
{
	char target[PATH_MAX];
	ssize_t length = readlinkat(dir_fd, leaf, target, sizeof target);
	if (length < 0 || length == sizeof target)
		return error_errno(err, length < 0 ? errno : ENAMETOOLONG, "read the link %s",
				   label(cpio));
	put_header(cpio, st, number, (uint64_t)length);
	put(cpio, target, (size_t)length);
	pad(cpio, 4);
	return 0;
}

/* `path` is the entry on this machine, through its directory's descriptor. */
static int note_xattrs(struct cpio *cpio, int dir_fd, const char *leaf, struct error *err)
{
	static char names[XATTR_NAMES_MAX];
	char path[PATH_MAX];
	snprintf(path, sizeof path, "/proc/self/fd/%d/%s", dir_fd, leaf);
	ssize_t size = llistxattr(path, names, sizeof names);
	if (size < 0 && errno != ENOTSUP)
		return error_errno(err, errno, "list the attributes of %s", label(cpio));
	for (const char *name = names; name < names + size; name += strlen(name) + 1) {
		unsigned char value[PACKED_XATTR_MAX];
		if (strncmp(name, "security.", 9) == 0 && strcmp(name, "security.capability") != 0)
			continue; /* labels of this machine's policy */
		ssize_t length = lgetxattr(path, name, value, sizeof value);
		if (length < 0)
			return error_errno(err, errno, "read the attribute %s of %s", name,
					   label(cpio));
		packed_xattr_write(cpio->xattrs, cpio->name + cpio->tree, name, value,
				   (size_t)length);
	}
	return 0;
}

static int put_folder(struct cpio *cpio, int dir_fd, const char *leaf, struct error *err);

static int open_and_put(struct cpio *cpio, int dir_fd, const char *leaf, uint32_t number,
			struct error *err)
{
	struct stat st;
	_cleanup_close_ int fd =
		openat(dir_fd, leaf, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return error_errno(err, errno, "open %s", label(cpio));
	if (!S_ISREG(st.st_mode))
		return error_set(err, "%s was replaced while it was read", label(cpio));
	return check_room(cpio, (uint64_t)st.st_size, err) < 0 ? -1
								 : put_file(cpio, fd, &st, number, err);
}

static bool is_plain(const struct stat *st)
{
	return S_ISREG(st->st_mode) || S_ISDIR(st->st_mode) || S_ISLNK(st->st_mode);
}

int cpio_entry(struct cpio *cpio, int dir_fd, const char *leaf, struct error *err)
{
	struct stat st;
	uint32_t number = 0;
	bool again = false;
	if (fstatat(dir_fd, leaf, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return error_errno(err, errno, "look at %s", label(cpio));
	if (cpio->left_out && !is_plain(&st)) {
		cpio->left_out(label(cpio));
		return 0;
	}
	if (number_of(cpio, &st, &number, &again, err) < 0 ||
	    (cpio->xattrs && !again && note_xattrs(cpio, dir_fd, leaf, err) < 0) ||
	    check_room(cpio, 0, err) < 0)
		return -1;
	if (S_ISLNK(st.st_mode))
		return put_link(cpio, dir_fd, leaf, &st, number, err);
	if (S_ISREG(st.st_mode) && !again)
		return open_and_put(cpio, dir_fd, leaf, number, err);
	put_header(cpio, &st, number, 0);
	return S_ISDIR(st.st_mode) ? put_folder(cpio, dir_fd, leaf, err) : 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int not_dots(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

int cpio_list(int fd, struct dirent ***entries)
{
	char path[32];
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	return scandir(path, entries, not_dots, by_name);
}

/* The children of a folder, in the order of their names: the same image gives the same bytes. */
static int put_folder(struct cpio *cpio, int dir_fd, const char *leaf, struct error *err)
{
	struct dirent **entries = NULL;
	size_t length = strlen(cpio->name);
	int result = 0;
	_cleanup_close_ int fd =
		openat(dir_fd, leaf, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int count = fd < 0 ? -1 : cpio_list(fd, &entries);
	if (count < 0)
		return error_errno(err, errno, "list %s", label(cpio));
	if (++cpio->depth > DEPTH_MAX)
		result = error_set(err, "%.200s…: more than %d folders deep", label(cpio), DEPTH_MAX);
	for (int i = 0; i < count; i++) {
		const char *child = entries[i]->d_name;
		if (result == 0 && snprintf(cpio->name + length, sizeof cpio->name - length, "/%s",
					    child) >= (int)(sizeof cpio->name - length))
			result = error_set(err, "%.200s…: the name is too long", label(cpio));
		if (result == 0)
			result = cpio_entry(cpio, fd, child, err);
		free(entries[i]);
	}
	free(entries);
	cpio->depth--;
	cpio->name[length] = 0;
	return result;
}

void cpio_made(struct cpio *cpio, const char *name, mode_t mode, const void *data, size_t size)
{
	struct stat st = {.st_mode = mode, .st_nlink = S_ISDIR(mode) ? 2 : 1};
	snprintf(cpio->name, sizeof cpio->name, "%s", name);
	put_header(cpio, &st, ++cpio->last_number, size);
	put(cpio, data, size);
	pad(cpio, 4);
}

int cpio_end(struct cpio *cpio, struct error *err)
{
	free(cpio->links);
	cpio->links = NULL;
	cpio_made(cpio, "TRAILER!!!", 0, "", 0);
	pad(cpio, 512);
	return fflush(cpio->out) == 0 ? 0 : error_errno(err, errno, "write the archive");
}
