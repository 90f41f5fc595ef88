// SPDX-License-Identifier: Apache-2.0
/*
 * Masked and read-only paths. What covers a masked path is an empty file or directory on a tmpfs
 * that is read-only as a file system: no mount of it can be made writable again, and nothing of the
 * image is used for it (CVE-2025-31133).
 */
#ifndef BERTH_RUNTIME_MASK_H
#define BERTH_RUNTIME_MASK_H

#include "lib/arena.h"
#include "lib/error.h"

#include <stdbool.h>

/* A directory of the masks for another file system, where no path leads. */
#define MASK_PLACE "place"

/* New masks, detached. The file there cannot be opened but by who may override modes. */
int mask_make(struct error *err);

/* Mounts such masks at /run/berth/mask, once, for containers that are not born in the nursery. */
int mask_prepare(struct error *err);

/* The masks, as an owned directory descriptor: those of mask_prepare(), or with a place new ones, mounted
 * on that directory in the calling process's mount namespace. The container's root goes on top of them
 * there: a hook that enters the namespace finds nothing of them. Where the place cannot be reached they
 * are on "/". Their file is readable, as with other runtimes. */
int mask_open(const char *place, struct error *err);

/* Where paths are looked up. What the paths below /proc and /sys mean is found in the mounts that were
 * made there: who may write to the root could meanwhile have put another name in their place. */
struct mask_places {
	int root_fd, proc_fd, sys_fd; /* borrowed; the last two -1 where there is no such mount */
};

/* Covers the masked and protects the read-only paths of the root. Paths that are not there are
 * left out. */
int mask_apply(int masks_fd, const struct mask_places *places, const struct string_list *masked,
	       const struct string_list *readonly, struct error *err);

/* Power and temperature counters of each processor leak what other tenants compute. */
int mask_thermal(int masks_fd, const struct mask_places *places, struct error *err);

#endif
