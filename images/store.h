// SPDX-License-Identifier: Apache-2.0
/*
 * The image store, a directory on one file system:
 *
 *   rootfs/CONFIG-HEX/          an unpacked tree, named by the digest of its image configuration;
 *                               complete as soon as it has this name
 *   rootfs/.partial-CONFIG-HEX/ a tree being filled; the next pull removes it
 *   images/MANIFEST-HEX         the PULL_RESULT frame of an image whose tree is there
 *
 * An exclusive lock on the directory makes pulls take turns.
 */
#ifndef BERTH_IMAGES_STORE_H
#define BERTH_IMAGES_STORE_H

#include "images/digest.h"
#include "images/layer.h"
#include "images/pull.h"

struct store {
	const char *path;
	int fd, rootfs_fd, images_fd;
	bool in_memory; /* tmpfs: free space is free memory */
};

/* Creates what is missing, takes the lock (waits for another pull) and removes partial trees. */
int store_open(const char *path, struct store *store, struct error *err);
/* A store that nobody writes to any more (images/packed.h): nothing is created, no lock is taken. */
int store_open_packed(const char *path, struct store *store);
void store_close(struct store *store);

/* Fills digests[0..capacity) with the manifests that have a record; returns how many. */
size_t store_list(const struct store *store, struct digest *digests, size_t capacity);
/* Reads the record of a manifest, strings into `arena`; the source becomes "store". 1: complete;
 * 0: not there or not usable; never an error, for the image can be pulled again. */
int store_load(const struct store *store, const struct digest *manifest, struct arena *arena,
	       struct pull_result *out);
/* Writes the record; atomic. result->rootfs must be the one store_commit gave. */
int store_record(const struct store *store, const struct pull_result *result, struct error *err);

/* Refuses when `needed` bytes will not fit, with the numbers; else fills the budget with what may
 * be taken at most. */
int store_check_space(const struct store *store, uint64_t needed, bool estimated,
		      struct layer_budget *budget, struct error *err);

/* The absolute path of the tree of an image; true when it is there and complete. */
bool store_has_tree(const struct store *store, const struct digest *config, char *path,
		    size_t capacity);
/* Makes the empty partial tree; its absolute path goes into `path`. */
int store_begin(const struct store *store, const struct digest *config, char *path,
		size_t capacity, struct error *err);
/* The partial tree becomes the tree. */
int store_commit(const struct store *store, const struct digest *config, struct error *err);
void store_abandon(const struct store *store, const struct digest *config);

#endif
