// SPDX-License-Identifier: Apache-2.0
/*
 * Which image a reference meant when it was last pulled: a file STORE/references/HEX, named by the
 * SHA-256 of the normalised reference, with the digest of the manifest and the reference, a line
 * each. The image itself may have been removed since.
 */
#ifndef BERTH_IMAGES_STORE_LAST_GOOD_H
#define BERTH_IMAGES_STORE_LAST_GOOD_H

#include "images/store/store.h"

#define LAST_GOOD_NONE "no image was stored for"

/* Atomic; writes nothing when it stands there already. `normal` is a normalised reference. */
int last_good_write(const struct store *store, const char *normal, const struct digest *manifest,
		    struct error *err);
/* False when nothing usable is noted. */
bool last_good_find(const struct store *store, const char *normal, struct digest *manifest);

#endif
