// SPDX-License-Identifier: Apache-2.0
#include "images/layouts/layout.h"

#include "lib/cleanup.h"

#include <string.h>

void layout_query_init(struct layout_query *query, const char *typed,
		       const struct reference *reference)
{
	query->typed = typed;
	query->reference = reference;
	reference_format(reference, query->normal);
}

bool layout_query_matches(const struct layout_query *query, const char *name)
{
	struct reference reference;
	char normal[REFERENCE_TEXT_MAX];
	if (!*name || *query->reference->digest.text)
		return false;
	if (strcmp(name, query->typed) == 0 || strcmp(name, query->normal) == 0)
		return true;
	if (reference_parse(name, &reference, NULL) < 0)
		return false;
	reference_format(&reference, normal);
	return strcmp(normal, query->normal) == 0;
}

/* "/images/nginx.tar" is named like docker.io/library/nginx. */
static bool is_named_like(const char *path, const struct reference *reference)
{
	static const char *const endings[] = {"", ".tar", ".oci.tar", ".oci"};
	const char *slash = strrchr(path, '/'), *last = strrchr(reference->repository, '/');
	const char *name = slash ? slash + 1 : path;
	const char *image = last ? last + 1 : reference->repository;
	size_t length = strlen(image);
	if (strncmp(name, image, length) != 0)
		return false;
	for (size_t i = 0; i < countof(endings); i++)
		if (strcmp(name + length, endings[i]) == 0)
			return true;
	return false;
}

bool layout_query_matches_entry(const struct layout_query *query, const struct index_entry *entry,
				const char *path)
{
	const struct reference *reference = query->reference;
	if (*reference->digest.text)
		return strcmp(entry->document.digest.text, reference->digest.text) == 0;
	return layout_query_matches(query, entry->image_name) ||
	       layout_query_matches(query, entry->ref_name) ||
	       (strcmp(entry->ref_name, reference->tag) == 0 && is_named_like(path, reference));
}
