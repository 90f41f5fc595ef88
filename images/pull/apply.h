// SPDX-License-Identifier: Apache-2.0
/* The applier: a confined worker that writes one layer into a directory. */
#ifndef BERTH_IMAGES_PULL_APPLY_H
#define BERTH_IMAGES_PULL_APPLY_H

#include "images/image.h"
#include "images/layers/layer.h"

struct apply_context {
	const struct pull_request *request;
	const struct image_layer *layer;
	int root_fd; /* the directory */
	int in_fd;   /* read end of the layer's pipe */
	struct layer_budget budget;
	uint64_t packed; /* compressed bytes of the whole image */
};

/* Body of the worker (worker.h); context is a struct apply_context. */
int apply_main(int report_fd, void *context);

#endif
