// SPDX-License-Identifier: Apache-2.0
/* Looking for an image in a place. Part of layout.h. */
#include "images/layouts/layout.h"

#include "images/layouts/layout_bytes.h"
#include "images/layouts/layout_docker.h"
#include "images/layouts/layout_web.h"
#include "lib/cleanup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

enum { ENTRIES_MAX = 1024, ENTRY_NAME = 256 };

struct search {
	const struct layout_query *query;
	const struct http_settings *settings;
	struct arena *arena;
	struct layout *layout;
	struct index_entry *out;
	struct error broken; /* the first that was */
};

static int read_index(struct search *search, struct index *index, struct error *err)
{
	_cleanup_free_ char *body = malloc(DOCUMENT_SIZE_MAX + 1);
	struct layout *layout = search->layout;
	struct document document;
	size_t size;
	if (!body)
		return error_temporary(err, "no memory to read %s/index.json", layout->path);
	if (layout_index(layout, body, DOCUMENT_SIZE_MAX + 1, &size, err) < 0)
		return -1;
	if (document_parse(body, size, "application/vnd.oci.image.index.v1+json", search->arena,
			   &document, err) < 0)
		return error_context(err, "%s: index.json", layout->path);
	*index = document.index;
	return 0;
}

/* A digest can be that of a document which index.json does not list, such as the manifest for one
 * platform. */
static bool has_document(struct search *search)
{
	const struct digest *digest = &search->query->reference->digest;
	struct layout *layout = search->layout;
	struct layout_span span;
	if (!*digest->text || layout->kind == LAYOUT_WEB ||
	    layout_span(layout, layout_blob_name(digest).text, &span, NULL) < 0)
		return false;
	close(span.fd);
	*search->out = (struct index_entry){.document = {*digest, span.size}, .ref_name = "",
					    .image_name = ""};
	return span.size <= DOCUMENT_SIZE_MAX;
}

static int search_index(struct search *search, struct error *err)
{
	struct index index = {0};
	if (read_index(search, &index, err) < 0)
		return err->code == ENOENT || err->code == ENOTDIR ? 0 : -1;
	for (size_t i = 0; i < index.count; i++)
		if (layout_query_matches_entry(search->query, &index.entries[i],
					       search->layout->path)) {
			*search->out = index.entries[i];
			return 1;
		}
	return has_document(search);
}

/* What looks as if it were meant for us, but would have to be unpacked first. */
static int check_compressed(const struct layout *layout, struct error *err)
{
	static const char *const endings[] = {".tar.gz", ".tgz", ".tar.zst", ".tar.xz", ".tar.bz2"};
	size_t length = strlen(layout->path);
	for (size_t i = 0; i < countof(endings); i++) {
		size_t ending = strlen(endings[i]);
		if (length > ending && strcmp(layout->path + length - ending, endings[i]) == 0)
			return error_set(err, "%s is compressed and not looked into: decompress it",
					 layout->path);
	}
	return 0;
}

static int search_layout(struct search *search, struct error *err)
{
	struct layout *layout = search->layout;
	int found = 1;
	if (layout->kind == LAYOUT_ARCHIVE)
		found = archive_index_read(layout->fd, &layout->index, err);
	if (found < 0)
		return error_context(err, "%s", layout->path);
	if (found == 0)
		return check_compressed(layout, err);
	found = search_index(search, err);
	if (found == 0 && layout->kind == LAYOUT_ARCHIVE)
		found = layout_docker_find(layout, search->query, search->out, err);
	return found;
}

static bool try_layout(struct search *search, const char *path)
{
	struct arena before = *search->arena;
	struct error err = ERROR_INIT;
	if (search->settings && search->settings->alive)
		search->settings->alive(search->settings->alive_context);
	int found = layout_open(path, search->settings, search->layout, &err);
	if (found == 0)
		found = search_layout(search, &err);
	if (found == 1)
		return true;
	bool missing = search->layout->kind == LAYOUT_NONE && err.code == ENOENT;
	if (found < 0 && !missing && !*search->broken.text)
		search->broken = err;
	layout_close(search->layout);
	*search->arena = before;
	return false;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* Sorted, so that one medium gives the same image every time. */
static size_t list_entries(int fd, char (*names)[ENTRY_NAME])
{
	size_t count = 0;
	int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_closedir_ DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	for (struct dirent *entry; dir && count < ENTRIES_MAX && (entry = readdir(dir));)
		if (entry->d_name[0] != '.' &&
		    (entry->d_type == DT_DIR || entry->d_type == DT_REG ||
		     entry->d_type == DT_UNKNOWN || entry->d_type == DT_LNK))
			snprintf(names[count++], ENTRY_NAME, "%s", entry->d_name);
	qsort(names, count, sizeof *names, compare_names);
	return count;
}

static bool try_entries(struct search *search, const char *place)
{
	_cleanup_close_ int fd = open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_free_ char(*names)[ENTRY_NAME] = fd < 0 ? NULL : calloc(ENTRIES_MAX, sizeof *names);
	size_t count = names ? list_entries(fd, names) : 0;
	for (size_t i = 0; i < count; i++) {
		char path[LAYOUT_PATH_MAX];
		if (snprintf(path, sizeof path, "%s/%s", place, names[i]) < (int)sizeof path &&
		    try_layout(search, path))
			return true;
	}
	return false;
}

int layout_find(const char *place, const struct layout_query *query,
		const struct http_settings *settings, struct arena *arena, struct layout *layout,
		struct index_entry *out, struct error *err)
{
	struct search search = {query, settings, arena, layout, out, ERROR_INIT};
	if (try_layout(&search, place) || (!layout_is_url(place) && try_entries(&search, place)))
		return 1;
	if (!*search.broken.text)
		return 0;
	*err = search.broken;
	return -1;
}
