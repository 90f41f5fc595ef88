// SPDX-License-Identifier: Apache-2.0
/*
 * OCI image layouts (image-spec, image-layout.md) as a source that needs no network: directories
 * below one directory, each with index.json and blobs/. Read by confined workers.
 */
#ifndef BERTH_IMAGES_LAYOUT_H
#define BERTH_IMAGES_LAYOUT_H

#include "images/http.h"
#include "images/manifest.h"
#include "images/reference.h"

enum { LAYOUT_PATH_MAX = 1024 };

struct layout {
	int fd;                     /* the layout's directory, -1 when there is none */
	char path[LAYOUT_PATH_MAX]; /* for messages */
};

/* Searches the layouts below `directory` (and directory itself) for an image whose annotation
 * equals the reference as typed or normalised, or whose digest is the reference's. 1: found,
 * *layout is open and *out the entry (strings in `arena`); 0: none; -1: a layout is broken. */
int layout_find(const char *directory, const char *typed, const struct reference *reference,
		struct arena *arena, struct layout *layout, struct index_entry *out,
		struct error *err);
/* Opens a layout by the path that layout_find gave. */
int layout_open(const char *path, struct layout *layout, struct error *err);
/* Reads index.json into body[capacity]. */
int layout_index(const struct layout *layout, char *body, size_t capacity, size_t *size,
		 struct error *err);
/* Reads a whole small blob into body[capacity]. */
int layout_document(const struct layout *layout, const struct digest *digest, char *body,
		    size_t capacity, size_t *size, struct error *err);
/* Reads `size` bytes at `offset`; returns how many there were. */
size_t layout_piece(const struct layout *layout, const struct digest *digest, uint64_t offset,
		    void *out, size_t size);
/* Streams a blob of known size into the sink, `buffer_size` bytes at a time. */
int layout_blob(const struct layout *layout, const struct descriptor *blob, size_t buffer_size,
		http_sink *sink, void *context, struct error *err);

#endif
