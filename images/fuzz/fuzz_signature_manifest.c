// SPDX-License-Identifier: Apache-2.0
/* Manifests of signatures, referrers, a layout's index.json; and the record in the store. */
#include "images/signatures/signature_record.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void use_manifest(const char *text, size_t size, struct arena *arena)
{
	static struct signature_manifest manifest;
	struct digest again;
	if (signature_manifest_parse(text, size, arena, &manifest, NULL) < 0)
		return;
	for (size_t i = 0; i < manifest.count; i++)
		if (!manifest.layers[i].signature || manifest.count > SIGNATURES_MAX ||
		    digest_parse(manifest.layers[i].blob.digest.text, &again, NULL) < 0)
			abort();
}

static void use_list(const char *text, size_t size)
{
	static struct signature_list list;
	struct digest subject;
	digest_parse("sha256:c7c746130e773d9b0aef3ca7fdf50b1fe4079c3bf4357d26e4c91dc38c571c50",
		     &subject, NULL);
	for (int layout = 0; layout < 2; layout++)
		if (signature_list_parse(text, size, &subject, layout, &list, NULL) == 0 &&
		    list.count > SIGNATURES_MAX)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char block[256 * 1024];
	static uint8_t copy[64 * 1024];
	struct signature_record record;
	struct arena arena;
	if (size == 0 || size > sizeof copy)
		return 0;
	arena_init(&arena, block, sizeof block);
	use_manifest((const char *)data, size, &arena);
	use_list((const char *)data, size);
	memcpy(copy, data, size);
	struct frame frame = {.type = copy[0], .data = copy, .at = 1, .size = size, .capacity = size};
	signature_record_decode(&frame, &arena, &record, NULL);
	return 0;
}
