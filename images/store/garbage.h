// SPDX-License-Identifier: Apache-2.0
/*
 * Making room in the store. An image that is kept, and every layer that its record names, is never
 * touched; layers that no record names (a pull that was cut off, an image that was removed) go
 * first, then whole images, the one unused for longest first.
 */
#ifndef BERTH_IMAGES_STORE_GARBAGE_H
#define BERTH_IMAGES_STORE_GARBAGE_H

#include "images/store/store.h"

struct garbage_keep {
	const struct digest *manifests; /* images in use */
	size_t manifest_count;
	const struct digest *chains;    /* layers of the image that is being pulled */
	size_t chain_count;
};

/* Removes what no record names, and then images until `needed` bytes are free, or none is left that
 * may go; that is no error. */
int garbage_collect(const struct store *store, const struct garbage_keep *keep, uint64_t needed,
		    struct error *err);

#endif
