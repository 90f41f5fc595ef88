// SPDX-License-Identifier: Apache-2.0
/* Digests: only the one form is accepted, and both SHA-256 engines agree on any input. */
#include "images/sha256.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_parse(const char *text)
{
	struct digest digest;
	if (digest_parse(text, &digest, NULL) < 0)
		return;
	if (strlen(text) != DIGEST_TEXT - 1 || strcmp(text, digest.text) != 0 ||
	    memcmp(text, "sha256:", 7) != 0 || strspn(text + 7, "0123456789abcdef") != 64)
		abort();
}

static void check_engines(const uint8_t *data, size_t size)
{
	struct sha256 one, two;
	struct digest a, b;
	size_t piece = size > 0 ? 1 + data[0] : 1;
	sha256_begin_with(&one, SHA256_MBEDTLS);
	sha256_begin(&two);
	sha256_add(&one, data, size);
	for (size_t at = 0; at < size; at += piece)
		sha256_add(&two, data + at, size - at < piece ? size - at : piece);
	sha256_end(&one, &a);
	sha256_end(&two, &b);
	if (strcmp(a.text, b.text) != 0)
		abort();
	check_parse(a.text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[200];
	check_engines(data, size);
	if (size < sizeof text) {
		memcpy(text, data, size);
		text[size] = 0;
		check_parse(text);
	}
	return 0;
}
