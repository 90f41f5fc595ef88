// SPDX-License-Identifier: Apache-2.0
#include "images/manifest.h"

#include "lib/cleanup.h"
#include "lib/json.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { JSON_MEMORY_MAX = 64 * 1024 * 1024 };

#define OCI "application/vnd.oci.image."
#define DOCKER "application/vnd.docker."

const char manifest_accept[] =
	OCI "index.v1+json, " OCI "manifest.v1+json, " DOCKER "distribution.manifest.list.v2+json, " DOCKER
	    "distribution.manifest.v2+json";

enum media {
	MEDIA_UNKNOWN,
	MEDIA_MANIFEST,
	MEDIA_INDEX,
	MEDIA_SCHEMA_1,
	MEDIA_CONFIG,
	MEDIA_TAR,
	MEDIA_TAR_GZIP,
	MEDIA_TAR_ZSTD,
};

static const struct {
	const char *name;
	enum media media;
} media_types[] = {
	{OCI "manifest.v1+json", MEDIA_MANIFEST},
	{DOCKER "distribution.manifest.v2+json", MEDIA_MANIFEST},
	{OCI "index.v1+json", MEDIA_INDEX},
	{DOCKER "distribution.manifest.list.v2+json", MEDIA_INDEX},
	{DOCKER "distribution.manifest.v1+json", MEDIA_SCHEMA_1},
	{DOCKER "distribution.manifest.v1+prettyjws", MEDIA_SCHEMA_1},
	{OCI "config.v1+json", MEDIA_CONFIG},
	{DOCKER "container.image.v1+json", MEDIA_CONFIG},
	{OCI "layer.v1.tar", MEDIA_TAR},
	{OCI "layer.v1.tar+gzip", MEDIA_TAR_GZIP},
	{OCI "layer.v1.tar+zstd", MEDIA_TAR_ZSTD},
	{OCI "layer.nondistributable.v1.tar", MEDIA_TAR},
	{OCI "layer.nondistributable.v1.tar+gzip", MEDIA_TAR_GZIP},
	{OCI "layer.nondistributable.v1.tar+zstd", MEDIA_TAR_ZSTD},
	{DOCKER "image.rootfs.diff.tar", MEDIA_TAR},
	{DOCKER "image.rootfs.diff.tar.gzip", MEDIA_TAR_GZIP},
	{DOCKER "image.rootfs.diff.tar.zstd", MEDIA_TAR_ZSTD},
	{DOCKER "image.rootfs.foreign.diff.tar", MEDIA_TAR},
	{DOCKER "image.rootfs.foreign.diff.tar.gzip", MEDIA_TAR_GZIP},
};

static enum media media_of(const char *text)
{
	size_t length = strcspn(text, "; \t");
	for (size_t i = 0; i < countof(media_types); i++)
		if (strlen(media_types[i].name) == length &&
		    strncasecmp(media_types[i].name, text, length) == 0)
			return media_types[i].media;
	return MEDIA_UNKNOWN;
}

static int parse_descriptor(yyjson_val *object, const char *what, struct descriptor *out,
			    struct error *err)
{
	const char *digest = json_text(object, "digest");
	if (!digest)
		return error_set(err, "%s has no digest", what);
	if (digest_parse(digest, &out->digest, err) < 0)
		return error_context(err, "%s", what);
	if (!json_u64(object, "size", &out->size) || out->size > (uint64_t)INT64_MAX)
		return error_set(err, "%s %s has no valid size", what, out->digest.text);
	return 0;
}

static int parse_layer(yyjson_val *object, struct manifest_layer *out, struct error *err)
{
	if (parse_descriptor(object, "layer", &out->blob, err) < 0)
		return -1;
	const char *type = json_text_or_empty(object, "mediaType");
	switch (media_of(type)) {
	case MEDIA_TAR:
		out->compression = COMPRESSION_NONE;
		return 0;
	case MEDIA_TAR_GZIP:
		out->compression = COMPRESSION_GZIP;
		return 0;
	case MEDIA_TAR_ZSTD:
		out->compression = COMPRESSION_ZSTD;
		return 0;
	default:
		return error_set(err, "layer %s is of the unknown type \"%.80s\"",
				 out->blob.digest.text, type);
	}
}

static int parse_manifest(yyjson_val *root, struct arena *arena, struct manifest *out,
			  struct error *err)
{
	yyjson_val *config = json_object(root, "config");
	if (parse_descriptor(config, "image configuration", &out->config, err) < 0)
		return -1;
	const char *type = json_text_or_empty(config, "mediaType");
	if (media_of(type) != MEDIA_CONFIG)
		return error_set(err, "not a container image: its configuration is of type \"%.80s\"",
				 type);
	if (out->config.size > DOCUMENT_SIZE_MAX)
		return error_set(err, "image configuration is larger than %d bytes",
				 DOCUMENT_SIZE_MAX);
	yyjson_val *layers = json_array(root, "layers");
	size_t count = yyjson_arr_size(layers);
	if (count > IMAGE_LAYERS_MAX)
		return error_set(err, "image has %zu layers, at most %d are supported", count,
				 IMAGE_LAYERS_MAX);
	out->layers = arena_alloc(arena, (count + 1) * sizeof *out->layers);
	if (!out->layers)
		return error_set(err, "manifest: no memory for %zu layers", count);
	size_t i, max;
	yyjson_val *layer;
	yyjson_arr_foreach(layers, i, max, layer) {
		if (parse_layer(layer, &out->layers[i], err) < 0)
			return -1;
	}
	out->layer_count = count;
	return 0;
}

static void copy_text(char *out, size_t capacity, yyjson_val *object, const char *key)
{
	const char *text = json_text_or_empty(object, key);
	snprintf(out, capacity, "%s", text);
}

static const char *annotation(yyjson_val *annotations, const char *key, struct arena *arena)
{
	const char *text = json_text(annotations, key);
	const char *copy = text && *text ? arena_strdup(arena, text) : NULL;
	return copy ? copy : "";
}

/* 1: filled; 0: an entry to pass over (attestations, artifacts, types of the future). */
static int parse_entry(yyjson_val *object, struct arena *arena, struct index_entry *out,
		       struct error *err)
{
	*out = (struct index_entry){0};
	const char *type = json_text_or_empty(object, "mediaType");
	enum media media = media_of(type);
	if ((media != MEDIA_MANIFEST && media != MEDIA_INDEX) || strlen(type) >= MEDIA_TYPE_MAX)
		return 0;
	out->kind = media == MEDIA_INDEX ? DOCUMENT_INDEX : DOCUMENT_MANIFEST;
	memcpy(out->media_type, type, strlen(type) + 1);
	yyjson_val *platform = json_object(object, "platform");
	out->has_platform = platform != NULL;
	copy_text(out->platform.os, sizeof out->platform.os, platform, "os");
	copy_text(out->platform.architecture, sizeof out->platform.architecture, platform,
		  "architecture");
	copy_text(out->platform.variant, sizeof out->platform.variant, platform, "variant");
	yyjson_val *annotations = json_object(object, "annotations");
	if (strcmp(out->platform.os, "unknown") == 0 ||
	    json_text(annotations, "vnd.docker.reference.type"))
		return 0;
	out->ref_name = annotation(annotations, "org.opencontainers.image.ref.name", arena);
	out->image_name = annotation(annotations, "io.containerd.image.name", arena);
	return parse_descriptor(object, "index entry", &out->document, err) < 0 ? -1 : 1;
}

static int parse_index(yyjson_val *root, struct arena *arena, struct index *out, struct error *err)
{
	yyjson_val *list = json_array(root, "manifests");
	size_t count = yyjson_arr_size(list);
	if (count > INDEX_ENTRIES_MAX)
		return error_set(err, "index has %zu entries, at most %d are supported", count,
				 INDEX_ENTRIES_MAX);
	out->entries = arena_alloc(arena, (count + 1) * sizeof *out->entries);
	if (!out->entries)
		return error_set(err, "index: no memory for %zu entries", count);
	size_t i, max;
	yyjson_val *entry;
	yyjson_arr_foreach(list, i, max, entry) {
		int taken = parse_entry(entry, arena, &out->entries[out->count], err);
		if (taken < 0)
			return -1;
		out->count += (size_t)taken;
	}
	return 0;
}

/* Which kind the document is, from all that says so (CVE-2021-41190: they must agree). */
static int decide_kind(yyjson_val *root, const char *content_type, enum document_kind *out,
		       struct error *err)
{
	const char *own = json_text_or_empty(root, "mediaType");
	enum media stated = media_of(own), sent = media_of(content_type);
	uint64_t version = 0;
	json_u64(root, "schemaVersion", &version);
	if (version == 1 || stated == MEDIA_SCHEMA_1 || sent == MEDIA_SCHEMA_1)
		return error_set(err, "manifest is in the old schema 1 format, which is not "
				 "supported: push the image again with a current tool");
	if (version != 2)
		return error_set(err, "not an image manifest (schemaVersion is not 2)");
	bool layers = yyjson_obj_get(root, "layers") || yyjson_obj_get(root, "config");
	bool manifests = yyjson_obj_get(root, "manifests");
	if (layers && manifests)
		return error_set(err, "manifest is ambiguous: it has both layers and manifests");
	if (!layers && !manifests)
		return error_set(err, "not an image manifest: it has neither layers nor manifests");
	enum media shape = manifests ? MEDIA_INDEX : MEDIA_MANIFEST;
	size_t own_length = strcspn(own, "; \t"), sent_length = strcspn(content_type, "; \t");
	if ((*own && stated != shape) || (sent != MEDIA_UNKNOWN && sent != shape) ||
	    (*own && sent != MEDIA_UNKNOWN &&
	     (own_length != sent_length || strncasecmp(own, content_type, own_length) != 0)))
		return error_set(err, "manifest is ambiguous: sent as \"%.80s\", but it says "
				 "\"%.80s\" and has the form of %s", content_type, own,
				 manifests ? "an index" : "a manifest");
	if (!*own && sent == MEDIA_UNKNOWN)
		return error_set(err, "not an image manifest: its type is \"%.80s\"", content_type);
	*out = manifests ? DOCUMENT_INDEX : DOCUMENT_MANIFEST;
	return 0;
}

static int parse_root(yyjson_val *root, const char *content_type, struct arena *arena,
		      struct document *out, struct error *err)
{
	if (decide_kind(root, content_type, &out->kind, err) < 0)
		return -1;
	return out->kind == DOCUMENT_INDEX ? parse_index(root, arena, &out->index, err)
					   : parse_manifest(root, arena, &out->manifest, err);
}

int document_parse(const char *body, size_t size, const char *content_type, struct arena *arena,
		   struct document *out, struct error *err)
{
	*out = (struct document){0};
	if (size > DOCUMENT_SIZE_MAX)
		return error_set(err, "manifest is larger than %d bytes", DOCUMENT_SIZE_MAX);
	struct json json;
	int result = json_open(&json, "manifest", body, size, JSON_MEMORY_MAX, err);
	if (result == 0)
		result = parse_root(json_root(&json), content_type, arena, out, err);
	json_close(&json);
	return result;
}

/* Larger is tried earlier; 0 is never tried. */
static unsigned entry_rank(const struct index_entry *entry, const struct platform *own)
{
	unsigned nested = entry->kind == DOCUMENT_INDEX;
	if (!entry->has_platform || (nested && !*entry->platform.os))
		return 1;
	unsigned rank = platform_rank(own, &entry->platform);
	return rank == 0 ? 0 : 2 + 2 * rank - nested;
}

size_t index_order(const struct index *index, const struct platform *own, size_t *order,
		   size_t capacity)
{
	size_t count = 0;
	for (size_t i = 0; i < index->count; i++) {
		unsigned rank = entry_rank(&index->entries[i], own);
		if (rank == 0)
			continue;
		size_t at = count;
		while (at > 0 && entry_rank(&index->entries[order[at - 1]], own) < rank)
			at--;
		if (at >= capacity)
			continue;
		if (count == capacity)
			count--;
		memmove(&order[at + 1], &order[at], (count - at) * sizeof *order);
		order[at] = i;
		count++;
	}
	return count;
}

void index_offers(const struct index *index, char *out, size_t capacity)
{
	size_t used = 0;
	snprintf(out, capacity, "nothing");
	for (size_t i = 0; i < index->count; i++) {
		char text[PLATFORM_TEXT];
		if (!index->entries[i].has_platform)
			continue;
		platform_format(&index->entries[i].platform, text);
		int length = snprintf(out + used, capacity - used, "%s%s", used ? ", " : "", text);
		if (length < 0 || (size_t)length >= capacity - used) {
			out[used] = 0;
			break;
		}
		used += (size_t)length;
	}
}
