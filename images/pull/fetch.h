// SPDX-License-Identifier: Apache-2.0
/*
 * A layer worker: fetches one blob from the registry or a layout, checks its size and digest,
 * decompresses it, checks the digest of what comes out, and writes that into a pipe
 * (images/pull/outlet.h), all in one pass.
 */
#ifndef BERTH_IMAGES_PULL_FETCH_H
#define BERTH_IMAGES_PULL_FETCH_H

#include "images/pull/resolve.h"

struct fetch_context {
	const struct resolve_context *resolve;
	const struct image *image;
	const struct image_layer *layer;
	struct chunk_plan chunks; /* how the blob is split between connections */
	size_t queue_size;      /* of what is decompressed and not yet in the pipe, bytes */
	int out_fd;             /* write end of the layer's pipe */
};

/* Body of the worker (worker.h); context is a struct fetch_context. */
int fetch_main(int report_fd, void *context);

#endif
