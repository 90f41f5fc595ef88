// SPDX-License-Identifier: Apache-2.0
/* A Sigstore bundle, through its envelope down to the statement. */
#include "images/signatures/signature.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char block[256 * 1024];
	struct signature_envelope envelope;
	struct signature_claim claim;
	struct arena arena;
	arena_init(&arena, block, sizeof block);
	if (signature_bundle_parse((const char *)data, size, &arena, &envelope, NULL) < 0)
		return 0;
	const char *end = (const char *)envelope.signed_bytes + envelope.signed_size;
	if (memcmp(envelope.signed_bytes, "DSSEv1 28 application/vnd.in-toto+json ", 39) != 0 ||
	    envelope.statement + envelope.statement_size != end || envelope.signature_size == 0)
		abort();
	signature_statement_parse(envelope.statement, envelope.statement_size, &arena, &claim, NULL);
	return 0;
}
