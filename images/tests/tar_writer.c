// SPDX-License-Identifier: Apache-2.0
#include "images/tests/tar_writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 512 };

void tar_raw(struct tar_writer *tar, const void *data, size_t size)
{
	if (tar->size + size > tar->capacity) {
		tar->capacity = (tar->size + size) * 2;
		tar->data = realloc(tar->data, tar->capacity);
		if (!tar->data)
			abort();
	}
	if (size > 0)
		memcpy(tar->data + tar->size, data, size);
	tar->size += size;
}

void tar_pad(struct tar_writer *tar)
{
	static const uint8_t zeros[BLOCK];
	tar_raw(tar, zeros, (BLOCK - tar->size % BLOCK) % BLOCK);
}

static void put_octal(uint8_t *field, int width, uint64_t value)
{
	for (int i = width - 2; i >= 0; i--, value >>= 3)
		field[i] = (uint8_t)('0' + (value & 7));
}

static void checksum(uint8_t *header)
{
	unsigned sum = 0;
	memset(header + 148, ' ', 8);
	for (int i = 0; i < BLOCK; i++)
		sum += header[i];
	put_octal(header + 148, 7, sum);
	header[154] = 0;
}

static void put_text(uint8_t *field, size_t width, const char *text)
{
	size_t length = text ? strlen(text) : 0;
	memcpy(field, text ? text : "", length < width ? length : width);
}

size_t tar_item(struct tar_writer *tar, const struct tar_item *item)
{
	uint8_t header[BLOCK] = {0};
	size_t at = tar->size;
	put_text(header, 100, item->name);
	put_octal(header + 100, 8, item->mode);
	put_octal(header + 108, 8, item->uid);
	put_octal(header + 116, 8, item->gid);
	put_octal(header + 124, 12, item->size);
	put_octal(header + 136, 12, (uint64_t)item->mtime);
	header[156] = (uint8_t)item->type;
	put_text(header + 157, 100, item->link);
	memcpy(header + 257, "ustar\00000", 8);
	put_octal(header + 329, 8, item->major);
	put_octal(header + 337, 8, item->minor);
	checksum(header);
	tar_raw(tar, header, BLOCK);
	if (item->content) {
		tar_raw(tar, item->content, item->size);
		tar_pad(tar);
	}
	return at;
}

void tar_patch(struct tar_writer *tar, size_t header, size_t at, const void *data, size_t size)
{
	memcpy(tar->data + header + at, data, size);
	checksum(tar->data + header);
}

void tar_gnu_long(struct tar_writer *tar, char type, const char *text)
{
	size_t header = tar_item(tar, &(struct tar_item){.name = "././@LongLink",
							 .type = type,
							 .size = strlen(text) + 1,
							 .content = text});
	tar_patch(tar, header, 257, "ustar  ", 8);
}

size_t tar_pax_record(char *out, const char *key, const void *value, size_t size)
{
	size_t body = strlen(key) + size + 3, total = body;
	for (size_t digits = 1; digits < 8; digits++) {
		char text[24];
		total = body + digits;
		if ((size_t)snprintf(text, sizeof text, "%zu", total) == digits)
			break;
	}
	int used = sprintf(out, "%zu %s=", total, key);
	memcpy(out + used, value, size);
	out[total - 1] = '\n';
	return total;
}

void tar_pax_text(struct tar_writer *tar, const void *records, size_t size)
{
	tar_item(tar, &(struct tar_item){.name = "PaxHeaders/x",
					 .type = 'x',
					 .mode = 0644,
					 .size = size,
					 .content = records});
}

void tar_pax(struct tar_writer *tar, const char *key, const void *value, size_t size)
{
	char *record = malloc(strlen(key) + size + 32);
	if (!record)
		abort();
	tar_pax_text(tar, record, tar_pax_record(record, key, value, size));
	free(record);
}

void tar_end(struct tar_writer *tar)
{
	static const uint8_t zeros[2 * BLOCK];
	tar_raw(tar, zeros, sizeof zeros);
}

void tar_free(struct tar_writer *tar)
{
	free(tar->data);
	*tar = (struct tar_writer){0};
}

static void write_one(struct tar_writer *tar, char *text, unsigned mode)
{
	static const char letters[] = "dflhpc", types[] = "502163";
	struct tar_item item = {
		.name = text + 2, .mode = mode, .mtime = 1000, .major = 1, .minor = 3};
	item.type = types[strchr(letters, text[0]) - letters];
	char *mark = strpbrk(text + 2, text[0] == 'f' ? "=" : ">");
	if (mark && strchr("lh", text[0]))
		item.link = mark + 1;
	if (text[0] == 'f') {
		item.content = mark ? mark + 1 : "";
		item.size = mark ? strlen(mark + 1) : 0;
	}
	if (mark && strchr("flh", text[0]))
		*mark = 0;
	if (strlen(item.name) > 100)
		tar_gnu_long(tar, 'L', item.name);
	if (item.link && strlen(item.link) > 100)
		tar_gnu_long(tar, 'K', item.link);
	tar_item(tar, &item);
}

void tar_write_notation(struct tar_writer *tar, const char *notation)
{
	char *copy = strdup(notation), *rest = copy, *part;
	unsigned mode = 0755;
	while ((part = strsep(&rest, ";"))) {
		if (part[0] == 'm')
			mode = (unsigned)strtoul(part + 2, NULL, 8);
		else if (part[0])
			write_one(tar, part, mode);
	}
	free(copy);
}
