// SPDX-License-Identifier: Apache-2.0
/*
 * Packed images: an image store that came read-only with the initramfs, made by `berth pack`.
 * Its trees are mounted where they are: nothing is fetched, hashed or unpacked. Whoever can change
 * them can change PID 1, which stands beside them; so nothing in it is checked again.
 *
 *   /berth/store/{rootfs,images}    as in images/store/store.h
 *   /berth/store/xattrs/CONFIG-HEX  the tree's extended attributes, which cpio cannot hold: path
 *                                   NUL name NUL u32 length (little endian) value, repeated
 */
#ifndef BERTH_IMAGES_STORE_PACKED_H
#define BERTH_IMAGES_STORE_PACKED_H

#include "images/pull/pull.h"
#include "images/reference.h"

#include <stdio.h>

#define PACKED_NAME "berth/store"

enum { PACKED_XATTR_MAX = 65536 }; /* XATTR_SIZE_MAX of Linux */

/* Puts the attributes back on the files of every tree; to be called once, while the file system can
 * be written. */
int packed_restore(const char *store, struct error *err);

/* Finds the image that `wanted` names: by its digest when it has one, else by its normalised
 * reference. Strings go into `arena`. 1: found; 0: not there. */
int packed_find(const char *store, const struct reference *wanted, struct arena *arena,
		struct pull_result *out);

/* Writes one attribute; `path` begins with "/" below the tree, "" is its root. Errors stay in the
 * stream. */
void packed_xattr_write(FILE *out, const char *path, const char *name, const void *value,
			size_t length);

#endif
