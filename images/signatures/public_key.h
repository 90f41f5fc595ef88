// SPDX-License-Identifier: Apache-2.0
/*
 * Public keys that images are signed with: a SubjectPublicKeyInfo in PEM (RFC 7468), ECDSA on P-256
 * or RSA with PKCS #1 v1.5 padding, both over SHA-256, as cosign signs. Ed25519 is not in mbedTLS
 * 3.6, neither behind its own interface nor behind PSA: such a key is refused with that reason.
 */
#ifndef BERTH_IMAGES_SIGNATURES_PUBLIC_KEY_H
#define BERTH_IMAGES_SIGNATURES_PUBLIC_KEY_H

#include "images/digest.h"

#include <mbedtls/pk.h>
#include <stdbool.h>

enum { PUBLIC_KEY_PEM_MAX = 4096, RSA_BITS_MIN = 2048, RSA_BITS_MAX = 4096 };

struct public_key {
	mbedtls_pk_context pk;
	struct digest fingerprint; /* of the DER form */
};

/* Parses exactly one key. Release with public_key_close, also after failure. */
int public_key_parse(const char *pem, struct public_key *out, struct error *err);
void public_key_close(struct public_key *key);
/* True when `signature` (ECDSA: DER; RSA: the plain number) over the SHA-256 of data[0..size) was
 * made with the private half. Anything malformed is just false. */
bool public_key_verify(struct public_key *key, const void *data, size_t size,
		       const void *signature, size_t signature_size);

#endif
