// SPDX-License-Identifier: Apache-2.0
/* A layout below an http(s) URL, on any server that hands out files. Part of layout.h. */
#ifndef BERTH_IMAGES_LAYOUTS_LAYOUT_WEB_H
#define BERTH_IMAGES_LAYOUTS_LAYOUT_WEB_H

#include "images/layouts/layout.h"

bool layout_is_url(const char *place);
/* Gets the file `name` below the URL into body[capacity]; err->code is ENOENT when there is none. */
int layout_web_get(struct layout *layout, const char *name, char *body, size_t capacity,
		   size_t *size, struct error *err);
size_t layout_web_piece(struct layout *layout, const char *name, uint64_t offset, void *out,
			size_t size);
int layout_web_blob(struct layout *layout, const char *name, uint64_t size, http_sink *sink,
		    void *context, struct error *err);

#endif
