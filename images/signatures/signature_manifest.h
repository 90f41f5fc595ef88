// SPDX-License-Identifier: Apache-2.0
/*
 * Where signatures are listed: manifests that hold signatures as layers (cosign's sha256-….sig
 * tags, and referrers with a Sigstore bundle), and indexes that name such manifests (the referrers
 * API of distribution-spec 1.1, its fallback tag, and a layout's index.json). What does not look
 * like a signature is passed over; it proves nothing and harms nothing.
 */
#ifndef BERTH_IMAGES_SIGNATURES_SIGNATURE_MANIFEST_H
#define BERTH_IMAGES_SIGNATURES_SIGNATURE_MANIFEST_H

#include "images/manifest.h"

enum { SIGNATURES_MAX = 50 }; /* looked at for one image; also manifests, and layers of each */

extern const char signature_bundle_type[]; /* media type, version 0.3 */

enum signature_form {
	SIGNATURE_PAYLOAD, /* the blob is a simple-signing payload, its signature an annotation */
	SIGNATURE_BUNDLE,  /* the blob is a Sigstore bundle with a DSSE envelope */
};

struct signature_layer {
	enum signature_form form;
	struct descriptor blob;
	const char *signature; /* base64; "" for a bundle */
};

struct signature_manifest {
	struct digest subject; /* text is "" when it has none */
	size_t count;
	struct signature_layer layers[SIGNATURES_MAX];
};

/* Strings live in `arena`. */
int signature_manifest_parse(const char *body, size_t size, struct arena *arena,
			     struct signature_manifest *out, struct error *err);

/* An entry that may lead to signatures. */
struct signature_entry {
	struct digest digest;
	bool index;        /* of further entries, not a manifest */
	bool attached;     /* names a signature itself: an artifact type, or cosign's kind */
	char ref_name[96]; /* org.opencontainers.image.ref.name, "" when none or longer */
};

struct signature_list {
	size_t count;
	struct signature_entry entries[SIGNATURES_MAX];
};

/* Takes the entries that can be signatures of `subject`: all of a list of its referrers; of a
 * layout's index.json (`layout`) those that are attached or named after the subject. */
int signature_list_parse(const char *body, size_t size, const struct digest *subject, bool layout,
			 struct signature_list *out, struct error *err);

#endif
