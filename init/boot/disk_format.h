// SPDX-License-Identifier: Apache-2.0
/* Makes an ext4 file system with e2fsprogs' mke2fs, which lies compressed in the initramfs. */
#ifndef BERTH_INIT_BOOT_DISK_FORMAT_H
#define BERTH_INIT_BOOT_DISK_FORMAT_H

#include "lib/error.h"

/* On /dev/DEVICE, whatever is on it. Blocks: for a child of PID 1. mke2fs runs in confinement, and
 * can write to this device alone. */
int disk_format(const char *device, const char *label, struct error *err);

#endif
