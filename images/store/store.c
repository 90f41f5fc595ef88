// SPDX-License-Identifier: Apache-2.0
#include "images/store/store.h"

#include "images/pull/memory.h"
#include "images/store/unsettled.h"
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/log.h"

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
#include <time.h>

enum {
	LOCK_PAUSE_NS = 50000000,
	ENTRIES_MAX = 4 * 1000 * 1000,
	MEMORY_RESERVE = 6 * 1024 * 1024, /* left to the programs of a machine without a disk */
};

struct store_name store_name(const struct digest *digest, bool partial)
{
	struct store_name name;
	snprintf(name.text, sizeof name.text, "%s%s", partial ? STORE_PARTIAL : "",
		 digest->text + strlen("sha256:"));
	return name;
}

int store_name_parse(const char *name, struct digest *out)
{
	char text[DIGEST_TEXT];
	if (snprintf(text, sizeof text, "sha256:%s", name) >= (int)sizeof text)
		return -1;
	return digest_parse(text, out, NULL);
}

static int open_part(const struct store *store, const char *name, mode_t mode, int *out,
		     struct error *err)
{
	if (mkdirat(store->fd, name, mode) < 0 && errno != EEXIST)
		return error_errno(err, errno, "create %s/%s", store->path, name);
	*out = openat(store->fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return *out < 0 ? error_errno(err, errno, "open %s/%s", store->path, name) : 0;
}

/* The lock is held: nobody is at work on them. */
static int remove_partial(const struct store *store, int part_fd, const char *name,
			  struct error *err)
{
	int copy = openat(part_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_closedir_ DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	if (!dir)
		return error_errno(err, errno, "list %s/%s", store->path, name);
	for (struct dirent *entry; (entry = readdir(dir));)
		if (strncmp(entry->d_name, STORE_PARTIAL, strlen(STORE_PARTIAL)) == 0 &&
		    unlinkat(part_fd, entry->d_name, 0) < 0 && tree_remove(part_fd, entry->d_name, err) < 0)
			return -1;
	return 0;
}

/* Asks again and again, because the one who holds the lock may have been stopped for ever. */
static int lock(const struct store *store, const struct deadline *deadline, struct error *err)
{
	const struct timespec pause = {0, LOCK_PAUSE_NS};
	bool said = false;
	while (flock(store->fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return error_errno(err, errno, "lock the image store %s", store->path);
		if (deadline_is_over(deadline))
			return error_set(err, "another pull into %s has not ended in time",
					 store->path);
		if (!said)
			log_info("berth", "8 pull: waiting for another pull into %s", store->path);
		said = true;
		nanosleep(&pause, NULL);
	}
	return 0;
}

int store_open(const char *path, const struct deadline *deadline, struct store *store,
	       struct error *err)
{
	struct statfs fs;
	*store = (struct store){path, -1, -1, -1, -1, false};
	if (make_directories(path, 0711, err) < 0)
		return -1;
	store->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (store->fd < 0)
		return error_errno(err, errno, "open the image store %s", path);
	store->in_memory = fstatfs(store->fd, &fs) == 0 &&
			   (fs.f_type == TMPFS_MAGIC || fs.f_type == RAMFS_MAGIC);
	if (lock(store, deadline, err) < 0 || open_part(store, "layers", 0711, &store->layers_fd, err) < 0 ||
	    open_part(store, "rootfs", 0711, &store->rootfs_fd, err) < 0 ||
	    open_part(store, "images", 0700, &store->images_fd, err) < 0)
		return -1;
	if (unsettled_discard(store, err) < 0 ||
	    remove_partial(store, store->layers_fd, "layers", err) < 0 ||
	    remove_partial(store, store->rootfs_fd, "rootfs", err) < 0)
		return -1;
	return remove_partial(store, store->images_fd, "images", err);
}

int store_open_to_read(const char *path, struct store *store)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	*store = (struct store){path, open(path, flags), -1, -1, -1, false};
	if (store->fd < 0)
		return -1;
	store->layers_fd = openat(store->fd, "layers", flags); /* a packed store has none */
	store->rootfs_fd = openat(store->fd, "rootfs", flags);
	store->images_fd = openat(store->fd, "images", flags);
	return store->rootfs_fd < 0 || store->images_fd < 0 ? -1 : 0;
}

void store_close(struct store *store)
{
	cleanup_close_fd(&store->images_fd);
	cleanup_close_fd(&store->rootfs_fd);
	cleanup_close_fd(&store->layers_fd);
	cleanup_close_fd(&store->fd);
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

int store_free(const struct store *store, uint64_t *bytes, struct error *err)
{
	struct statvfs fs;
	if (fstatvfs(store->fd, &fs) < 0)
		return error_errno(err, errno, "ask for the free space of %s", store->path);
	*bytes = free_bytes(store, &fs);
	return 0;
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
	if (fstatvfs(store->fd, &fs) < 0)
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
