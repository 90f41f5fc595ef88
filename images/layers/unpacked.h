// SPDX-License-Identifier: Apache-2.0
/*
 * How large a layer will be, before it is fetched: a tar is as large as its blob; gzip ends with
 * the size of its last member modulo 2^32 (RFC 1952); a zstd frame may begin with its size (RFC
 * 8878).
 */
#ifndef BERTH_IMAGES_LAYERS_UNPACKED_H
#define BERTH_IMAGES_LAYERS_UNPACKED_H

#include "images/image.h"

/* Which piece of the blob tells the size; false when none is worth a request. */
bool unpacked_piece(const struct image_layer *layer, struct registry_piece *piece);
/* Fills layer->unpacked and layer->estimated; `piece` may be NULL or empty. */
void unpacked_size(struct image_layer *layer, const struct registry_piece *piece);

#endif
