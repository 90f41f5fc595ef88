// SPDX-License-Identifier: Apache-2.0
/*
 * One signature, in either form that cosign makes, against one rule.
 *
 * Payload (simple signing): a JSON document that is signed as it is; it names the digest and the
 * repository, and has annotations under "optional".
 *
 * Bundle (Sigstore bundle 0.1–0.3 with a DSSE envelope): the envelope's payload, an in-toto
 * statement of the type https://sigstore.dev/cosign/sign/v1, is signed in DSSE's encoding. It names
 * the digest; the repository only when it was signed as the annotation "docker-reference"
 * (cosign sign -a docker-reference=…). The key hint, logs and timestamps of a bundle are not used:
 * the keys are fixed.
 */
#ifndef BERTH_IMAGES_SIGNATURES_SIGNATURE_H
#define BERTH_IMAGES_SIGNATURES_SIGNATURE_H

#include "images/signatures/signature_manifest.h"
#include "images/signatures/signature_policy.h"

struct signature {
	enum signature_form form;
	const char *body; /* the payload or the bundle */
	size_t size;
	const char *text; /* base64 of the signature over a payload; "" for a bundle */
};

/* What the signer states. */
struct signature_claim {
	struct digest digest;
	const char *reference;            /* of the repository, "" when it is not stated */
	struct string_list names, values; /* annotations that are texts */
};

/* A DSSE envelope, decoded; all in the arena. */
struct signature_envelope {
	const unsigned char *signed_bytes; /* DSSE's pre-authentication encoding */
	size_t signed_size;
	const char *statement;             /* its last part */
	size_t statement_size;
	const unsigned char *signature;
	size_t signature_size;
};

/* How far a signature got; of several that fail, the farthest gives the reason. */
enum signature_stage {
	SIGNATURE_UNREAD,      /* not readable at all */
	SIGNATURE_UNTRUSTED,   /* no key of the rule made it */
	SIGNATURE_OTHER_IMAGE, /* a good signature of something else */
	SIGNATURE_OTHER_NAME,  /* of this image in another repository */
	SIGNATURE_UNANNOTATED, /* without the annotations of the rule */
	SIGNATURE_VALID,
};

/* Parsers of what is signed (call them after the signature is checked) and of the envelope. */
int signature_payload_parse(const char *body, size_t size, struct arena *arena,
			    struct signature_claim *out, struct error *err);
int signature_statement_parse(const char *body, size_t size, struct arena *arena,
			      struct signature_claim *out, struct error *err);
int signature_bundle_parse(const char *body, size_t size, struct arena *arena,
			   struct signature_envelope *out, struct error *err);

/* Checks everything: key, digest, identity, annotations. `scratch` is used and given back. *key is
 * set when the stage is past SIGNATURE_UNTRUSTED; err tells why it is not SIGNATURE_VALID. */
enum signature_stage signature_check(const struct signature *signature,
				     const struct digest *subject, struct signature_rule *rule,
				     struct arena *scratch, const struct public_key **key,
				     struct error *err);

#endif
