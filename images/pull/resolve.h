// SPDX-License-Identifier: Apache-2.0
/* The resolver: a confined worker that turns a reference into a struct image. */
#ifndef BERTH_IMAGES_PULL_RESOLVE_H
#define BERTH_IMAGES_PULL_RESOLVE_H

#include "images/image.h"
#include "images/settings.h"

struct resolve_context {
	const struct pull_request *request;
	const struct reference *reference;
	const struct digest *stored; /* manifests whose trees are in the store already */
	size_t stored_count;
	const struct credentials_file *credentials;
	const struct settings_file *settings;
	size_t buffer_size; /* receive buffer, bytes */
	bool stored_only;   /* `reference` has a digest: that image from the store, or none */
	size_t first_place; /* of the request's; what comes before has been tried */
	char passed[PASSED_MAX]; /* what came of that */
};

/* The raw credentials file, read before privileges are dropped and parsed after. */
struct credentials_file {
	size_t size; /* 0: there is none */
	char text[CREDENTIALS_FILE_MAX + 1];
};

/* Body of the worker (worker.h); context is a struct resolve_context. */
int resolve_main(int report_fd, void *context);

#endif
