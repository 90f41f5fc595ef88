// SPDX-License-Identifier: Apache-2.0
/*
 * What the resolver found out about an image: all that is needed to fetch its layers, check them
 * and run it. Passes from the resolver to the coordinator as one frame.
 */
#ifndef BERTH_IMAGES_IMAGE_H
#define BERTH_IMAGES_IMAGE_H

#include "images/layouts/layout.h"
#include "images/manifest.h"
#include "images/pull/pull.h"
#include "images/registry/registry.h"

enum { PASSED_MAX = 512 };

enum { IMAGE_SETTINGS_MAX = 64 * 1024 }; /* bytes of all settings in an image configuration */

struct image_layer {
	struct descriptor blob;   /* as it is transferred */
	struct digest diff_id;    /* of the uncompressed tar stream */
	enum compression compression;
	uint64_t unpacked;        /* bytes of the tar stream */
	bool estimated;           /* `unpacked` is a guess, not a fact */
	uint64_t offset;          /* of the blob in the file image.layout, or 0 */
};

struct image {
	struct digest manifest;
	struct digest config_digest;
	char platform[PLATFORM_TEXT];
	char layout[LAYOUT_PATH_MAX];  /* "" when the image comes from the registry */
	size_t place;                  /* which of the request's the layout is in */
	char passed[PASSED_MAX];       /* as in struct pull_result */
	char origin[PULL_TEXT];        /* who had the manifest, as registry_describe() says */
	size_t endpoint;               /* which of the registry's endpoints that is */
	struct registry_access access; /* to it */
	struct image_config config;
	size_t layer_count;
	struct image_layer *layers;
};

/* Frames from the resolver to the coordinator. */
enum resolve_frame {
	RESOLVE_ALIVE = 1, /* nothing; a sign of life */
	RESOLVE_IMAGE,     /* struct image; the last frame */
	RESOLVE_STORED,    /* string digest: this manifest is in the store already; string passed;
	                      the last frame */
	RESOLVE_SIGNATURE, /* a struct signature_record to keep with the image; not the last */
	RESOLVE_FAILURE,   /* as PULL_FAILURE; the last frame */
	RESOLVE_DATE,      /* as PULL_DATE; not the last */
};

/* Frames from a layer worker or the applier to the coordinator. */
enum worker_frame {
	WORKER_PROGRESS = 1, /* u64 compressed bytes received so far */
	WORKER_APPLIED,      /* applier: u64 bytes of content, u64 entries, u64 bytes of all
	                        tar streams so far; the layer is written */
	WORKER_DONE,         /* layer worker: u64 uncompressed bytes; all checked and written out */
	WORKER_FAILURE,      /* as PULL_FAILURE */
	WORKER_BAD_LAYER,    /* applier: the same, and corrupt data may be the cause */
	WORKER_PIPE_CLOSED,  /* layer worker: the data was good, but the applier has gone away */
};

void image_put(struct frame *frame, const struct image *image);
/* Strings and layers live in `arena`. */
int image_get(struct frame *frame, struct arena *arena, struct image *out, struct error *err);

void image_config_put(struct frame *frame, const struct image_config *config);
void image_config_get(struct frame *frame, struct arena *arena, struct image_config *config);

/* Encoders for the frames of pull.h; `storage` has FRAME_MAX bytes. */
void pull_encode_progress(struct frame *frame, void *storage, const struct pull_progress *progress);
void pull_encode_result(struct frame *frame, void *storage, const struct pull_result *result);
/* PULL_FAILURE, RESOLVE_FAILURE and WORKER_FAILURE have one form. */
void pull_encode_failure(struct frame *frame, void *storage, uint8_t type,
			 const struct error *failure);

#endif
