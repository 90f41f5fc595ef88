// SPDX-License-Identifier: Apache-2.0
/*
 * Applying layers (image-spec, layer.md): a tar stream into a root directory, whiteouts included.
 * Parents resolve in root (openat2 RESOLVE_IN_ROOT), leaves are never followed, everything goes
 * through descriptors. The tar parser is libarchive's; the writer is this one.
 */
#ifndef BERTH_IMAGES_LAYERS_LAYER_H
#define BERTH_IMAGES_LAYERS_LAYER_H

#include "lib/error.h"

#include <stdint.h>

/* A budget for all layers of one image; each layer_apply takes from it. */
struct layer_budget {
	uint64_t bytes;   /* file content still allowed */
	uint64_t entries; /* entries still allowed */
	uint64_t stream;  /* bytes of the tar streams read so far, headers and padding included */
	uint64_t stream_max; /* 0: any number */
};

struct layer_stats {
	uint64_t bytes;   /* file content written */
	uint64_t entries; /* entries applied, whiteouts included */
};

/* Reads one uncompressed tar stream from stream_fd to its end (EOF) and applies it to root_fd (an
 * open directory). Layers of one image are applied in order with one call each. Errors name the
 * entry; ENOSPC says how much was written and how much is free. Entries whose device node, owner or
 * xattr the process may not set are errors, not silently left out. */
int layer_apply(int stream_fd, int root_fd, struct layer_budget *budget, struct layer_stats *stats,
		struct error *err);

/* The system calls that the two functions here need, with the allocator's and exit: numbers as
 * confine_policy.syscalls has them, UINT16_MAX at the end. A caller adds its own, and allows
 * threads. As root they also need CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_FSETID, CAP_MKNOD
 * and CAP_SETFCAP. */
extern const uint16_t layer_syscalls[];

/* Removes everything below the directory `name` of dir_fd, and itself; by descriptor, no symlink
 * is followed, and not into other mounts. Missing is fine. */
int tree_remove(int dir_fd, const char *name, struct error *err);

#endif
