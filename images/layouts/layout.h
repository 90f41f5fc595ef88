// SPDX-License-Identifier: Apache-2.0
/*
 * Images that lie somewhere else than in a registry: OCI image layouts (image-spec, image-layout.md)
 * as a folder, as a tar file or below an http(s) URL, and the archives of `docker save`. Used by
 * confined workers.
 *
 * A place is a folder that is a layout or has layouts and archives in it, one archive, or a URL.
 */
#ifndef BERTH_IMAGES_LAYOUTS_LAYOUT_H
#define BERTH_IMAGES_LAYOUTS_LAYOUT_H

#include "images/http/http.h"
#include "images/layouts/archive_index.h"
#include "images/manifest.h"
#include "images/reference.h"

enum { LAYOUT_PATH_MAX = 1024 };

enum layout_kind { LAYOUT_NONE, LAYOUT_FOLDER, LAYOUT_ARCHIVE, LAYOUT_WEB };

struct layout {
	enum layout_kind kind;
	int fd;                     /* the folder or the file; not used for LAYOUT_WEB */
	char path[LAYOUT_PATH_MAX]; /* or URL */
	struct archive_index index; /* of an archive that layout_find opened */
	/* An archive of `docker save` has no manifest: this one was made for it. */
	char *manifest;
	size_t manifest_size;
	struct digest manifest_digest;
	const struct http_settings *settings; /* for LAYOUT_WEB, and for signs of life */
	struct http *http;
};

/* What is looked for. Fill with layout_query_init; both arguments must stay alive. */
struct layout_query {
	const char *typed;
	const struct reference *reference;
	char normal[REFERENCE_TEXT_MAX];
};

void layout_query_init(struct layout_query *query, const char *typed,
		       const struct reference *reference);
/* Whether `name`, a full reference in any notation, is the one looked for. */
bool layout_query_matches(const struct layout_query *query, const char *name);
/* Whether the index entry of a layout at `path` is; a tag alone counts in a layout that is named
 * like the image. */
bool layout_query_matches_entry(const struct layout_query *query, const struct index_entry *entry,
				const char *path);

/* Searches a place for an image with this reference or digest. 1: found, *layout is open and *out is
 * the entry, whose media type is "" when only the digest is known (strings in `arena`); 0: it is not
 * there; -1: it is not there, and something there is broken. `settings` must stay alive. */
int layout_find(const char *place, const struct layout_query *query,
		const struct http_settings *settings, struct arena *arena, struct layout *layout,
		struct index_entry *out, struct error *err);
/* Opens a layout by the path that layout_find gave. Blobs of an archive are then found by their
 * offset only. */
int layout_open(const char *path, const struct http_settings *settings, struct layout *layout,
		struct error *err);
/* For an all-zero layout too. */
void layout_close(struct layout *layout);

/* Reads index.json into body[capacity]; err->code is ENOENT when there is none. */
int layout_index(struct layout *layout, char *body, size_t capacity, size_t *size,
		 struct error *err);
/* Reads a whole small blob into body[capacity]. */
int layout_document(struct layout *layout, const struct digest *digest, char *body,
		    size_t capacity, size_t *size, struct error *err);
/* Reads `size` bytes at `offset`; returns how many there were. */
size_t layout_piece(struct layout *layout, const struct digest *digest, uint64_t offset,
		    void *out, size_t size);
/* Looks whether a blob is there whole, as far as that costs nothing. *offset: where it lies in an
 * archive, 0 when it is in a file of its own. */
int layout_locate(struct layout *layout, const struct descriptor *blob, uint64_t *offset,
		  struct error *err);
/* Streams a blob of known size into the sink, `buffer_size` bytes at a time; `offset` is what
 * layout_locate said. */
int layout_blob(struct layout *layout, const struct descriptor *blob, uint64_t offset,
		size_t buffer_size, http_sink *sink, void *context, struct error *err);

#endif
