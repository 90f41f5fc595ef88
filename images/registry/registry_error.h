// SPDX-License-Identifier: Apache-2.0
/* What a registry's refusal means to the reader of the console. */
#ifndef BERTH_IMAGES_REGISTRY_REGISTRY_ERROR_H
#define BERTH_IMAGES_REGISTRY_REGISTRY_ERROR_H

#include "images/registry/endpoint.h"

/* Explains a status other than success; `target` is the tag or digest that was asked for. */
int registry_refused(const struct endpoint *endpoint, const char *target,
		     const struct http_request *request, struct error *err);
/* The repository exists, but not this tag: lists some that do. `body` answers /tags/list. */
int registry_no_tag(const struct endpoint *endpoint, const char *target, const char *body,
		    size_t size, struct error *err);

#endif
