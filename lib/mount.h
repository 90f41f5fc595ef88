// SPDX-License-Identifier: Apache-2.0
/*
 * Mounts as descriptors. A mount is made or copied detached, adjusted while nobody can reach it,
 * and attached to a target that was itself resolved to a descriptor: no path is resolved twice.
 */
#ifndef BERTH_LIB_MOUNT_H
#define BERTH_LIB_MOUNT_H

#include "lib/error.h"

#include <stdint.h>

struct mount_option {
	const char *key;   /* NULL ends the list */
	const char *value; /* NULL: a flag such as "newinstance" */
};

/* A new, detached file system; `attributes` are MOUNT_ATTR_*. Returns the owned descriptor of its
 * root, or -1 with the kernel's own explanation where it gives one. */
int mount_new(const char *type, const struct mount_option *options, uint64_t attributes,
	      struct error *err);

/* A detached copy of what stands at `path` below dir_fd ("" for dir_fd itself), a final symbolic
 * link not followed. `attributes` are added to the copy. Not recursive: submounts stay behind. */
int mount_copy(int dir_fd, const char *path, uint64_t attributes, struct error *err);

/* As mount_copy, with the submounts. */
int mount_copy_all(int dir_fd, const char *path, uint64_t attributes, struct error *err);

/* Puts the detached mount onto the file or directory that target_fd (O_PATH) refers to. */
int mount_attach(int mount_fd, int target_fd, const char *name, struct error *err);

/* The file system itself becomes read-only: no mount of it can be made writable again. */
int mount_freeze(int mount_fd, struct error *err);

/* Ends propagation to and from every mount of the calling process's namespace. */
int mount_make_private(struct error *err);

#endif
