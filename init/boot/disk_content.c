// SPDX-License-Identifier: Apache-2.0
#include "init/boot/disk_content.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
	SUPERBLOCK_AT = 1024, MAGIC = 0x38, STATE = 0x3a, UUID = 0x68, LABEL = 0x78, LABEL_SIZE = 16,
	STATE_ERRORS = 2, EDGE = 1 << 20, PIECE = 64 * 1024,
};

static bool read_ext4(int fd, struct disk_reading *out)
{
	unsigned char block[LABEL + LABEL_SIZE];
	if (pread(fd, block, sizeof block, SUPERBLOCK_AT) != (ssize_t)sizeof block ||
	    block[MAGIC] != 0x53 || block[MAGIC + 1] != 0xef)
		return false;
	const unsigned char *id = block + UUID;
	snprintf(out->uuid, sizeof out->uuid,
		 "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", id[0], id[1],
		 id[2], id[3], id[4], id[5], id[6], id[7], id[8], id[9], id[10], id[11], id[12], id[13],
		 id[14], id[15]);
	memcpy(out->label, block + LABEL, LABEL_SIZE);
	out->label[LABEL_SIZE] = 0;
	out->errors = block[STATE] & STATE_ERRORS;
	out->content = CONTENT_EXT4;
	return true;
}

static bool is_zero(int fd, uint64_t from, uint64_t to)
{
	static unsigned char piece[PIECE];
	for (uint64_t at = from; at < to;) {
		size_t size = to - at < PIECE ? (size_t)(to - at) : PIECE;
		if (pread(fd, piece, size, (off_t)at) != (ssize_t)size)
			return false;
		for (size_t i = 0; i < size; i++)
			if (piece[i])
				return false;
		at += size;
	}
	return true;
}

void disk_content_read(int fd, uint64_t bytes, struct disk_reading *out)
{
	*out = (struct disk_reading){.content = CONTENT_OTHER};
	if (read_ext4(fd, out) || bytes < 2 * EDGE)
		return;
	if (is_zero(fd, 0, EDGE) && is_zero(fd, bytes - EDGE, bytes))
		out->content = CONTENT_EMPTY;
}
