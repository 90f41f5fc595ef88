// SPDX-License-Identifier: Apache-2.0
#include "images/digest.h"

#include "images/sha256.h"

#include <mbedtls/sha256.h>
#include <string.h>

/* What struct sha256 hides. */
struct __attribute__((may_alias)) hash {
	enum sha256_engine engine;
	uint32_t words[8];    /* the rest is for SHA256_INSTRUCTIONS */
	uint64_t size;        /* bytes so far */
	uint8_t block[64];    /* the first size % 64 bytes are waiting */
};

struct __attribute__((may_alias)) hash_mbedtls {
	enum sha256_engine engine;
	mbedtls_sha256_context context;
};

_Static_assert(sizeof(struct hash) <= sizeof(struct sha256), "the opaque state is too small");
_Static_assert(sizeof(struct hash_mbedtls) <= sizeof(struct sha256), "the same, for mbedTLS");

static const uint32_t INITIAL[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
				    0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

int digest_parse(const char *text, struct digest *out, struct error *err)
{
	if (strncmp(text, "sha256:", 7) != 0)
		return error_set(err, "digest \"%.80s\" is not of the form sha256:HEX", text);
	size_t length = strlen(text + 7);
	if (length != 64 || strspn(text + 7, "0123456789abcdef") != 64)
		return error_set(err, "digest \"%.80s\" does not have 64 lower-case hex digits",
				 text);
	memcpy(out->text, text, DIGEST_TEXT);
	return 0;
}

void sha256_begin_with(struct sha256 *sha, enum sha256_engine engine)
{
	struct hash *hash = (struct hash *)sha;
	memset(sha, 0, sizeof *sha);
	hash->engine = engine;
	if (engine == SHA256_INSTRUCTIONS) {
		memcpy(hash->words, INITIAL, sizeof INITIAL);
		return;
	}
	struct hash_mbedtls *other = (struct hash_mbedtls *)sha;
	mbedtls_sha256_init(&other->context);
	/* Cannot fail: the second argument asks for SHA-256, and there is no accelerator. */
	(void)mbedtls_sha256_starts(&other->context, 0);
}

void sha256_begin(struct sha256 *sha)
{
	sha256_begin_with(sha, sha256_instructions_usable() ? SHA256_INSTRUCTIONS : SHA256_MBEDTLS);
}

static void add_to_blocks(struct hash *hash, const uint8_t *data, size_t size)
{
	size_t waiting = hash->size % sizeof hash->block;
	hash->size += size;
	if (waiting > 0) {
		size_t take = sizeof hash->block - waiting;
		if (take > size)
			take = size;
		memcpy(hash->block + waiting, data, take);
		data += take;
		size -= take;
		if (waiting + take < sizeof hash->block)
			return;
		sha256_instructions_blocks(hash->words, hash->block, 1);
	}
	size_t blocks = size / sizeof hash->block;
	if (blocks > 0)
		sha256_instructions_blocks(hash->words, data, blocks);
	memcpy(hash->block, data + blocks * sizeof hash->block, size % sizeof hash->block);
}

void sha256_add(struct sha256 *sha, const void *data, size_t size)
{
	struct hash *hash = (struct hash *)sha;
	if (size == 0)
		return;
	if (hash->engine == SHA256_INSTRUCTIONS)
		add_to_blocks(hash, data, size);
	else
		(void)mbedtls_sha256_update(&((struct hash_mbedtls *)sha)->context, data, size);
}

static void store_big_endian(uint8_t *out, uint64_t value, int bytes)
{
	for (int i = bytes - 1; i >= 0; i--, value >>= 8)
		out[i] = (uint8_t)value;
}

/* FIPS 180-4, 5.1.1: a one bit, zeros, and the length in bits as 64 bits. */
static void finish_blocks(struct hash *hash, uint8_t out[32])
{
	static const uint8_t padding[64] = {0x80};
	uint8_t length[8];
	store_big_endian(length, hash->size * 8, 8);
	add_to_blocks(hash, padding, 1 + (119 - hash->size % 64) % 64);
	add_to_blocks(hash, length, sizeof length);
	for (int i = 0; i < 8; i++)
		store_big_endian(out + 4 * i, hash->words[i], 4);
}

void sha256_end(struct sha256 *sha, struct digest *out)
{
	static const char digits[] = "0123456789abcdef";
	struct hash *hash = (struct hash *)sha;
	uint8_t sum[32];
	if (hash->engine == SHA256_INSTRUCTIONS) {
		finish_blocks(hash, sum);
	} else {
		mbedtls_sha256_context *context = &((struct hash_mbedtls *)sha)->context;
		(void)mbedtls_sha256_finish(context, sum);
		mbedtls_sha256_free(context);
	}
	memcpy(out->text, "sha256:", 7);
	for (int i = 0; i < 32; i++) {
		out->text[7 + 2 * i] = digits[sum[i] >> 4];
		out->text[8 + 2 * i] = digits[sum[i] & 15];
	}
	out->text[DIGEST_TEXT - 1] = 0;
}
