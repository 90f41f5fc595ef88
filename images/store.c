// SPDX-License-Identifier: Apache-2.0
#include "images/store.h"

#include "images/image.h"
#include "images/memory.h"
#include "lib/cleanup.h"
#include "lib/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>

enum {
	RECORD_MAX = FRAME_MAX,
	ENTRIES_MAX = 4 * 1000 * 1000,
	MEMORY_RESERVE = 6 * 1024 * 1024, /* left to the programs of a machine without a disk */
};

#define PARTIAL ".partial-"

struct name {
	char text[sizeof PARTIAL + DIGEST_TEXT];
};

static struct name tree_name(const struct digest *digest, bool partial)
{
	struct name name;
	snprintf(name.text, sizeof name.text, "%s%s", partial ? PARTIAL : "",
		 digest->text + strlen("sha256:"));
	return name;
}

static int open_part(const struct store *store, const char *name, mode_t mode, int *out,
		     struct error *err)
{
	if (mkdirat(store->fd, name, mode) < 0 && errno != EEXIST)
		return error_errno(err, errno, "create %s/%s", store->path, name);
	*out = openat(store->fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return *out < 0 ? error_errno(err, errno, "open %s/%s", store->path, name) : 0;
}

/* What a pull that was killed has left. The lock is held: nobody is at work on it. */
static int remove_partial_trees(const struct store *store, struct error *err)
{
	int copy = openat(store->rootfs_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_closedir_ DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	if (!dir)
		return error_errno(err, errno, "list %s/rootfs", store->path);
	for (struct dirent *entry; (entry = readdir(dir));)
		if (strncmp(entry->d_name, PARTIAL, strlen(PARTIAL)) == 0 &&
		    tree_remove(store->rootfs_fd, entry->d_name, err) < 0)
			return -1;
	return 0;
}

int store_open(const char *path, struct store *store, struct error *err)
{
	struct statfs fs;
	*store = (struct store){.path = path, .fd = -1, .rootfs_fd = -1, .images_fd = -1};
	if (make_directories(path, 0711, err) < 0)
		return -1;
	store->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (store->fd < 0)
		return error_errno(err, errno, "open the image store %s", path);
	int locked;
	do
		locked = flock(store->fd, LOCK_EX);
	while (locked < 0 && errno == EINTR);
	if (locked < 0)
		return error_errno(err, errno, "lock the image store %s", path);
	store->in_memory = fstatfs(store->fd, &fs) == 0 &&
			   (fs.f_type == TMPFS_MAGIC || fs.f_type == RAMFS_MAGIC);
	if (open_part(store, "rootfs", 0711, &store->rootfs_fd, err) < 0 ||
	    open_part(store, "images", 0700, &store->images_fd, err) < 0)
		return -1;
	return remove_partial_trees(store, err);
}

int store_open_packed(const char *path, struct store *store)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	*store = (struct store){.path = path, .fd = open(path, flags), .rootfs_fd = -1, .images_fd = -1};
	if (store->fd < 0)
		return -1;
	store->rootfs_fd = openat(store->fd, "rootfs", flags);
	store->images_fd = openat(store->fd, "images", flags);
	return store->rootfs_fd < 0 || store->images_fd < 0 ? -1 : 0;
}

void store_close(struct store *store)
{
	cleanup_close_fd(&store->images_fd);
	cleanup_close_fd(&store->rootfs_fd);
	cleanup_close_fd(&store->fd);
}

static int hex_to_digest(const char *hex, struct digest *out)
{
	char text[DIGEST_TEXT];
	if (snprintf(text, sizeof text, "sha256:%s", hex) >= (int)sizeof text)
		return -1;
	return digest_parse(text, out, NULL);
}

size_t store_list(const struct store *store, struct digest *digests, size_t capacity)
{
	int copy = openat(store->images_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_closedir_ DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	size_t count = 0;
	for (struct dirent *entry; dir && count < capacity && (entry = readdir(dir));)
		count += hex_to_digest(entry->d_name, &digests[count]) == 0;
	return count;
}

bool store_has_tree(const struct store *store, const struct digest *config, char *path,
		    size_t capacity)
{
	struct name name = tree_name(config, false);
	struct stat st;
	snprintf(path, capacity, "%s/rootfs/%s", store->path, name.text);
	return fstatat(store->rootfs_fd, name.text, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISDIR(st.st_mode);
}

/* The record's tree, found again below the path the store has now. */
static bool find_tree(const struct store *store, const char *recorded, struct arena *arena,
		      char **out)
{
	char path[4096];
	struct digest config;
	const char *slash = strrchr(recorded, '/');
	if (!slash || hex_to_digest(slash + 1, &config) < 0 ||
	    !store_has_tree(store, &config, path, sizeof path))
		return false;
	*out = arena_strdup(arena, path);
	return *out != NULL;
}

int store_load(const struct store *store, const struct digest *manifest, struct arena *arena,
	       struct pull_result *out)
{
	struct name name = tree_name(manifest, false);
	_cleanup_free_ char *record = malloc(RECORD_MAX);
	if (!record)
		return 0;
	ssize_t size = file_read(store->images_fd, name.text, record, RECORD_MAX, NULL);
	if (size < 1 || record[0] != PULL_RESULT)
		return 0;
	struct frame frame = {.type = PULL_RESULT, .data = (uint8_t *)record, .at = 1,
			      .size = (size_t)size, .capacity = (size_t)size};
	if (pull_decode_result(&frame, arena, out, NULL) < 0 ||
	    strcmp(out->digest, manifest->text) != 0 ||
	    !find_tree(store, out->rootfs, arena, &out->rootfs))
		return 0;
	out->source = arena_strdup(arena, "store");
	out->bytes = 0;
	return out->source != NULL;
}

int store_record(const struct store *store, const struct pull_result *result, struct error *err)
{
	_cleanup_free_ char *storage = malloc(FRAME_MAX);
	struct frame frame;
	struct digest manifest;
	if (!storage)
		return error_temporary(err, "no memory for an image record");
	pull_encode_result(&frame, storage, result);
	if (frame.bad || digest_parse(result->digest, &manifest, err) < 0)
		return error_set(err, "the settings of the image do not fit %d bytes", FRAME_MAX);
	struct name name = tree_name(&manifest, false), partial = tree_name(&manifest, true);
	_cleanup_close_ int fd = openat(store->images_fd, partial.text,
					O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 || write_all(fd, frame.data, frame.size, NULL) < 0 ||
	    (!store->in_memory && fsync(fd) < 0) ||
	    renameat(store->images_fd, partial.text, store->images_fd, name.text) < 0)
		return error_errno(err, errno, "write %s/images/%s", store->path, name.text);
	return 0;
}

static uint64_t free_bytes(const struct store *store, const struct statvfs *fs)
{
	uint64_t bytes = (uint64_t)fs->f_bavail * fs->f_frsize;
	if (!store->in_memory)
		return bytes;
	uint64_t memory = memory_available();
	memory = memory > MEMORY_RESERVE ? memory - MEMORY_RESERVE : 0;
	/* A tmpfs without a size limit reports no blocks at all. */
	return fs->f_blocks == 0 || memory < bytes ? memory : bytes;
}

/* "312 MiB"; smaller than 10 MiB in KiB, so that no size is shown as 0. */
static const char *format_size(uint64_t bytes, char *out, size_t capacity)
{
	if (bytes < 10ULL << 20)
		snprintf(out, capacity, "%llu KiB", (unsigned long long)(bytes + 1023) >> 10);
	else
		snprintf(out, capacity, "%llu MiB",
			 (unsigned long long)((bytes + (1 << 20) - 1) >> 20));
	return out;
}

int store_check_space(const struct store *store, uint64_t needed, bool estimated,
		      struct layer_budget *budget, struct error *err)
{
	struct statvfs fs;
	char needs[32], has[32];
	if (fstatvfs(store->rootfs_fd, &fs) < 0)
		return error_errno(err, errno, "ask for the free space of %s", store->path);
	uint64_t available = free_bytes(store, &fs);
	/* Whole pages per file, against 512-byte blocks in a tar. */
	if (store->in_memory)
		needed += needed / 64;
	if (needed > available)
		return error_set(err, "image needs %s%s unpacked, %s are free in %s: give the "
				 "machine more memory (-m) or a disk labelled berth-data",
				 estimated ? "about " : "", format_size(needed, needs, sizeof needs),
				 format_size(available, has, sizeof has), store->path);
	budget->bytes = available;
	budget->entries = fs.f_favail > 0 && fs.f_favail < ENTRIES_MAX ? fs.f_favail : ENTRIES_MAX;
	return 0;
}

int store_begin(const struct store *store, const struct digest *config, char *path,
		size_t capacity, struct error *err)
{
	struct name name = tree_name(config, true);
	snprintf(path, capacity, "%s/rootfs/%s", store->path, name.text);
	if (tree_remove(store->rootfs_fd, name.text, err) < 0)
		return -1;
	if (mkdirat(store->rootfs_fd, name.text, 0755) < 0)
		return error_errno(err, errno, "create %s", path);
	return 0;
}

int store_commit(const struct store *store, const struct digest *config, struct error *err)
{
	struct name from = tree_name(config, true), to = tree_name(config, false);
	/* The new name must not reach the disk before the content. */
	if (!store->in_memory && syncfs(store->rootfs_fd) < 0)
		return error_errno(err, errno, "write %s to its disk", store->path);
	if (renameat(store->rootfs_fd, from.text, store->rootfs_fd, to.text) < 0)
		return error_errno(err, errno, "rename %s/rootfs/%s", store->path, from.text);
	if (!store->in_memory)
		fsync(store->rootfs_fd);
	return 0;
}

void store_abandon(const struct store *store, const struct digest *config)
{
	tree_remove(store->rootfs_fd, tree_name(config, true).text, NULL);
}
