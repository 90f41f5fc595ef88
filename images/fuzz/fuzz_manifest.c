// SPDX-License-Identifier: Apache-2.0
/* Manifests and indexes: the first byte chooses the Content-Type, the rest is the body. */
#include "images/manifest.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const content_types[] = {
	"",
	"application/vnd.oci.image.manifest.v1+json",
	"application/vnd.oci.image.index.v1+json",
	"application/vnd.docker.distribution.manifest.v2+json",
	"application/vnd.docker.distribution.manifest.list.v2+json; charset=utf-8",
	"text/plain",
};

static void use_index(const struct index *index)
{
	const struct platform own = {"linux", "amd64", ""};
	size_t order[4];
	char offers[100];
	size_t count = index_order(index, &own, order, 4);
	for (size_t i = 0; i < count; i++)
		if (order[i] >= index->count)
			abort();
	index_offers(index, offers, sizeof offers);
	if (strlen(offers) >= sizeof offers)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char block[256 * 1024];
	struct document document;
	struct arena arena;
	if (size == 0)
		return 0;
	arena_init(&arena, block, sizeof block);
	const char *type = content_types[data[0] % (sizeof content_types / sizeof *content_types)];
	if (document_parse((const char *)data + 1, size - 1, type, &arena, &document, NULL) < 0)
		return 0;
	if (document.kind == DOCUMENT_INDEX)
		use_index(&document.index);
	return 0;
}
