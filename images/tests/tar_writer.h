// SPDX-License-Identifier: Apache-2.0
/*
 * A tar writer for tests, which can write what a real one would not. Streams are built in memory.
 *
 * Besides the calls there is a notation for whole layers, entries separated by ';':
 *   d NAME        directory            f NAME=TEXT   regular file
 *   l NAME>TARGET symlink              h NAME>TARGET hard link
 *   p NAME        FIFO                 c NAME        character device 1:3
 *   m MODE        octal mode of the entries from here on
 */
#ifndef BERTH_IMAGES_TESTS_TAR_WRITER_H
#define BERTH_IMAGES_TESTS_TAR_WRITER_H

#include <stddef.h>
#include <stdint.h>

struct tar_writer {
	uint8_t *data;
	size_t size, capacity;
};

struct tar_item {
	const char *name, *link;
	char type;               /* '0'…'7', 'S' and so on */
	unsigned mode, uid, gid, major, minor;
	uint64_t size;
	int64_t mtime;
	const void *content;     /* `size` bytes; NULL writes none */
};

void tar_raw(struct tar_writer *tar, const void *data, size_t size);
void tar_pad(struct tar_writer *tar);
/* A ustar header with the name cut at 100 bytes, then the content. Returns the header's offset. */
size_t tar_item(struct tar_writer *tar, const struct tar_item *item);
/* Puts bytes into a header that was written and makes its checksum right again. */
void tar_patch(struct tar_writer *tar, size_t header, size_t at, const void *data, size_t size);
/* GNU 'L' (long name) or 'K' (long link). */
void tar_gnu_long(struct tar_writer *tar, char type, const char *text);
/* A pax header with one record; tar_pax_text takes records already joined. */
void tar_pax(struct tar_writer *tar, const char *key, const void *value, size_t size);
void tar_pax_text(struct tar_writer *tar, const void *records, size_t size);
/* Appends one record "LENGTH KEY=VALUE\n" to out; returns its size. */
size_t tar_pax_record(char *out, const char *key, const void *value, size_t size);
void tar_end(struct tar_writer *tar);
void tar_free(struct tar_writer *tar);

/* Appends the layer that `notation` describes. */
void tar_write_notation(struct tar_writer *tar, const char *notation);

#endif
