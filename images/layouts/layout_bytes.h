// SPDX-License-Identifier: Apache-2.0
/* The files of a layout by name, wherever they are. Part of layout.h. */
#ifndef BERTH_IMAGES_LAYOUTS_LAYOUT_BYTES_H
#define BERTH_IMAGES_LAYOUTS_LAYOUT_BYTES_H

#include "images/layouts/layout.h"

struct layout_blob_name {
	char text[16 + DIGEST_TEXT]; /* "blobs/sha256/HEX" */
};
struct layout_blob_name layout_blob_name(const struct digest *digest);

/* Bytes in a file: from `offset` on, `size` of them. */
struct layout_span {
	int fd; /* to be closed */
	uint64_t offset, size;
};

/* Finds a file of a folder or an archive; err->code is ENOENT when there is none. Whatever links a
 * folder holds, the file is below it. */
int layout_span(const struct layout *layout, const char *name, struct layout_span *out,
		struct error *err);
/* Reads a whole file of any layout into body[capacity] and puts a NUL behind it. */
int layout_read(struct layout *layout, const char *name, char *body, size_t capacity, size_t *size,
		struct error *err);

#endif
