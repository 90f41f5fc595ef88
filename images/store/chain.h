// SPDX-License-Identifier: Apache-2.0
/*
 * Chain IDs (image-spec, config.md, "Layer ChainID"): the name of a layer together with everything
 * below it. A layer's tree is made from its tar stream and from what lies below (a parent that is a
 * symbolic link there leads elsewhere), so this, not the diff ID alone, is what two equal trees
 * have in common.
 */
#ifndef BERTH_IMAGES_STORE_CHAIN_H
#define BERTH_IMAGES_STORE_CHAIN_H

#include "images/digest.h"

/* `below` is the chain ID of the layer below, or NULL for the lowest. */
void chain_id(const struct digest *below, const struct digest *diff_id, struct digest *out);

#endif
