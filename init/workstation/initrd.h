// SPDX-License-Identifier: Apache-2.0
/* The initramfs with further cpio archives behind it: the kernel unpacks them one after the other
 * (Documentation/driver-api/early-userspace/buffer-format.rst). */
#ifndef BERTH_INIT_WORKSTATION_INITRD_H
#define BERTH_INIT_WORKSTATION_INITRD_H

#include "lib/arena.h"
#include "lib/error.h"

/* Returns a descriptor (O_CLOEXEC) of a file in memory with all archives, each padded to 4 bytes as
 * the format wants; or -1. `last`: an open file in memory that comes after them, or -1. */
int initrd_concatenate(const char *first, const struct string_list *more, int last, struct error *err);

#endif
