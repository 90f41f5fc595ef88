// SPDX-License-Identifier: Apache-2.0
/*
 * The gate that every image passes in the resolver, whatever it comes from, before a byte of a layer
 * is fetched or a stored tree is used: the rule of the image settings that fits its reference.
 *
 * A signature counts when it is of the manifest that will run, or of an index on the way to it from
 * what the reference names: cosign signs what a tag points to.
 */
#ifndef BERTH_IMAGES_SIGNATURES_SIGNATURE_GATE_H
#define BERTH_IMAGES_SIGNATURES_SIGNATURE_GATE_H

#include "images/signatures/signature_find.h"
#include "images/signatures/signature_record.h"

enum { SIGNATURE_CHAIN_MAX = 8 };

/* Digests from what the reference names down to the manifest. */
struct signature_chain {
	size_t count;
	struct digest digests[SIGNATURE_CHAIN_MAX];
};

struct signature_gate {
	struct signature_rule rule;
	const struct reference *reference;
	int stored; /* folder of the signatures that stored images were let in with, or -1; owned */
	struct arena arena; /* scratch; its block is owned */
	/* What was seen on the way to the last verdict. */
	size_t seen;
	enum signature_stage stage;
	struct error reason;
	const struct public_key *key;
	bool fresh; /* the valid one was found now: `record` is to be kept in the store */
	struct signature_record record;
};

/* Finds the rule; an image that it rejects ends here. `stored` is signature_record_folder() and taken
 * over. Lists live in `arena`. Close also after failure. */
int signature_gate_open(struct signature_gate *gate, const struct settings_file *settings,
			const struct reference *reference, int stored, struct arena *arena,
			struct error *err);
/* Lets the image pass or not. With a signature, it is looked for in the store, then in the layout,
 * or, when no layout is open, in the registry. `body` has DOCUMENT_SIZE_MAX + 1 bytes. May be called
 * again for another image; then only that counts. */
int signature_gate_pass(struct signature_gate *gate, const struct signature_chain *chain,
			struct registry *registry, struct layout *layout, char *body,
			struct error *err);
void signature_gate_close(struct signature_gate *gate);

#endif
