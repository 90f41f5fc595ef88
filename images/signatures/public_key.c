// SPDX-License-Identifier: Apache-2.0
#include "images/signatures/public_key.h"

#include "lib/cleanup.h"

#include <mbedtls/ecp.h>
#include <mbedtls/sha256.h>
#include <psa/crypto.h>
#include <string.h>

enum { DER_MAX = 2048, SHA256_SIZE = 32 };

/* What people paste in place of a public key. */
static int refuse_other_pem(const char *pem, struct error *err)
{
	if (strstr(pem, "PRIVATE KEY-----"))
		return error_set(err, "this is a private key: it does not belong here, write the "
				      "public one (cosign.pub)");
	if (strstr(pem, "-----BEGIN CERTIFICATE-----"))
		return error_set(err, "this is a certificate: write its public key "
				      "(openssl x509 -pubkey -noout)");
	const char *begin = strstr(pem, "-----BEGIN ");
	if (!begin)
		return error_set(err, "not a public key in PEM (-----BEGIN PUBLIC KEY-----)");
	if (strstr(begin + 1, "-----BEGIN "))
		return error_set(err, "more than one key in one text: make it a list of texts");
	/* The object identifier 1.3.101.112 in the one form that DER has for it. */
	if (strstr(pem, "MCowBQYDK2Vw"))
		return error_set(err, "Ed25519 keys are not supported (mbedTLS has no Ed25519): "
				      "use ECDSA P-256 or RSA");
	return 0;
}

static int check_kind(const mbedtls_pk_context *pk, struct error *err)
{
	size_t bits = mbedtls_pk_get_bitlen(pk);
	switch (mbedtls_pk_get_type(pk)) {
	case MBEDTLS_PK_ECKEY:
		if (mbedtls_ecp_keypair_get_group_id(mbedtls_pk_ec(*pk)) == MBEDTLS_ECP_DP_SECP256R1)
			return 0;
		return error_set(err, "elliptic curve keys must be on P-256, this one has %zu bits",
				 bits);
	case MBEDTLS_PK_RSA:
		if (bits >= RSA_BITS_MIN && bits <= RSA_BITS_MAX)
			return 0;
		return error_set(err, "RSA keys must have %d to %d bits, this one has %zu",
				 RSA_BITS_MIN, RSA_BITS_MAX, bits);
	default:
		return error_set(err, "the key is neither ECDSA P-256 nor RSA");
	}
}

static int set_fingerprint(struct public_key *key, struct error *err)
{
	unsigned char der[DER_MAX];
	struct sha256 sha;
	int size = mbedtls_pk_write_pubkey_der(&key->pk, der, sizeof der);
	if (size <= 0)
		return error_set(err, "the key cannot be written as DER (mbedTLS -0x%x)",
				 (unsigned)-size);
	sha256_begin(&sha);
	sha256_add(&sha, der + sizeof der - size, (size_t)size); /* it is written at the end */
	sha256_end(&sha, &key->fingerprint);
	return 0;
}

int public_key_parse(const char *pem, struct public_key *out, struct error *err)
{
	mbedtls_pk_init(&out->pk);
	size_t length = strlen(pem);
	if (length > PUBLIC_KEY_PEM_MAX)
		return error_set(err, "the key is longer than %d bytes", PUBLIC_KEY_PEM_MAX);
	if (refuse_other_pem(pem, err) < 0)
		return -1;
	if (psa_crypto_init() != PSA_SUCCESS)
		return error_temporary(err, "mbedTLS does not start");
	int failed = mbedtls_pk_parse_public_key(&out->pk, (const unsigned char *)pem, length + 1);
	if (failed)
		return error_set(err, "not a public key in PEM that mbedTLS can read (-0x%x)",
				 (unsigned)-failed);
	return check_kind(&out->pk, err) < 0 ? -1 : set_fingerprint(out, err);
}

void public_key_close(struct public_key *key)
{
	mbedtls_pk_free(&key->pk);
}

bool public_key_verify(struct public_key *key, const void *data, size_t size,
		       const void *signature, size_t signature_size)
{
	unsigned char hash[SHA256_SIZE];
	return mbedtls_sha256(data, size, hash, 0) == 0 &&
	       mbedtls_pk_verify(&key->pk, MBEDTLS_MD_SHA256, hash, sizeof hash, signature,
				 signature_size) == 0;
}
