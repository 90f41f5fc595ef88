// SPDX-License-Identifier: Apache-2.0
/* The disks that there are, and which of them is the data disk. For a child of PID 1: it may block. */
#ifndef BERTH_INIT_BOOT_DISK_LIST_H
#define BERTH_INIT_BOOT_DISK_LIST_H

#include "init/boot/disk_content.h"
#include "init/config/data_disk.h"

#include <stddef.h>

enum { DISKS_MAX = 64 };

struct disk {
	char device[32]; /* "vdb", "vdb1" */
	char serial[64]; /* or "" */
	uint64_t bytes;
	bool is_part, has_parts, read_only;
	struct disk_reading reading;
};

struct disk_list {
	size_t count;
	struct disk items[DISKS_MAX];
};

/* Disks and their partitions in the order of their names, with what is on them, which a confined
 * child of the caller reads. CD drives and what is no disk are not among them. */
int disk_list_read(struct disk_list *out, struct error *err);

/* The data disk, or NULL with err: which disks there are, and why none of them is it. `format` says
 * whether it is empty and needs a file system. */
const struct disk *disk_list_choose(const struct disk_list *list, const struct data_disk *wanted,
				    bool *format, struct error *err);

#endif
