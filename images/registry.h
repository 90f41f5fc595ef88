// SPDX-License-Identifier: Apache-2.0
/* Manifests and blobs of one repository (distribution-spec 1.1, "Pull"). */
#ifndef BERTH_IMAGES_REGISTRY_H
#define BERTH_IMAGES_REGISTRY_H

#include "images/auth.h"
#include "images/chunks.h"
#include "images/manifest.h"

/* What one worker learns about a registry and the next can use: how it is spoken to, and the
 * token. */
struct registry_access {
	bool decided; /* `plain` is known to be right */
	bool plain;   /* http; only ever for a registry marked insecure */
	char authorization[AUTHORIZATION_MAX]; /* "" when none was asked for */
};

struct registry {
	struct http *http;
	const struct http_settings *settings;
	const struct reference *reference;
	const struct credentials *credentials; /* NULL: none */
	struct registry_access access;
};

/* One piece of a blob, for a look at its first or last bytes. */
struct registry_piece {
	const struct descriptor *blob;
	uint64_t offset;
	size_t size;       /* wanted, at most sizeof bytes */
	size_t got;        /* 0 when the registry does not do ranges or did not answer */
	unsigned char bytes[32];
};

enum { REGISTRY_PIECES_MAX = 8, REGISTRY_PATH_MAX = 256 + REFERENCE_TAG_MAX + DIGEST_TEXT };

/* Gets /manifests/TARGET (a tag or digest) into body[capacity]. The bytes are not checked here.
 * Errors tell a wrong repository from a wrong tag as far as the registry does. */
int registry_manifest(struct registry *registry, const char *target, char *body, size_t capacity,
		      size_t *size, char content_type[MEDIA_TYPE_MAX], struct error *err);
/* Gets PATH below the repository ("manifests/TAG", "referrers/DIGEST", "blobs/DIGEST") into
 * body[capacity]. 1: there it is; 0: the registry does not have it, or not this interface. `next`
 * may be NULL; it becomes the path of the next page of a list, "" when this was the last. */
int registry_optional(struct registry *registry, const char *path, const char *accept, char *body,
		      size_t capacity, size_t *size, char next[REGISTRY_PATH_MAX],
		      struct error *err);
/* Streams a blob of known size into the sink, from `*received` on; goes on after interruptions, and
 * over several connections when the plan says so and the registry does ranges. *received counts what
 * the sink took, also when it fails. */
int registry_blob(struct registry *registry, const struct descriptor *blob,
		  const struct chunk_plan *plan, http_sink *sink, void *context,
		  uint64_t *received, struct error *err);
/* Gets up to REGISTRY_PIECES_MAX pieces at once, and with them the whole blob `config` into
 * body[capacity] unless config is NULL. Pieces that cannot be had are left empty. */
int registry_pieces(struct registry *registry, struct registry_piece *pieces, size_t count,
		    const struct descriptor *config, char *body, size_t capacity,
		    struct error *err);

#endif
