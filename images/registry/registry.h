// SPDX-License-Identifier: Apache-2.0
/*
 * Manifests and blobs of one repository (distribution-spec 1.1, "Pull"), from its mirrors in order and
 * then from the registry itself. A mirror that does not answer, does not have what is wanted or
 * refuses is passed over with a line that says why. One that delivers something else than what was
 * asked for is not: digests and sizes that do not match end the pull.
 */
#ifndef BERTH_IMAGES_REGISTRY_REGISTRY_H
#define BERTH_IMAGES_REGISTRY_REGISTRY_H

#include "images/manifest.h"
#include "images/registry/chunks.h"
#include "images/registry/endpoint.h"

struct resolve_context;

struct registry {
	struct http *http;
	struct http_settings http_settings;
	struct registry_settings settings;
	const struct reference *reference;
	struct endpoint *endpoints; /* the last is the registry itself */
	size_t count;
	size_t first;               /* the one that is asked first: those before it have failed */
	size_t answered;            /* the one that was asked last */
	bool warned;                /* its word to the user has been given on */
};

/* One piece of a blob, for a look at its first or last bytes. */
struct registry_piece {
	const struct descriptor *blob;
	uint64_t offset;
	size_t size;       /* wanted, at most sizeof bytes */
	size_t got;        /* 0 when the registry does not do ranges or did not answer */
	unsigned char bytes[32];
};

enum { REGISTRY_PIECES_MAX = EXCHANGES_MAX - 1, REGISTRY_PATH_MAX = ENDPOINT_PATH_MAX };

/* Reads the settings and finds the credentials of all endpoints; nothing is sent yet. `alive` is that
 * of struct http_settings. Close in any case. */
int registry_open(struct registry *registry, const struct resolve_context *context,
		  void (*alive)(void *context), void *alive_context, struct error *err);
void registry_close(struct registry *registry);
/* Goes on where another worker has been: `first`, and what it knows of that endpoint. */
void registry_resume(struct registry *registry, size_t first, const struct registry_access *access);
/* Who was asked last, as it stands in messages: "localhost:5000", "mirror.lan, mirror of docker.io";
 * out has PULL_TEXT bytes. */
void registry_describe(const struct registry *registry, size_t endpoint, char *out);

/* What the last answer brought was wrong: the error says so when it was a mirror's. Returns -1. */
int registry_blame(const struct registry *registry, struct error *err);

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
/* Streams a blob of known size into the sink, from `*received` on; goes on after interruptions, also
 * at the next endpoint, and over several connections when the plan says so and the registry does
 * ranges. *received counts what the sink took, also when it fails. */
int registry_blob(struct registry *registry, const struct descriptor *blob,
		  const struct chunk_plan *plan, http_sink *sink, void *context,
		  uint64_t *received, struct error *err);
/* Gets up to REGISTRY_PIECES_MAX pieces at once, and with them the whole blob `config` into
 * body[capacity] unless config is NULL. Pieces that cannot be had are left empty. */
int registry_pieces(struct registry *registry, struct registry_piece *pieces, size_t count,
		    const struct descriptor *config, char *body, size_t capacity,
		    struct error *err);

#endif
