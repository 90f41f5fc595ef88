// SPDX-License-Identifier: Apache-2.0
/*
 * Finding the signatures of one manifest or index, as cosign leaves them: the tag sha256-HEX.sig,
 * the referrers API and its fallback tag sha256-HEX in the same repository (distribution-spec 1.1,
 * "Listing Referrers"); in a layout, the entries of index.json that are named so or marked as
 * signatures.
 */
#ifndef BERTH_IMAGES_SIGNATURES_SIGNATURE_FIND_H
#define BERTH_IMAGES_SIGNATURES_SIGNATURE_FIND_H

#include "images/layouts/layout.h"
#include "images/registry/registry.h"
#include "images/signatures/signature.h"

/* Looks at one signature; true ends the search. */
typedef bool signature_visitor(void *context, const struct signature *signature,
			       const struct digest *subject);

struct signature_source {
	struct registry *registry;   /* NULL: the layout */
	struct layout *layout;
	char *body;                  /* DOCUMENT_SIZE_MAX + 1 bytes, used for every document */
	struct arena *arena;         /* scratch, shared with the visitor */
	signature_visitor *visit;
	void *context;
	unsigned documents, visited; /* so far; both are limited */
	struct error trouble;        /* the first document that could not be had; text "" if none */
};

/* True when the visitor is satisfied. What is broken or cannot be had is passed over. */
bool signature_find(struct signature_source *source, const struct digest *subject);

#endif
