// SPDX-License-Identifier: Apache-2.0
/* From a source to an image: the manifest for this machine, configuration, sizes. */
#include "images/pull/resolver.h"

#include "images/config.h"
#include "images/layers/unpacked.h"
#include "lib/cleanup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	DOCUMENTS_MAX = 16, /* indexes and manifests looked at for one image */
	DEPTH_MAX = 4,      /* of indexes in indexes */
	CANDIDATES_MAX = 8,
};

enum choice { CHOICE_ERROR = -1, CHOICE_NONE, CHOICE_FOUND, CHOICE_STORED };

bool resolver_has_stored(struct resolver *resolver, const struct digest *digest)
{
	const struct resolve_context *context = resolver->context;
	for (size_t i = 0; i < context->stored_count; i++)
		if (strcmp(context->stored[i].text, digest->text) == 0) {
			resolver->stored = *digest;
			return true;
		}
	return false;
}

static int check_digest(const char *body, size_t size, const struct digest *expected,
			struct digest *actual, const char *what, struct error *err)
{
	struct sha256 sha;
	sha256_begin(&sha);
	sha256_add(&sha, body, size);
	sha256_end(&sha, actual);
	if (!expected || strcmp(expected->text, actual->text) == 0)
		return 0;
	return error_set(err, "%s %s does not match its digest (its bytes give %s)", what,
			 expected->text, actual->text);
}

/* Whose bytes were wrong. */
static int blame(const struct resolver *resolver, struct error *err)
{
	if (!resolver->layout.kind)
		registry_blame(&resolver->registry, err);
	return -1;
}

/* Gets one index or manifest: `expected` by digest, or the tag of the reference when it is NULL. */
static int get_document(struct resolver *resolver, const struct digest *expected,
			const char *media_type, struct document *out, struct digest *digest,
			struct error *err)
{
	char content_type[MEDIA_TYPE_MAX];
	size_t size = 0;
	if (++resolver->documents > DOCUMENTS_MAX)
		return error_set(err, "more than %d indexes and manifests for one image",
				 DOCUMENTS_MAX);
	if (resolver->layout.kind) {
		snprintf(content_type, sizeof content_type, "%s", media_type);
		if (layout_document(&resolver->layout, expected, resolver->body,
				    DOCUMENT_SIZE_MAX + 1, &size, err) < 0)
			return -1;
	} else if (registry_manifest(&resolver->registry,
				     expected ? expected->text : resolver->context->reference->tag,
				     resolver->body, DOCUMENT_SIZE_MAX + 1, &size, content_type,
				     err) < 0) {
		return -1;
	}
	if (check_digest(resolver->body, size, expected, digest, "manifest", err) < 0)
		return blame(resolver, err);
	return document_parse(resolver->body, size, content_type, &resolver->arena, out, err);
}

/* What is looked at now, below the index it was found in. */
static void extend_chain(struct resolver *resolver, unsigned depth, const struct digest *digest)
{
	resolver->chain.digests[depth] = *digest;
	resolver->chain.count = depth + 1;
}

static enum choice choose(struct resolver *resolver, const struct digest *expected,
			  const char *media_type, const enum document_kind *kind, unsigned depth,
			  struct error *err);

static enum choice choose_from_index(struct resolver *resolver, const struct index *index,
				     unsigned depth, struct error *err)
{
	size_t order[CANDIDATES_MAX];
	size_t count = index_order(index, &resolver->own, order, CANDIDATES_MAX);
	index_offers(index, resolver->offers, sizeof resolver->offers);
	if (depth >= DEPTH_MAX) {
		error_set(err, "indexes are nested more than %d deep", DEPTH_MAX);
		return CHOICE_ERROR;
	}
	for (size_t i = 0; i < count; i++) {
		const struct index_entry *entry = &index->entries[order[i]];
		enum choice choice = choose(resolver, &entry->document.digest, entry->media_type,
					    &entry->kind, depth + 1, err);
		if (choice != CHOICE_NONE)
			return choice;
	}
	return CHOICE_NONE;
}

static enum choice choose(struct resolver *resolver, const struct digest *expected,
			  const char *media_type, const enum document_kind *kind, unsigned depth,
			  struct error *err)
{
	struct document document;
	struct digest digest;
	if (expected)
		extend_chain(resolver, depth, expected);
	if (expected && resolver_has_stored(resolver, expected))
		return CHOICE_STORED;
	if (get_document(resolver, expected, media_type, &document, &digest, err) < 0)
		return CHOICE_ERROR;
	extend_chain(resolver, depth, &digest);
	if (kind && *kind != document.kind) {
		error_set(err, "manifest %s is not of the kind that its index states", digest.text);
		return CHOICE_ERROR;
	}
	if (document.kind == DOCUMENT_INDEX)
		return choose_from_index(resolver, &document.index, depth, err);
	if (resolver_has_stored(resolver, &digest))
		return CHOICE_STORED;
	resolver->manifest = document.manifest;
	resolver->image.manifest = digest;
	return CHOICE_FOUND;
}

static int choose_manifest(struct resolver *resolver, struct error *err)
{
	const struct reference *reference = resolver->context->reference;
	const struct digest *expected = *reference->digest.text ? &reference->digest : NULL;
	const struct index_entry *entry = &resolver->layout_entry;
	enum choice choice =
		resolver->layout.kind
			? choose(resolver, &entry->document.digest, entry->media_type,
				 *entry->media_type ? &entry->kind : NULL, 0, err)
			: choose(resolver, expected, "", NULL, 0, err);
	char own[PLATFORM_TEXT];
	platform_format(&resolver->own, own);
	if (choice == CHOICE_NONE)
		return error_set(err, "the image is not available for %s; it is for %s", own,
				 resolver->offers);
	return choice == CHOICE_ERROR ? -1 : 0;
}

static int copy_layers(struct resolver *resolver, struct error *err)
{
	struct image *image = &resolver->image;
	const struct manifest *manifest = &resolver->manifest;
	image->layer_count = manifest->layer_count;
	image->layers = arena_alloc(&resolver->arena,
				    (image->layer_count + 1) * sizeof *image->layers);
	if (!image->layers)
		return error_set(err, "no memory for %zu layers", image->layer_count);
	for (size_t i = 0; i < image->layer_count; i++) {
		image->layers[i].blob = manifest->layers[i].blob;
		image->layers[i].compression = manifest->layers[i].compression;
		unpacked_size(&image->layers[i], NULL);
		if (resolver->layout.kind &&
		    layout_locate(&resolver->layout, &image->layers[i].blob,
				  &image->layers[i].offset, err) < 0)
			return -1;
	}
	return 0;
}

/* Gets the configuration and the pieces that tell the unpacked sizes, in parallel. */
static int get_config_and_sizes(struct resolver *resolver, struct error *err)
{
	struct image *image = &resolver->image;
	const struct descriptor *config = &resolver->manifest.config;
	size_t size = (size_t)config->size;
	if (resolver->layout.kind &&
	    layout_document(&resolver->layout, &config->digest, resolver->body,
			    DOCUMENT_SIZE_MAX + 1, &size, err) < 0)
		return -1;
	bool remote = !resolver->layout.kind, first = true;
	for (size_t at = 0; at < image->layer_count || (remote && first); first = false) {
		struct registry_piece pieces[REGISTRY_PIECES_MAX];
		struct image_layer *layers[REGISTRY_PIECES_MAX];
		size_t count = 0;
		for (; at < image->layer_count && count < REGISTRY_PIECES_MAX; at++)
			if (unpacked_piece(&image->layers[at], &pieces[count]))
				layers[count++] = &image->layers[at];
		if (remote && registry_pieces(&resolver->registry, pieces, count,
					      first ? config : NULL, resolver->body,
					      DOCUMENT_SIZE_MAX + 1, err) < 0)
			return -1;
		for (size_t i = 0; i < count; i++) {
			if (!remote)
				pieces[i].got = layout_piece(&resolver->layout,
							     &pieces[i].blob->digest, pieces[i].offset,
							     pieces[i].bytes, pieces[i].size);
			unpacked_size(layers[i], &pieces[i]);
		}
	}
	struct digest actual;
	if (size != config->size)
		return error_set(err, "image configuration %s has %zu bytes, %llu are stated",
				 config->digest.text, size, (unsigned long long)config->size);
	image->config_digest = config->digest;
	if (check_digest(resolver->body, size, &config->digest, &actual, "image configuration",
			 err) < 0)
		return blame(resolver, err);
	return 0;
}

static int read_config(struct resolver *resolver, struct error *err)
{
	struct image *image = &resolver->image;
	struct config_file file;
	struct arena arena;
	char own[PLATFORM_TEXT];
	void *block = arena_alloc(&resolver->arena, IMAGE_SETTINGS_MAX);
	if (!block)
		return error_set(err, "no memory for the image configuration");
	arena_init(&arena, block, IMAGE_SETTINGS_MAX);
	if (config_parse(resolver->body, (size_t)resolver->manifest.config.size, &arena, &file,
			 err) < 0)
		return -1;
	platform_format(&resolver->own, own);
	platform_format(&file.platform, image->platform);
	if (platform_rank(&resolver->own, &file.platform) == 0)
		return error_set(err, "the image is for %s, and this machine is %s",
				 image->platform, own);
	if (file.diff_id_count != image->layer_count)
		return error_set(err, "the manifest has %zu layers, but the image configuration has "
				 "%zu diff IDs", image->layer_count, file.diff_id_count);
	for (size_t i = 0; i < image->layer_count; i++)
		image->layers[i].diff_id = file.diff_ids[i];
	image->config = file.config;
	return 0;
}

/* Before a layer is fetched, or a stored tree is used. */
static int check_signature(struct resolver *resolver, struct error *err)
{
	return signature_gate_pass(&resolver->gate, &resolver->chain, &resolver->registry,
				   &resolver->layout, resolver->body, err);
}

/* The layer workers go on where the resolver has been. */
static void hand_over(struct resolver *resolver)
{
	const struct registry *registry = &resolver->registry;
	struct image *image = &resolver->image;
	image->endpoint = registry->first;
	image->access = registry->endpoints[registry->first].access;
	registry_describe(registry, registry->first, image->origin);
}

int resolver_take_image(struct resolver *resolver, struct error *err)
{
	if (choose_manifest(resolver, err) < 0 || check_signature(resolver, err) < 0)
		return -1;
	if (*resolver->stored.text)
		return 0;
	if (copy_layers(resolver, err) < 0 || get_config_and_sizes(resolver, err) < 0)
		return -1;
	hand_over(resolver);
	return read_config(resolver, err);
}
