// SPDX-License-Identifier: Apache-2.0
#include "init/boot/volume.h"

#include "lib/cleanup.h"
#include "lib/folder.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum {
	EXT4_AT = 1024, EXT4_MAGIC = 0x38, EXT4_UUID = 0x68, EXT4_LABEL = 0x78, EXT4_LABEL_SIZE = 16,
	ISO_AT = 16 * 2048, ISO_LABEL = 40, ISO_LABEL_SIZE = 32, ISO_CREATED = 813, ISO_CHANGED = 830,
	ISO_DATE_SIZE = 17,
	FAT_LABEL_SIZE = 11, FAT_ENTRY = 32, FAT_ENTRIES = 64, FAT_ATTRIBUTES = 11,
	FAT_IS_LABEL = 0x08, FAT_IS_FOLDER = 0x10, FAT_DELETED = 0xe5,
};

static bool read_at(int fd, uint64_t at, unsigned char *out, size_t size)
{
	return pread(fd, out, size, (off_t)at) == (ssize_t)size;
}

static void copy_label(struct volume *out, const unsigned char *label, size_t size)
{
	size_t length = strnlen((const char *)label, size);
	while (length > 0 && label[length - 1] == ' ')
		length--;
	memcpy(out->label, label, length);
	out->label[length] = 0;
}

/* Digits of dates and IDs with a dash between groups of so many. */
static void put_group(struct volume *out, const char *text, size_t size)
{
	size_t used = strlen(out->uuid);
	snprintf(out->uuid + used, sizeof out->uuid - used, "%s%.*s", used ? "-" : "", (int)size, text);
}

static void copy_ext4_uuid(struct volume *out, const unsigned char *id)
{
	static const unsigned char groups[] = {4, 2, 2, 2, 6};
	for (size_t i = 0; i < sizeof groups; i++) {
		char text[16] = "";
		for (unsigned k = 0; k < groups[i]; k++)
			sprintf(text + 2 * k, "%02x", *id++);
		put_group(out, text, sizeof text);
	}
}

/* "YYYYMMDDhhmmsscc", of the last change when it is there, else of the making. */
static void copy_iso_date(struct volume *out, const unsigned char *block)
{
	static const unsigned char groups[] = {4, 2, 2, 2, 2, 2, 2};
	const char *changed = (const char *)block + ISO_CHANGED, *date = changed;
	if (strspn(changed, "0") >= ISO_DATE_SIZE - 1 || !*changed)
		date = (const char *)block + ISO_CREATED;
	for (size_t i = 0; i < ISO_DATE_SIZE - 1; i++)
		if (date[i] < '0' || date[i] > '9')
			return;
	for (size_t i = 0; i < sizeof groups; date += groups[i++])
		put_group(out, date, groups[i]);
}

static bool read_ext4(int fd, struct volume *out)
{
	unsigned char block[EXT4_LABEL + EXT4_LABEL_SIZE];
	if (!read_at(fd, EXT4_AT, block, sizeof block) || block[EXT4_MAGIC] != 0x53 ||
	    block[EXT4_MAGIC + 1] != 0xef)
		return false;
	out->format = VOLUME_EXT4;
	copy_label(out, block + EXT4_LABEL, EXT4_LABEL_SIZE);
	copy_ext4_uuid(out, block + EXT4_UUID);
	return true;
}

static bool read_iso9660(int fd, struct volume *out)
{
	unsigned char block[ISO_CHANGED + ISO_DATE_SIZE + 1] = {0};
	if (!read_at(fd, ISO_AT, block, sizeof block - 1) || memcmp(block, "\1CD001\1", 7) != 0)
		return false;
	out->format = VOLUME_ISO9660;
	copy_label(out, block + ISO_LABEL, ISO_LABEL_SIZE);
	copy_iso_date(out, block);
	return true;
}

static unsigned little_16(const unsigned char *bytes)
{
	return (unsigned)bytes[0] | (unsigned)bytes[1] << 8;
}

static uint64_t little_32(const unsigned char *bytes)
{
	return (uint64_t)little_16(bytes) | (uint64_t)little_16(bytes + 2) << 16;
}

/* Some systems change only the label in the root directory, which then counts. */
static void read_fat_directory(int fd, const unsigned char *block, bool is_32, struct volume *out)
{
	unsigned char entries[FAT_ENTRIES * FAT_ENTRY];
	uint64_t sector = little_16(block + 11), cluster = block[13], tables = block[16];
	uint64_t table = is_32 ? little_32(block + 36) : little_16(block + 22);
	uint64_t at = little_16(block + 14) + tables * table;
	if (is_32)
		at += (little_32(block + 44) - 2) * cluster;
	if (at > UINT32_MAX || !read_at(fd, at * sector, entries, sizeof entries))
		return;
	for (const unsigned char *entry = entries; entry < entries + sizeof entries && *entry;
	     entry += FAT_ENTRY) {
		unsigned kind = entry[FAT_ATTRIBUTES] & (FAT_IS_LABEL | FAT_IS_FOLDER);
		if (*entry == FAT_DELETED || kind != FAT_IS_LABEL ||
		    entry[FAT_ATTRIBUTES] == 0x0f) /* a piece of a long name */
			continue;
		copy_label(out, entry, FAT_LABEL_SIZE);
		return;
	}
}

static bool read_vfat(int fd, struct volume *out)
{
	unsigned char block[512];
	if (!read_at(fd, 0, block, sizeof block) || block[510] != 0x55 || block[511] != 0xaa)
		return false;
	bool is_32 = memcmp(block + 82, "FAT32", 5) == 0;
	if (!is_32 && memcmp(block + 54, "FAT", 3) != 0)
		return false;
	out->format = VOLUME_VFAT;
	copy_label(out, block + (is_32 ? 71 : 43), FAT_LABEL_SIZE);
	unsigned id = is_32 ? 67 : 39;
	snprintf(out->uuid, sizeof out->uuid, "%04X-%04X", little_16(block + id + 2),
		 little_16(block + id));
	read_fat_directory(fd, block, is_32, out);
	return true;
}

void volume_read(int fd, struct volume *out)
{
	out->format = VOLUME_OTHER;
	out->label[0] = out->uuid[0] = 0;
	if (!read_ext4(fd, out) && !read_iso9660(fd, out))
		read_vfat(fd, out);
}

bool volume_has_label(const struct volume *volume, const char *label)
{
	switch (volume->format) {
	case VOLUME_EXT4:
		return strcmp(volume->label, label) == 0;
	case VOLUME_ISO9660:
		return strcasecmp(volume->label, label) == 0;
	case VOLUME_VFAT:
		return *volume->label && strncasecmp(volume->label, label, FAT_LABEL_SIZE) == 0;
	case VOLUME_OTHER:
		break;
	}
	return false;
}

bool volume_has_uuid(const struct volume *volume, const char *uuid)
{
	return *volume->uuid && strcasecmp(volume->uuid, uuid) == 0;
}

const char *volume_type(enum volume_format format)
{
	static const char *const types[] = {"", "ext4", "vfat", "iso9660"};
	return types[format];
}

static int compare_devices(const void *a, const void *b)
{
	return strcmp(((const struct volume *)a)->device, ((const struct volume *)b)->device);
}

static void list(struct volumes *out)
{
	_cleanup_folder_ struct folder class;
	folder_open(&class, "/sys/class/block");
	out->count = 0;
	for (const char *name; out->count < VOLUMES_MAX && (name = folder_next(&class));) {
		size_t length = strlen(name);
		if (length >= VOLUME_NAME)
			continue;
		struct volume *volume = &out->items[out->count++];
		*volume = (struct volume){.format = VOLUME_OTHER};
		memcpy(volume->device, name, length + 1);
	}
	qsort(out->items, out->count, sizeof *out->items, compare_devices);
}

void volumes_open(struct volumes *out)
{
	size_t count = 0;
	list(out);
	for (size_t i = 0; i < out->count; i++) {
		char path[VOLUME_NAME + 8];
		snprintf(path, sizeof path, "/dev/%s", out->items[i].device);
		int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
		if (fd < 0)
			continue;
		out->items[count] = out->items[i];
		out->fds[count++] = fd;
	}
	out->count = count;
}

void volumes_read(struct volumes *volumes)
{
	for (size_t i = 0; i < volumes->count; i++)
		volume_read(volumes->fds[i], &volumes->items[i]);
}

void volumes_close(struct volumes *volumes)
{
	for (size_t i = 0; i < volumes->count; i++)
		close(volumes->fds[i]);
}

void volumes_find(struct volumes *out)
{
	volumes_open(out);
	volumes_read(out);
	volumes_close(out);
}
