// SPDX-License-Identifier: Apache-2.0
#include "images/layers/entry.h"

#include "images/layers/metadata.h"
#include "images/layers/removal.h"
#include "lib/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

/* One entry on its way into the open parent. */
struct placement {
	struct tree *tree;
	struct tar_reader *reader;
	const struct tar_entry *entry;
	int dir_fd;
	const char *name;
};

/* Takes away what stands where the entry goes. */
static int clear_place(const struct placement *place, struct error *err)
{
	parent_forget(place->tree);
	return removal_of(place->dir_fd, place->name, NULL, err);
}

/* Creates a leaf with `attempt` (0, or -1 and errno), after making room where that is needed. */
static int create(const struct placement *place, int (*attempt)(const struct placement *place),
		  const char *what, struct error *err)
{
	int result = attempt(place);
	if (result < 0 && errno == EEXIST) {
		if (clear_place(place, err) < 0)
			return -1;
		result = attempt(place);
	}
	return result < 0 ? error_errno(err, errno, "create %s", what) : result;
}

static int try_file(const struct placement *place)
{
	return openat(place->dir_fd, place->name,
		      O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
}

static int try_symlink(const struct placement *place)
{
	return symlinkat(place->entry->link, place->dir_fd, place->name);
}

static int try_node(const struct placement *place)
{
	return mknodat(place->dir_fd, place->name, place->entry->type | 0600,
		       place->entry->device);
}

static int try_directory(const struct placement *place)
{
	return mkdirat(place->dir_fd, place->name, 0700);
}

static int write_at(int fd, const char *data, size_t size, off_t offset, struct error *err)
{
	while (size > 0) {
		ssize_t put = pwrite(fd, data, size, offset);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return error_errno(err, errno, "write %zu bytes", size);
		data += put;
		offset += put;
		size -= (size_t)put;
	}
	return 0;
}

/* What one piece of content may not be. */
static int check_piece(const struct placement *place, int64_t offset, size_t length,
		       struct error *err)
{
	int64_t size = place->entry->size;
	if (offset < 0 || offset > size || (uint64_t)(size - offset) < length)
		return error_set(err, "the sparse map goes beyond the size of %lld bytes",
				 (long long)size);
	return tree_charge_bytes(place->tree, length, err);
}

static int write_content(const struct placement *place, int fd, struct error *err)
{
	int64_t size = place->entry->size, end_of_data = 0;
	for (;;) {
		const void *data;
		size_t length;
		int64_t offset;
		bool end;
		if (tar_reader_data(place->reader, &data, &length, &offset, &end, err) < 0)
			return -1;
		if (end)
			break;
		if (check_piece(place, offset, length, err) < 0 ||
		    write_at(fd, data, length, offset, err) < 0)
			return -1;
		if (offset + (int64_t)length > end_of_data)
			end_of_data = offset + (int64_t)length;
	}
	if (end_of_data < size && ftruncate(fd, size) < 0)
		return error_errno(err, errno, "make the file %lld bytes long", (long long)size);
	return 0;
}

static bool is_small(const struct placement *place)
{
	const struct tar_entry *entry = place->entry;
	return !entry->sparse && entry->size <= FINISHER_CONTENT_MAX &&
	       tar_reader_xattr_count(place->reader) == 0;
}

static int read_content(const struct placement *place, struct finishing *file, struct error *err)
{
	memset(file->content, 0, (size_t)place->entry->size);
	for (;;) {
		const void *data;
		size_t length;
		int64_t offset;
		bool end;
		if (tar_reader_data(place->reader, &data, &length, &offset, &end, err) < 0)
			return -1;
		if (end)
			return 0;
		if (check_piece(place, offset, length, err) < 0)
			return -1;
		memcpy(file->content + offset, data, length);
	}
}

static int write_small_file(const struct placement *place, struct error *err)
{
	const struct tar_entry *entry = place->entry;
	struct finishing *file = finisher_place(place->tree->finisher, err);
	if (!file)
		return -1;
	_cleanup_close_ int fd = create(place, try_file, "the file", err);
	if (fd < 0 || read_content(place, file, err) < 0)
		return -1;
	snprintf(file->name, sizeof file->name, "%s", entry->name);
	file->uid = entry->uid;
	file->gid = entry->gid;
	file->mode = entry->mode;
	memcpy(file->times, entry->times, sizeof file->times);
	file->length = (size_t)entry->size;
	file->fd = steal_fd(&fd);
	finisher_submit(place->tree->finisher);
	return 0;
}

static int write_file(const struct placement *place, struct error *err)
{
	/* Refuse early; holes cost nothing and are not charged. */
	if (!place->entry->sparse && (uint64_t)place->entry->size > place->tree->budget->bytes)
		return tree_charge_bytes(place->tree, (uint64_t)place->entry->size, err);
	if (is_small(place))
		return write_small_file(place, err);
	_cleanup_close_ int fd = create(place, try_file, "the file", err);
	if (fd < 0 || write_content(place, fd, err) < 0)
		return -1;
	return metadata_apply_fd(place->tree, place->reader, fd, place->entry, err);
}

/* An existing directory takes the metadata of the entry and keeps what is in it. */
static int merge_directory(const struct placement *place, struct error *err)
{
	_cleanup_close_ int fd = openat(place->dir_fd, place->name,
					O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return error_errno(err, errno, "open the directory");
	if (metadata_clear_xattrs(fd, err) < 0)
		return -1;
	return metadata_apply_fd(place->tree, place->reader, fd, place->entry, err);
}

static int write_directory(const struct placement *place, struct error *err)
{
	if (try_directory(place) < 0) {
		struct stat st;
		if (errno != EEXIST)
			return error_errno(err, errno, "create the directory");
		if (fstatat(place->dir_fd, place->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			return error_errno(err, errno, "look at what is there");
		if (S_ISDIR(st.st_mode))
			return merge_directory(place, err);
		if (create(place, try_directory, "the directory", err) < 0)
			return -1;
	}
	return metadata_apply_at(place->tree, place->reader, place->dir_fd, place->name,
				 place->entry, err);
}

static int write_node(const struct placement *place, struct error *err)
{
	bool link = place->entry->type == S_IFLNK;
	if (create(place, link ? try_symlink : try_node, link ? "the symlink" : "the node", err) <
	    0)
		return -1;
	return metadata_apply_at(place->tree, place->reader, place->dir_fd, place->name,
				 place->entry, err);
}

static bool is_same_file(int a_dir, const char *a, int b_dir, const char *b)
{
	struct stat one, two;
	return fstatat(a_dir, a, &one, AT_SYMLINK_NOFOLLOW) == 0 &&
	       fstatat(b_dir, b, &two, AT_SYMLINK_NOFOLLOW) == 0 && one.st_dev == two.st_dev &&
	       one.st_ino == two.st_ino;
}

/* The directory of a hard link's target; the caller closes it. */
static int open_target_directory(const struct placement *place, const char *path)
{
	const struct parent *parent = &place->tree->parent;
	if (parent->current && strcmp(parent->path, path) == 0)
		return fcntl(parent->fd, F_DUPFD_CLOEXEC, 0);
	return tree_open_directory(place->tree, path);
}

/* Hard links carry no metadata. The target is resolved in the root like everything else, and a
 * target that is a symlink is linked itself. */
static int write_hard_link(const struct placement *place, struct error *err)
{
	struct image_path target;
	if (image_path_parse(place->entry->link, &target, err) < 0)
		return error_context(err, "target of the hard link");
	if (!target.leaf[0])
		return error_set(err, "hard link to the root directory");
	_cleanup_close_ int dir_fd = open_target_directory(place, target.parent);
	int result = dir_fd < 0 ? -1
				: linkat(dir_fd, target.leaf, place->dir_fd, place->name, 0);
	if (result < 0 && errno == EEXIST) {
		if (is_same_file(dir_fd, target.leaf, place->dir_fd, place->name))
			return 0;
		if (clear_place(place, err) < 0)
			return -1;
		result = linkat(dir_fd, target.leaf, place->dir_fd, place->name, 0);
	}
	if (result < 0 && (errno == ENOENT || errno == ENOTDIR))
		return error_set(err, "hard link to %.160s, which is not in this layer before it "
				      "nor in a lower one", place->entry->link);
	if (result < 0)
		return error_errno(err, errno, "hard link to %.160s", place->entry->link);
	return 0;
}

/* The root itself: metadata of a directory, and nothing else ever. */
static int write_root(struct tree *tree, struct tar_reader *reader, const struct tar_entry *entry,
		      struct error *err)
{
	if (entry->type != S_IFDIR)
		return error_set(err, "the root of the image must be a directory");
	if (parent_leave(tree, err) < 0 || metadata_clear_xattrs(tree->root_fd, err) < 0)
		return -1;
	return metadata_apply_fd(tree, reader, tree->root_fd, entry, err);
}

static int write_leaf(const struct placement *place, struct error *err)
{
	if (place->entry->hard_link)
		return write_hard_link(place, err);
	switch (place->entry->type) {
	case S_IFREG:
		return write_file(place, err);
	case S_IFDIR:
		return write_directory(place, err);
	case S_IFLNK:
	case S_IFCHR:
	case S_IFBLK:
	case S_IFIFO:
		return write_node(place, err);
	}
	return error_set(err, "an entry of a type that layers cannot have (%07o)",
			 place->entry->type);
}

int entry_write(struct tree *tree, struct tar_reader *reader, const struct tar_entry *entry,
		const struct image_path *path, struct error *err)
{
	if (!path->leaf[0])
		return write_root(tree, reader, entry, err);
	if (parent_make(tree, path->parent, err) < 0)
		return -1;
	struct placement place = {tree, reader, entry, tree->parent.fd, path->leaf};
	tree->parent.modified = true;
	if (write_leaf(&place, err) < 0)
		return -1;
	if (tree->is_first)
		return 0;
	return touched_add(&tree->touched, tree->parent.inode, path->leaf, err);
}
