// SPDX-License-Identifier: Apache-2.0
#include "images/store/garbage.h"

#include "images/image.h"
#include "lib/cleanup.h"
#include "lib/log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
	IMAGES_MAX = 1024,
	NAMES_SIZE = 4 * 1024 * 1024, /* names of the layers of all records */
	RECORD_SIZE = 256 * 1024,     /* one record */
	BATCH_MAX = 256,
};

struct garbage {
	const struct store *store;
	const struct garbage_keep *keep;
	struct digest images[IMAGES_MAX];
	size_t image_count;
	struct string_list named; /* hexadecimal names that some record has */
	struct arena arena;
	char names[NAMES_SIZE], record[RECORD_SIZE];
};

static bool holds(const struct digest *digests, size_t count, const struct digest *digest)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(digests[i].text, digest->text) == 0)
			return true;
	return false;
}

static int forget_image(const struct store *store, const struct digest *manifest,
			struct error *err)
{
	struct store_name name = store_name(manifest, false);
	char signature[PATH_MAX];
	snprintf(signature, sizeof signature, "signatures/%s", name.text);
	if (unlinkat(store->images_fd, name.text, 0) < 0 && errno != ENOENT)
		return error_errno(err, errno, "remove %s/images/%s", store->path, name.text);
	if (unlinkat(store->fd, signature, 0) < 0 && errno != ENOENT)
		return error_errno(err, errno, "remove %s/%s", store->path, signature);
	return 0;
}

/* Notes the layers of one image; a record that cannot be used goes. */
static int name_layers(struct garbage *garbage, const struct digest *manifest, struct error *err)
{
	struct pull_result image;
	struct arena scratch;
	arena_init(&scratch, garbage->record, sizeof garbage->record);
	if (store_load(garbage->store, manifest, &scratch, &image) != 1)
		return forget_image(garbage->store, manifest, err);
	for (size_t i = 0; i < image.layers.count; i++)
		if (string_list_add(&garbage->named, &garbage->arena,
				    strrchr(image.layers.items[i], '/') + 1, err) < 0)
			return -1;
	return 0;
}

static int name_all(struct garbage *garbage, struct error *err)
{
	arena_init(&garbage->arena, garbage->names, sizeof garbage->names);
	garbage->named = (struct string_list){0};
	garbage->image_count = store_list(garbage->store, garbage->images, IMAGES_MAX);
	if (garbage->image_count == IMAGES_MAX)
		return error_set(err, "%s holds more than %d images", garbage->store->path,
				 IMAGES_MAX - 1);
	for (size_t i = 0; i < garbage->image_count; i++)
		if (name_layers(garbage, &garbage->images[i], err) < 0)
			return -1;
	return 0;
}

static bool is_named(const struct garbage *garbage, const struct digest *digest)
{
	const char *name = digest->text + strlen("sha256:");
	for (size_t i = 0; i < garbage->named.count; i++)
		if (strcmp(garbage->named.items[i], name) == 0)
			return true;
	return holds(garbage->keep->chains, garbage->keep->chain_count, digest);
}

/* Fills `out` with names of one part that nothing names; a full batch may not be all. */
static size_t list_unnamed(const struct garbage *garbage, int part_fd, struct digest *out)
{
	int copy = openat(part_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_closedir_ DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	size_t count = 0;
	for (struct dirent *entry; dir && count < BATCH_MAX && (entry = readdir(dir));)
		count += store_name_parse(entry->d_name, &out[count]) == 0 &&
			 !is_named(garbage, &out[count]);
	return count;
}

static int sweep_part(const struct garbage *garbage, enum store_kind kind, int part_fd,
		      struct error *err)
{
	struct digest batch[BATCH_MAX];
	size_t count;
	do {
		count = list_unnamed(garbage, part_fd, batch);
		for (size_t i = 0; i < count; i++)
			if (store_remove(garbage->store, kind, &batch[i], err) < 0)
				return -1;
	} while (count == BATCH_MAX);
	return 0;
}

static int sweep(struct garbage *garbage, struct error *err)
{
	const struct store *store = garbage->store;
	if (name_all(garbage, err) < 0 ||
	    sweep_part(garbage, STORE_LAYER, store->layers_fd, err) < 0)
		return -1;
	return sweep_part(garbage, STORE_TREE, store->rootfs_fd, err);
}

/* The image unused for longest that may go; NULL when there is none. */
static const struct digest *oldest(const struct garbage *garbage)
{
	const struct garbage_keep *keep = garbage->keep;
	const struct digest *found = NULL;
	struct timespec age = {0};
	for (size_t i = 0; i < garbage->image_count; i++) {
		const struct digest *image = &garbage->images[i];
		struct stat st;
		if (holds(keep->manifests, keep->manifest_count, image) ||
		    fstatat(garbage->store->images_fd, store_name(image, false).text, &st,
			    AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		if (found && (st.st_mtim.tv_sec > age.tv_sec ||
			      (st.st_mtim.tv_sec == age.tv_sec &&
			       st.st_mtim.tv_nsec >= age.tv_nsec)))
			continue;
		found = image;
		age = st.st_mtim;
	}
	return found;
}

int garbage_collect(const struct store *store, const struct garbage_keep *keep, uint64_t needed,
		    struct error *err)
{
	_cleanup_free_ struct garbage *garbage = malloc(sizeof *garbage);
	if (!garbage)
		return error_temporary(err, "no memory to look for unused images");
	garbage->store = store;
	garbage->keep = keep;
	for (;;) {
		uint64_t free_bytes;
		if (sweep(garbage, err) < 0 || store_free(store, &free_bytes, err) < 0)
			return -1;
		const struct digest *image = free_bytes < needed ? oldest(garbage) : NULL;
		if (!image)
			return 0;
		log_info("berth", "8 pull: removing the stored image %.19s…, unused for longest",
			 image->text);
		if (forget_image(store, image, err) < 0)
			return -1;
	}
}
