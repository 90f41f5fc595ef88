// SPDX-License-Identifier: Apache-2.0
/*
 * What a container must not see or change of /proc and /sys: masked files become an empty file
 * that nobody has permissions for, masked directories an empty one, and read-only paths are
 * covered by read-only copies.
 */
#ifndef BERTH_RUNTIME_MASK_H
#define BERTH_RUNTIME_MASK_H

#include "lib/error.h"

/* Once, in the machine: a tiny tmpfs with the mode-0000 file and the empty directory, made
 * read-only as a whole, so that no later mount of it can be writable. */
int mask_prepare(struct error *err);

/* In the container's mount namespace, before the machine's root is left. The descriptors are the
 * attached procfs and sysfs; paths below them are resolved without following links. */
int mask_apply(int proc_fd, int sys_fd, struct error *err);

#endif
