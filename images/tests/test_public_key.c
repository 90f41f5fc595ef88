// SPDX-License-Identifier: Apache-2.0
#include "images/signatures/public_key.h"

#include "images/tests/signature_vectors.h"
#include "lib/cleanup.h"
#include "lib/tap.h"

#include <mbedtls/base64.h>

static struct public_key key;
static struct error err;

static int parse(const char *pem)
{
	err = (struct error)ERROR_INIT;
	return public_key_parse(pem, &key, &err);
}

static bool verify(const char *data, const char *base64, size_t cut)
{
	unsigned char bytes[1024];
	size_t size = 0;
	mbedtls_base64_decode(bytes, sizeof bytes, &size, (const unsigned char *)base64,
			      strlen(base64));
	return public_key_verify(&key, data, strlen(data), bytes, size - cut);
}

static void test_verify(const char *pem, const char *signature, const char *other,
			const char *name)
{
	char changed[] = PAYLOAD;
	changed[sizeof changed / 2] ^= 1;
	ok(parse(pem) == 0, "%s: parsed (%s)", name, err.text);
	ok(verify(PAYLOAD, signature, 0), "%s: cosign's signature is valid", name);
	ok(!verify(changed, signature, 0), "%s: of other bytes it is not", name);
	ok(!verify(PAYLOAD, signature, 1), "%s: cut short it is not", name);
	ok(!verify(PAYLOAD, other, 0), "%s: another key's is not", name);
	ok(!verify(PAYLOAD, "", 0), "%s: none is not", name);
	public_key_close(&key);
}

static void test_fingerprint(void)
{
	/* The hint that cosign writes into its bundles is the same hash in base64. */
	unsigned char hash[32];
	char hex[DIGEST_TEXT] = "sha256:";
	size_t size;
	mbedtls_base64_decode(hash, sizeof hash, &size,
			      (const unsigned char *)"z0g34JiNfBKCZ6t3/fF4oYk28y5ek1dGqa1yKbfd6FQ=",
			      44);
	for (size_t i = 0; i < sizeof hash; i++)
		snprintf(hex + 7 + 2 * i, 3, "%02x", hash[i]);
	ok(strstr(P256_BUNDLE, "z0g34JiNfBKCZ6t3/fF4oYk28y5ek1dGqa1yKbfd6FQ=") != NULL,
	   "the hint is the one in the bundle");
	parse(P256_PUBLIC);
	is(key.fingerprint.text, hex, "the fingerprint is cosign's key hint");
	public_key_close(&key);
}

static void test_refusals(void)
{
	static const struct {
		const char *pem, *reason;
	} bad[] = {
		{ED25519_PUBLIC, "Ed25519"},
		{P384_PUBLIC, "must be on P-256, this one has 384 bits"},
		{RSA1024_PUBLIC, "RSA keys must have 2048 to 4096 bits, this one has 1024"},
		{P256_PUBLIC RSA_PUBLIC, "more than one key"},
		{"-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\n", "private key"},
		{"-----BEGIN CERTIFICATE-----\n", "certificate"},
		{"-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----\n", "mbedTLS can read"},
		{"-----BEGIN PUBLIC KEY-----\n", "mbedTLS can read"},
		{"cosign.pub", "not a public key in PEM"},
		{"", "not a public key in PEM"},
	};
	for (size_t i = 0; i < countof(bad); i++) {
		ok(parse(bad[i].pem) < 0 && strstr(err.text, bad[i].reason), "refused: %s",
		   err.text);
		public_key_close(&key);
	}
	static char longer[PUBLIC_KEY_PEM_MAX + 2];
	memset(longer, 'A', sizeof longer - 1);
	ok(parse(longer) < 0, "refused: %s", err.text);
	public_key_close(&key);
}

int main(void)
{
	test_verify(P256_PUBLIC, P256_SIGNATURE, RSA_SIGNATURE, "P-256");
	test_verify(RSA_PUBLIC, RSA_SIGNATURE, P256_SIGNATURE, "RSA");
	test_fingerprint();
	test_refusals();
	return tap_end();
}
