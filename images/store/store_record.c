// SPDX-License-Identifier: Apache-2.0
#include "images/store/store.h"

#include "images/image.h"
#include "lib/cleanup.h"
#include "lib/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { RECORD_MAX = FRAME_MAX };

size_t store_list(const struct store *store, struct digest *digests, size_t capacity)
{
	int copy = openat(store->images_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_closedir_ DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	size_t count = 0;
	for (struct dirent *entry; dir && count < capacity && (entry = readdir(dir));)
		count += store_name_parse(entry->d_name, &digests[count]) == 0;
	return count;
}

/* "layers/HEX" or "rootfs/HEX" of the record, below the path that the store has now. */
static bool find_layer(const struct store *store, const char *relative, struct arena *arena,
		       struct string_list *out)
{
	char path[PATH_MAX];
	struct digest digest;
	enum store_kind kind = strncmp(relative, "layers/", 7) == 0 ? STORE_LAYER : STORE_TREE;
	return (kind == STORE_LAYER || strncmp(relative, "rootfs/", 7) == 0) &&
	       store_name_parse(relative + 7, &digest) == 0 &&
	       store_has(store, kind, &digest, path, sizeof path) &&
	       string_list_add(out, arena, path, NULL) == 0;
}

static bool find_layers(const struct store *store, struct arena *arena, struct pull_result *out)
{
	struct string_list recorded = out->layers;
	out->layers = (struct string_list){0};
	for (size_t i = 0; i < recorded.count; i++)
		if (!find_layer(store, recorded.items[i], arena, &out->layers))
			return false;
	return out->layers.count > 0;
}

int store_load(const struct store *store, const struct digest *manifest, struct arena *arena,
	       struct pull_result *out)
{
	struct store_name name = store_name(manifest, false);
	_cleanup_free_ char *record = malloc(RECORD_MAX);
	if (!record)
		return 0;
	ssize_t size = file_read(store->images_fd, name.text, record, RECORD_MAX, NULL);
	if (size < 1 || record[0] != PULL_RESULT)
		return 0;
	struct frame frame = {.type = PULL_RESULT, .data = (uint8_t *)record, .at = 1,
			      .size = (size_t)size, .capacity = (size_t)size};
	if (pull_decode_result(&frame, arena, out, NULL) < 0 ||
	    strcmp(out->digest, manifest->text) != 0 || !find_layers(store, arena, out))
		return 0;
	out->source = arena_strdup(arena, "store");
	out->passed = NULL; /* that was about the pull it came from */
	out->bytes = 0;
	return out->source != NULL;
}

void store_touch(const struct store *store, const struct digest *manifest)
{
	utimensat(store->images_fd, store_name(manifest, false).text, NULL, AT_SYMLINK_NOFOLLOW);
}

/* The record must not depend on where the store is mounted. */
static int make_relative(const struct store *store, const struct string_list *paths,
			 struct arena *arena, struct string_list *out, struct error *err)
{
	size_t length = strlen(store->path);
	for (size_t i = 0; i < paths->count; i++) {
		const char *path = paths->items[i];
		if (strncmp(path, store->path, length) != 0 || path[length] != '/')
			return error_set(err, "%s is not in the store %s", path, store->path);
		if (string_list_add(out, arena, path + length + 1, err) < 0)
			return -1;
	}
	return 0;
}

static int write_record(const struct store *store, const struct digest *manifest,
			const struct frame *frame, struct error *err)
{
	struct store_name name = store_name(manifest, false), partial = store_name(manifest, true);
	_cleanup_close_ int fd = openat(store->images_fd, partial.text,
					O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	/* Not synced: a record that a power cut leaves empty is not usable, and so no harm. */
	if (fd < 0 || write_all(fd, frame->data, frame->size, NULL) < 0 ||
	    renameat(store->images_fd, partial.text, store->images_fd, name.text) < 0)
		return error_errno(err, errno, "write %s/images/%s", store->path, name.text);
	return 0;
}

int store_record(const struct store *store, const struct pull_result *result, struct error *err)
{
	_cleanup_free_ char *storage = malloc(FRAME_MAX), *block = malloc(RECORD_MAX);
	struct arena arena;
	struct frame frame;
	struct digest manifest;
	struct pull_result relative = *result;
	if (!storage || !block)
		return error_temporary(err, "no memory for an image record");
	arena_init(&arena, block, RECORD_MAX);
	relative.layers = (struct string_list){0};
	if (make_relative(store, &result->layers, &arena, &relative.layers, err) < 0)
		return -1;
	pull_encode_result(&frame, storage, &relative);
	if (frame.bad || digest_parse(result->digest, &manifest, err) < 0)
		return error_set(err, "the settings of the image do not fit %d bytes", FRAME_MAX);
	return write_record(store, &manifest, &frame, err);
}
