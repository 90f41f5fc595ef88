// SPDX-License-Identifier: Apache-2.0
/*
 * Which file system is on a block device and what its label is: ext2/3/4
 * (Documentation/filesystems/ext4/super.rst), FAT (Microsoft's "FAT: General Overview of On-Disk
 * Format", 1.03) and ISO 9660 (ECMA-119). The bytes come from outside: a few bounded reads, nothing
 * is followed far.
 */
#ifndef BERTH_INIT_BOOT_VOLUME_H
#define BERTH_INIT_BOOT_VOLUME_H

#include <stdbool.h>
#include <stddef.h>

/* The labels that Berth looks for: the image store, and images to take. */
#define VOLUME_DATA "berth-data"
#define VOLUME_IMAGES "berth-images"

enum { VOLUMES_MAX = 64, VOLUME_NAME = 32, VOLUME_LABEL = 33, VOLUME_UUID = 37 };

enum volume_format { VOLUME_OTHER, VOLUME_EXT4, VOLUME_VFAT, VOLUME_ISO9660 };

struct volume {
	char device[VOLUME_NAME]; /* "vda" */
	enum volume_format format;
	char label[VOLUME_LABEL]; /* without the spaces at its end */
	char uuid[VOLUME_UUID];   /* as blkid(8) has it: of FAT "1234-ABCD", of ISO 9660 its date; or "" */
};

struct volumes {
	size_t count;
	struct volume items[VOLUMES_MAX];
	int fds[VOLUMES_MAX]; /* between volumes_open() and volumes_close() */
};

/* Fills format, label and UUID; VOLUME_OTHER when nothing of the above is there. */
void volume_read(int fd, struct volume *out);
/* Whether it has this label. Case does not count where the file system has only capitals, nor what
 * does not fit the 11 characters of FAT. */
bool volume_has_label(const struct volume *volume, const char *label);
/* Whether it has this UUID. Case does not count. */
bool volume_has_uuid(const struct volume *volume, const char *uuid);
/* The name for mount(2). */
const char *volume_type(enum volume_format format);

/* Opens all block devices of the machine, in the order of their names. */
void volumes_open(struct volumes *out);
/* Looks at those that are open. */
void volumes_read(struct volumes *volumes);
void volumes_close(struct volumes *volumes);
/* All three at once. */
void volumes_find(struct volumes *out);

#endif
