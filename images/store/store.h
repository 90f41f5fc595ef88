// SPDX-License-Identifier: Apache-2.0
/*
 * The image store, a directory on one file system:
 *
 *   layers/CHAIN-HEX       what one layer changes, as the upper directory of an overlay mount over
 *                          the layers below it; shared by all images that have this chain ID
 *   rootfs/CONFIG-HEX      a whole tree, all layers in one (`berth pack` and `berth unpack`)
 *   images/MANIFEST-HEX    record of an image: the PULL_RESULT frame, its layers by relative name
 *
 * What has one of these names is complete; a power cut is unsettled.h's concern. Anything whose name begins with ".partial-" is being made
 * or removed, and belongs to whoever holds the lock; store_open() removes what a killed pull left.
 */
#ifndef BERTH_IMAGES_STORE_STORE_H
#define BERTH_IMAGES_STORE_STORE_H

#include "images/digest.h"
#include "images/layers/layer.h"
#include "images/pull/deadline.h"
#include "images/pull/pull.h"

#include <limits.h>
#include <stdbool.h>

#define STORE_PARTIAL ".partial-"

struct store {
	const char *path;
	int fd, layers_fd, rootfs_fd, images_fd;
	bool in_memory; /* tmpfs: free space is free memory */
};

/* The name of a digest in the store. */
struct store_name {
	char text[sizeof STORE_PARTIAL + DIGEST_TEXT];
};
struct store_name store_name(const struct digest *digest, bool partial);
/* Back from a name; -1 when it is not one. */
int store_name_parse(const char *name, struct digest *out);

/* Creates what is missing, takes the lock (waits for another pull as long as the deadline allows, and
 * says so) and removes what is partial. */
int store_open(const char *path, const struct deadline *deadline, struct store *store,
	       struct error *err);
/* Only to look: nothing is created, no lock is taken. -1 when it is no store. */
int store_open_to_read(const char *path, struct store *store);
void store_close(struct store *store);

/* Bytes that may still be written. */
int store_free(const struct store *store, uint64_t *bytes, struct error *err);
/* Refuses when `needed` bytes will not fit, with the numbers; else fills the budget with what may
 * be taken at most. */
int store_check_space(const struct store *store, uint64_t needed, bool estimated,
		      struct layer_budget *budget, struct error *err);

/* Records (store_record.c). */

/* Fills digests[0..capacity) with the manifests that have a record; returns how many. */
size_t store_list(const struct store *store, struct digest *digests, size_t capacity);
/* Reads the record of a manifest, strings into `arena`; the source becomes "store". 1: complete;
 * 0: not there or not usable; never an error, for the image can be pulled again. */
int store_load(const struct store *store, const struct digest *manifest, struct arena *arena,
	       struct pull_result *out);
/* Notes that the image was used now: the one unused for longest goes first (garbage.h). */
void store_touch(const struct store *store, const struct digest *manifest);
/* Writes the record; atomic. result->layers must be what the functions below gave. */
int store_record(const struct store *store, const struct pull_result *result, struct error *err);

/* Trees and layers (store_tree.c). Paths are absolute when the store's is. */

enum store_kind { STORE_LAYER, STORE_TREE };

/* The path of what has this name; true when it is there, and so complete. */
bool store_has(const struct store *store, enum store_kind kind, const struct digest *digest,
	       char *path, size_t capacity);
/* Makes the empty partial directory; its path goes into `path`. */
int store_begin(const struct store *store, enum store_kind kind, const struct digest *digest,
		char *path, size_t capacity, struct error *err);
/* It is complete. On a disk, a layer is marked until it is settled (unsettled.h). */
int store_commit(const struct store *store, enum store_kind kind, const struct digest *digest,
		 struct error *err);
/* Removes it; a name that is complete loses it first. */
int store_remove(const struct store *store, enum store_kind kind, const struct digest *digest,
		 struct error *err);

#endif
