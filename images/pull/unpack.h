// SPDX-License-Identifier: Apache-2.0
/*
 * Fetching and applying layers: runs the layer workers and, layer after layer, the applier; watches
 * them and reports progress.
 */
#ifndef BERTH_IMAGES_PULL_UNPACK_H
#define BERTH_IMAGES_PULL_UNPACK_H

#include "images/layers/layer.h"
#include "images/pull/deadline.h"
#include "images/pull/memory.h"
#include "images/pull/resolve.h"

/* Where layers go. */
struct unpack_target {
	void *context;
	/* Returns an owned descriptor of the directory that the layer is to be applied to. */
	int (*begin)(void *context, size_t layer, struct error *err);
	/* The layer is fetched, checked and applied; its descriptor is closed. */
	int (*commit)(void *context, size_t layer, struct error *err);
};

struct unpack_request {
	const struct resolve_context *resolve;
	const struct image *image;
	size_t first;                /* the layers below this one are there already */
	struct unpack_target target;
	struct layer_budget budget;  /* for all layers together */
	struct memory_plan plan;
	struct deadline deadline;
	int report_fd;               /* gets PULL_PROGRESS frames */
};

/* Returns when every layer is committed, or one has failed; no child is left. *bytes: compressed
 * bytes fetched; *unpacked: bytes of file content written. */
int unpack_image(const struct unpack_request *request, uint64_t *bytes, uint64_t *unpacked,
		 struct error *err);

enum { WORKER_SILENCE_MS = 60000 }; /* without any sign of life a worker counts as hung */

#endif
