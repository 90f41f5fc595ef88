// SPDX-License-Identifier: Apache-2.0
/* Which disk the machine keeps its images and volumes on, as berth.data says it. */
#ifndef BERTH_INIT_CONFIG_DATA_DISK_H
#define BERTH_INIT_CONFIG_DATA_DISK_H

#include "lib/error.h"

#include <stdbool.h>
#include <stdint.h>

/* Texts are "" and numbers 0 when they do not matter; what is given must all hold. */
struct data_disk {
	bool none;       /* no disk, whatever its label */
	char device[32]; /* "vdb" */
	char label[17], uuid[37], serial[64];
	uint64_t least, most; /* bytes */
	bool format;          /* makes a file system when the disk is empty */
	bool grow, optional;
	char options[128]; /* for mount(2), of ext4 */
};

/* "none", or FIELD=VALUE,…: device=/dev/vdb, label=L, uuid=U, serial=S, size=MIN[-MAX], format=never or
 * if-empty, grow=BOOL, required=BOOL, option=OPTION (several times). */
int data_disk_parse(const char *text, struct data_disk *out, struct error *err);
/* Whether it says anything about which disk it is. */
bool data_disk_is_chosen(const struct data_disk *disk);

#endif
