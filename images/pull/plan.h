// SPDX-License-Identifier: Apache-2.0
/* What a pull would do: the image that was found, and what of it is in the store. */
#ifndef BERTH_IMAGES_PULL_PLAN_H
#define BERTH_IMAGES_PULL_PLAN_H

#include "images/image.h"

struct pull_plan {
	char *reference;      /* normalised */
	char *source;         /* as in struct pull_result */
	bool stored;          /* the whole image is in the store */
	uint64_t layers_here; /* layers, from the lowest on, that are in the store */
	struct image image;   /* without the authorization */
};

/* `storage` has FRAME_MAX bytes. */
void plan_encode(struct frame *frame, void *storage, const struct pull_plan *plan);
/* Strings and layers live in `arena`. */
int plan_decode(struct frame *frame, struct arena *arena, struct pull_plan *out,
		struct error *err);

#endif
