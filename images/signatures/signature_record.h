// SPDX-License-Identifier: Apache-2.0
/*
 * The signature that let an image in, kept beside it in the store as signatures/MANIFEST-HEX. It is
 * no verdict: it is checked again, with the rule of that moment, whenever the stored image is to be
 * used, so that this needs no network. Only that its subject led to the manifest is believed, which
 * is as true as the record of the image itself. The files are readable for the resolver.
 */
#ifndef BERTH_IMAGES_SIGNATURES_SIGNATURE_RECORD_H
#define BERTH_IMAGES_SIGNATURES_SIGNATURE_RECORD_H

#include "images/signatures/signature.h"
#include "lib/frame.h"

struct signature_record {
	struct signature signature; /* in the arena it was read into */
	struct digest subject;      /* an index or the manifest itself */
	struct digest manifest;     /* of the image that was let in */
};

/* The frame that is sent to the coordinator and then kept as a file. It is bad (frame.bad) when the
 * signature does not fit `capacity`. */
void signature_record_encode(struct frame *frame, uint8_t type, void *storage, size_t capacity,
			     const struct signature_record *record);
int signature_record_decode(struct frame *frame, struct arena *arena, struct signature_record *out,
			    struct error *err);

/* Keeps the bytes of such a frame for `manifest` in the store at `store`; atomic. */
int signature_record_write(const char *store, const struct digest *manifest, const void *bytes,
			   size_t size, struct error *err);
/* Opens the folder of the records, while the caller still may: its parents can be closed to others. -1
 * when there is none. */
int signature_record_folder(const char *store);
/* 1: read; 0: there is none that is usable and of this manifest. `folder` may be -1. */
int signature_record_read(int folder, const struct digest *manifest, struct arena *arena,
			  struct signature_record *out);

#endif
