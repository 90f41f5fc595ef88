// SPDX-License-Identifier: Apache-2.0
/* The applier: a confined worker that writes the layers, in order, into the partial tree. */
#ifndef BERTH_IMAGES_APPLY_H
#define BERTH_IMAGES_APPLY_H

#include "images/image.h"
#include "images/layer.h"

struct apply_context {
	const struct pull_request *request;
	const struct image *image;
	const char *tree;           /* absolute path */
	const int *in_fds;          /* read end of each layer's pipe */
	struct layer_budget budget;
};

/* Body of the worker (worker.h); context is a struct apply_context. */
int apply_main(int report_fd, void *context);

#endif
