// SPDX-License-Identifier: Apache-2.0
/* Bringing the layers of an image into the store: what is there stays, what is missing is fetched. */
#ifndef BERTH_IMAGES_STORE_FILL_H
#define BERTH_IMAGES_STORE_FILL_H

#include "images/image.h"
#include "images/pull/deadline.h"
#include "images/pull/memory.h"
#include "images/pull/resolve.h"
#include "images/store/store.h"

struct fill {
	const struct pull_request *request;
	const struct resolve_context *resolve;
	const struct store *store;
	const struct image *image;
	struct memory_plan plan;
	struct deadline deadline;
	int report_fd;
	struct arena *arena; /* takes the paths of the layers */

	struct string_list layers;      /* result: as in struct pull_result */
	uint64_t bytes, unpacked_bytes; /* result: fetched, written */

	struct digest chains[IMAGE_LAYERS_MAX]; /* of the image's layers */
	char partial[PATH_MAX];                 /* the directory that is being filled */
};

/* How many layers, from the lowest on, are in the store; their paths go into fill->layers. */
int fill_find_layers(struct fill *fill, size_t *count, struct error *err);
/* Brings each missing layer into a directory of its own. */
int fill_layers(struct fill *fill, struct error *err);
/* Brings all layers into one tree. */
int fill_tree(struct fill *fill, struct error *err);

#endif
