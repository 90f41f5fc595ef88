// SPDX-License-Identifier: Apache-2.0
/* What the parts of the resolver share. Part of resolve.h. */
#ifndef BERTH_IMAGES_PULL_RESOLVER_H
#define BERTH_IMAGES_PULL_RESOLVER_H

#include "images/pull/resolve.h"
#include "images/signatures/signature_gate.h"

struct resolver {
	const struct resolve_context *context;
	int report_fd;
	struct registry registry;
	struct layout layout;
	struct index_entry layout_entry;
	struct platform own;
	struct arena arena;
	void *block; /* of the arena */
	struct digest stored; /* text is "" unless the manifest is in the store */
	struct manifest manifest;
	struct image image;
	struct signature_gate gate;
	struct signature_chain chain;
	bool date_sent;
	unsigned documents;
	char offers[200]; /* platforms of the last index without a match */
	char *body;       /* DOCUMENT_SIZE_MAX + 1 bytes */
};

/* From the layout that is open, or else from the registry: the manifest for this machine, its
 * signature, the configuration and the sizes; fills resolver->image, or resolver->stored when that is
 * in the store. */
int resolver_take_image(struct resolver *resolver, struct error *err);
/* Whether this manifest is in the store; then it is resolver->stored. */
bool resolver_has_stored(struct resolver *resolver, const struct digest *digest);

#endif
