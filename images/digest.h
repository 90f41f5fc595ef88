// SPDX-License-Identifier: Apache-2.0
/* SHA-256 and the digests of OCI descriptors (image-spec, descriptor.md, "Digests"). */
#ifndef BERTH_IMAGES_DIGEST_H
#define BERTH_IMAGES_DIGEST_H

#include "lib/error.h"

#include <stddef.h>
#include <stdint.h>

enum { DIGEST_TEXT = 7 + 64 + 1 }; /* "sha256:" + hex + NUL */

struct digest {
	char text[DIGEST_TEXT]; /* always lower case, validated */
};

/* Accepts exactly sha256:[a-f0-9]{64}. Anything else is an error, before any other use. */
int digest_parse(const char *text, struct digest *out, struct error *err);

/* Incremental SHA-256; opaque, fixed size, no cleanup needed. */
struct sha256 {
	_Alignas(16) unsigned char state[256];
};

void sha256_begin(struct sha256 *sha);
void sha256_add(struct sha256 *sha, const void *data, size_t size);
void sha256_end(struct sha256 *sha, struct digest *out);

#endif
