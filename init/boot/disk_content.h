// SPDX-License-Identifier: Apache-2.0
/*
 * What is on a disk, as far as it matters for whether it may be the data disk: an ext4 file system
 * (Documentation/filesystems/ext4/super.rst), nothing at all, or something else. For a confined
 * process: the bytes come from outside.
 */
#ifndef BERTH_INIT_BOOT_DISK_CONTENT_H
#define BERTH_INIT_BOOT_DISK_CONTENT_H

#include <stdbool.h>
#include <stdint.h>

enum disk_content { CONTENT_OTHER, CONTENT_EXT4, CONTENT_EMPTY };

struct disk_reading {
	enum disk_content content;
	char label[17], uuid[37]; /* of ext4 */
	bool errors;              /* the kernel has found ext4 damaged before */
};

/* `bytes` is the disk's size. Empty is a disk whose first and last MiB are zero: there is no file
 * system, table of partitions, RAID, LVM or encryption that has nothing there. What cannot be read is
 * CONTENT_OTHER. */
void disk_content_read(int fd, uint64_t bytes, struct disk_reading *out);

#endif
