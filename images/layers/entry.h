// SPDX-License-Identifier: Apache-2.0
/* Writing one entry of a layer: parents are made and resolved in the root, the leaf is never
 * followed, what stands in its place is replaced (except a directory by a directory). */
#ifndef BERTH_IMAGES_LAYERS_ENTRY_H
#define BERTH_IMAGES_LAYERS_ENTRY_H

#include "images/layers/path.h"
#include "images/layers/tar_reader.h"
#include "images/layers/tree.h"

int entry_write(struct tree *tree, struct tar_reader *reader, const struct tar_entry *entry,
		const struct image_path *path, struct error *err);

#endif
