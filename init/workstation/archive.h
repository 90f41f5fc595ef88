// SPDX-License-Identifier: Apache-2.0
/*
 * Writing an unpacked image as a cpio archive (newc: the kernel's Documentation/driver-api/
 * early-userspace/buffer-format.rst) that the machine finds below /berth/store (images/store/packed.h).
 * The format has whole seconds, and the kernel makes two symbolic links of one with two names;
 * nothing else is lost.
 */
#ifndef BERTH_INIT_WORKSTATION_ARCHIVE_H
#define BERTH_INIT_WORKSTATION_ARCHIVE_H

#include "lib/error.h"

#include <stdint.h>

/* Writes the image store `store` (the folder that a pull has filled) to `fd`: all its images,
 * their trees, and their extended attributes in a list beside them, for cpio has no place for
 * those. *bytes: the archive's size. A file of 4 GiB or more is an error: newc cannot say it. */
int archive_store(const char *store, int fd, uint64_t *bytes, struct error *err);

#endif
