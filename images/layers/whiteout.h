// SPDX-License-Identifier: Apache-2.0
/*
 * Whiteouts (image-spec, layer.md, "Whiteouts"): `.wh.NAME` hides NAME, `.wh..wh..opq` hides all
 * children of its directory; both only what lower layers brought, wherever in the layer they stand.
 * Other names with `.wh..wh.` are bookkeeping of the aufs filesystem and are left out.
 */
#ifndef BERTH_IMAGES_LAYERS_WHITEOUT_H
#define BERTH_IMAGES_LAYERS_WHITEOUT_H

#include "images/layers/path.h"
#include "images/layers/tree.h"

enum whiteout {
	WHITEOUT_NONE,   /* an ordinary entry */
	WHITEOUT_NAME,
	WHITEOUT_OPAQUE,
	WHITEOUT_AUFS,   /* to be left out */
};

/* Classifies an entry; a whiteout of nothing, "." or "..", and an ordinary entry below a name
 * with the reserved prefix, are errors. */
int whiteout_kind(const struct image_path *path, enum whiteout *kind, struct error *err);
/* Applies WHITEOUT_NAME or WHITEOUT_OPAQUE. Missing names are fine. */
int whiteout_apply(struct tree *tree, const struct image_path *path, enum whiteout kind,
		   struct error *err);

#endif
