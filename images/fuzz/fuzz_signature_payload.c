// SPDX-License-Identifier: Apache-2.0
/* cosign's simple-signing payload, and the in-toto statement of a bundle. */
#include "images/signatures/signature.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void use(const struct signature_claim *claim)
{
	struct digest again;
	if (digest_parse(claim->digest.text, &again, NULL) < 0 || !claim->reference ||
	    claim->names.count != claim->values.count)
		abort();
	for (size_t i = 0; i < claim->names.count; i++)
		if (!claim->names.items[i] || !claim->values.items[i])
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char block[64 * 1024];
	struct signature_claim claim;
	struct arena arena;
	arena_init(&arena, block, sizeof block);
	if (signature_payload_parse((const char *)data, size, &arena, &claim, NULL) == 0)
		use(&claim);
	if (signature_statement_parse((const char *)data, size, &arena, &claim, NULL) == 0)
		use(&claim);
	return 0;
}
