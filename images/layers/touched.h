// SPDX-License-Identifier: Apache-2.0
/*
 * The entries that the layer in hand has written, as (inode of the directory, name): a whiteout
 * hides only what lower layers brought. 8 bytes per entry at a load of at most 3/4, so at most
 * 24 bytes per entry while the table grows; the entry budget bounds it.
 *
 * An inode number that is freed and used again within the layer does no harm: the new directory is
 * this layer's as well, and so is everything in it.
 */
#ifndef BERTH_IMAGES_LAYERS_TOUCHED_H
#define BERTH_IMAGES_LAYERS_TOUCHED_H

#include "lib/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct touched {
	uint64_t key[2]; /* random: an image cannot choose names that collide */
	uint64_t *slots; /* 0 is an empty slot */
	size_t capacity; /* a power of two, or 0 */
	size_t count;
};

int touched_init(struct touched *touched, struct error *err);
int touched_add(struct touched *touched, uint64_t directory, const char *name, struct error *err);
bool touched_has(const struct touched *touched, uint64_t directory, const char *name);
void touched_free(struct touched *touched);

#endif
