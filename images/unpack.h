// SPDX-License-Identifier: Apache-2.0
/* Filling a tree: runs the layer workers and the applier, watches them, and reports progress. */
#ifndef BERTH_IMAGES_UNPACK_H
#define BERTH_IMAGES_UNPACK_H

#include "images/layer.h"
#include "images/deadline.h"
#include "images/memory.h"
#include "images/resolve.h"

struct unpack_request {
	const struct resolve_context *resolve;
	const struct image *image;
	const char *tree;            /* absolute path of the partial tree */
	struct layer_budget budget;
	struct memory_plan plan;
	struct deadline deadline;
	int report_fd;               /* gets PULL_PROGRESS frames */
};

/* Returns when every layer is fetched, checked and applied, or one has failed; no child is left.
 * *bytes: compressed bytes fetched; *unpacked: bytes of file content written. */
int unpack_image(const struct unpack_request *request, uint64_t *bytes, uint64_t *unpacked,
		 struct error *err);

enum { WORKER_SILENCE_MS = 60000 }; /* without any sign of life a worker counts as hung */

#endif
