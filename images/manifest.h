// SPDX-License-Identifier: Apache-2.0
/*
 * Manifests and indexes (image-spec manifest.md, image-index.md; Docker's schema 2 and manifest
 * list). Reads the JSON of one document that came from outside.
 */
#ifndef BERTH_IMAGES_MANIFEST_H
#define BERTH_IMAGES_MANIFEST_H

#include "images/digest.h"
#include "images/layers/inflate.h"
#include "images/platform.h"
#include "lib/arena.h"
#include "lib/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	DOCUMENT_SIZE_MAX = 4 * 1024 * 1024, /* of a manifest, an index or a configuration */
	IMAGE_LAYERS_MAX = 256,
	INDEX_ENTRIES_MAX = 512,
	MEDIA_TYPE_MAX = 128,
};

/* The value of the Accept header for a manifest request. */
extern const char manifest_accept[];

enum document_kind { DOCUMENT_MANIFEST, DOCUMENT_INDEX };

struct descriptor {
	struct digest digest;
	uint64_t size;
};

struct manifest_layer {
	struct descriptor blob;
	enum compression compression;
};

struct manifest {
	struct descriptor config;
	size_t layer_count;
	struct manifest_layer *layers;
};

struct index_entry {
	struct descriptor document;
	enum document_kind kind;
	char media_type[MEDIA_TYPE_MAX];
	bool has_platform;
	struct platform platform;
	const char *ref_name;   /* org.opencontainers.image.ref.name, or "" */
	const char *image_name; /* io.containerd.image.name, the full reference, or "" */
};

struct index {
	size_t count; /* without attestations and unknown media types */
	struct index_entry *entries;
};

struct document {
	enum document_kind kind;
	struct manifest manifest;
	struct index index;
};

/* Parses either kind; lists live in `arena`. `content_type` is the header's value or the media type
 * of the descriptor that led here; "" when unknown. Refused: schema 1, a body that is both kinds, a
 * mediaType that contradicts content_type, layers of unknown type, images that are no container. */
int document_parse(const char *body, size_t size, const char *content_type, struct arena *arena,
		   struct document *out, struct error *err);

/* The entries worth trying for a platform, best first: fills `order` with at most `capacity`
 * indexes of entries and returns their number. Manifests for the platform come first, then nested
 * indexes and entries that state no platform. */
size_t index_order(const struct index *index, const struct platform *own, size_t *order,
		   size_t capacity);
/* One line with the platforms on offer, "linux/amd64, linux/arm64/v8". */
void index_offers(const struct index *index, char *out, size_t capacity);

#endif
