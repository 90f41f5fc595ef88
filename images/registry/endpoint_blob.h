// SPDX-License-Identifier: Apache-2.0
/* Blobs of one endpoint. */
#ifndef BERTH_IMAGES_REGISTRY_ENDPOINT_BLOB_H
#define BERTH_IMAGES_REGISTRY_ENDPOINT_BLOB_H

#include "images/manifest.h"
#include "images/registry/chunks.h"
#include "images/registry/endpoint.h"

/* As registry_blob(). *final: the failure is not one that another endpoint could make good. */
int endpoint_blob(struct endpoint *endpoint, const struct descriptor *blob,
		  const struct chunk_plan *plan, http_sink *sink, void *context,
		  uint64_t *received, bool *final, struct error *err);
/* After a request for a blob: is this a success? */
int endpoint_check_blob(const struct endpoint *endpoint, const struct http_request *request,
			const struct descriptor *blob, struct error *err);

#endif
