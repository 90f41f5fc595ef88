// SPDX-License-Identifier: Apache-2.0
#include "images/signatures/signature_find.h"

#include <stdio.h>
#include <string.h>

enum { DOCUMENTS_MAX = 4 * SIGNATURES_MAX, PAGES_MAX = 20 };

static const char index_accept[] = "application/vnd.oci.image.index.v1+json";

static void note(struct signature_source *source, const struct error *err)
{
	if (!*source->trouble.text)
		source->trouble = *err;
}

/* Gets PATH below the repository into source->body; false when it is not there. */
static bool ask_registry(struct signature_source *source, const char *path, const char *accept,
			 size_t *size, char next[REGISTRY_PATH_MAX])
{
	struct error err = ERROR_INIT;
	if (++source->documents > DOCUMENTS_MAX)
		return false;
	int got = registry_optional(source->registry, path, accept, source->body,
				    DOCUMENT_SIZE_MAX + 1, size, next, &err);
	if (got < 0)
		note(source, &err);
	return got == 1;
}

/* Gets what a descriptor names; false unless the bytes have this digest. */
static bool get_document(struct signature_source *source, const struct digest *digest, bool blob,
			 size_t *size)
{
	struct error err = ERROR_INIT;
	struct sha256 sha;
	struct digest actual;
	char path[REGISTRY_PATH_MAX];
	snprintf(path, sizeof path, "%s/%s", blob ? "blobs" : "manifests", digest->text);
	if (source->registry) {
		if (!ask_registry(source, path, blob ? NULL : manifest_accept, size, NULL))
			return false;
	} else if (++source->documents > DOCUMENTS_MAX ||
		   layout_document(source->layout, digest, source->body, DOCUMENT_SIZE_MAX + 1, size,
				   &err) < 0) {
		note(source, &err);
		return false;
	}
	sha256_begin(&sha);
	sha256_add(&sha, source->body, *size);
	sha256_end(&sha, &actual);
	if (strcmp(actual.text, digest->text) == 0)
		return true;
	error_set(&err, "%s does not match its digest (its bytes give %s)", digest->text, actual.text);
	note(source, &err);
	return false;
}

static bool visit_layer(struct signature_source *source, const struct signature_layer *layer,
			const struct digest *subject)
{
	size_t size = 0;
	if (source->visited >= SIGNATURES_MAX ||
	    !get_document(source, &layer->blob.digest, true, &size) || size != layer->blob.size)
		return false;
	source->visited++;
	const struct signature signature = {layer->form, source->body, size, layer->signature};
	return source->visit(source->context, &signature, subject);
}

/* The manifest is in source->body. One that refers to something else is not ours. */
static bool visit_manifest(struct signature_source *source, size_t size,
			   const struct digest *subject)
{
	struct arena before = *source->arena;
	struct signature_manifest manifest;
	struct error err = ERROR_INIT;
	bool satisfied = false;
	if (signature_manifest_parse(source->body, size, source->arena, &manifest, &err) < 0)
		note(source, &err);
	else if (!*manifest.subject.text || strcmp(manifest.subject.text, subject->text) == 0)
		for (size_t i = 0; i < manifest.count && !satisfied; i++)
			satisfied = visit_layer(source, &manifest.layers[i], subject);
	if (!satisfied) /* or the visitor has kept something */
		*source->arena = before;
	return satisfied;
}

/* The index is in source->body; `layout` as in signature_list_parse. */
static bool visit_list(struct signature_source *source, size_t size, const struct digest *subject,
		       bool layout)
{
	struct signature_list list;
	struct error err = ERROR_INIT;
	if (signature_list_parse(source->body, size, subject, layout, &list, &err) < 0) {
		note(source, &err);
		return false;
	}
	for (size_t i = 0; i < list.count; i++) {
		const struct signature_entry *entry = &list.entries[i];
		if (!get_document(source, &entry->digest, false, &size))
			continue;
		if (entry->index ? visit_list(source, size, subject, false)
				 : visit_manifest(source, size, subject))
			return true;
	}
	return false;
}

static bool visit_referrers(struct signature_source *source, const struct digest *subject)
{
	char path[REGISTRY_PATH_MAX], next[REGISTRY_PATH_MAX];
	size_t size;
	snprintf(path, sizeof path, "referrers/%s", subject->text);
	for (int page = 0; page < PAGES_MAX && *path; page++) {
		if (!ask_registry(source, path, index_accept, &size, next))
			return false;
		if (visit_list(source, size, subject, false))
			return true;
		memcpy(path, next, sizeof path);
	}
	return false;
}

static bool find_in_registry(struct signature_source *source, const struct digest *subject)
{
	const char *hex = subject->text + strlen("sha256:");
	char path[REGISTRY_PATH_MAX];
	size_t size;
	snprintf(path, sizeof path, "manifests/sha256-%s.sig", hex);
	if (ask_registry(source, path, manifest_accept, &size, NULL) &&
	    visit_manifest(source, size, subject))
		return true;
	if (visit_referrers(source, subject))
		return true;
	snprintf(path, sizeof path, "manifests/sha256-%s", hex);
	return ask_registry(source, path, index_accept, &size, NULL) &&
	       visit_list(source, size, subject, false);
}

bool signature_find(struct signature_source *source, const struct digest *subject)
{
	struct error err = ERROR_INIT;
	size_t size;
	if (source->registry)
		return find_in_registry(source, subject);
	if (layout_index(source->layout, source->body, DOCUMENT_SIZE_MAX + 1, &size, &err) == 0)
		return visit_list(source, size, subject, true);
	note(source, &err);
	return false;
}
