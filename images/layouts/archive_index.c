// SPDX-License-Identifier: Apache-2.0
#include "images/layouts/archive_index.h"

#include "lib/cleanup.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum {
	BLOCK = 512,
	EXTENSION_MAX = 64 * 1024, /* bytes of one pax header or long name */
	LINKS_MAX = 8,
	HEADERS_MAX = 4 * ARCHIVE_MEMBERS_MAX,
};

/* The ustar header: offsets and lengths of its fields. */
enum {
	NAME = 0, NAME_SIZE = 100, SIZE = 124, SIZE_SIZE = 12, CHECKSUM = 148, CHECKSUM_SIZE = 8,
	TYPE = 156, LINK = 157, LINK_SIZE = 100, MAGIC = 257, PREFIX = 345, PREFIX_SIZE = 155,
};

/* What the headers before a member say about it, and how far the scan has come. */
struct scan {
	int fd;
	struct archive_index *index;
	uint64_t at;
	unsigned members, headers;
	bool has_size;
	uint64_t size;
	char name[ARCHIVE_NAME_MAX], link[ARCHIVE_NAME_MAX]; /* "" unless stated */
	char extension[EXTENSION_MAX + 1];
};

static int read_at(struct scan *scan, void *out, size_t size, struct error *err)
{
	ssize_t got;
	do
		got = pread(scan->fd, out, size, (off_t)scan->at);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return error_errno(err, errno, "read at byte %llu", (unsigned long long)scan->at);
	return (size_t)got == size ? 1 : 0;
}

/* Octal digits between spaces, or base 256 when the first bit is set. -1 when it is neither. */
static int parse_number(const unsigned char *field, size_t size, uint64_t *out)
{
	*out = 0;
	size_t i = 0;
	if (field[0] & 0x80) {
		*out = field[0] & 0x7f;
		for (i = 1; i < size; i++) {
			if (*out >> 55)
				return -1;
			*out = *out << 8 | field[i];
		}
		return 0;
	}
	while (i < size && field[i] == ' ')
		i++;
	for (; i < size && field[i] >= '0' && field[i] <= '7'; i++)
		*out = *out << 3 | (uint64_t)(field[i] - '0');
	return i == size || field[i] == 0 || field[i] == ' ' ? 0 : -1;
}

static bool is_header(const unsigned char *block)
{
	uint64_t stated, sum = 0;
	int64_t with_signs = 0;
	for (size_t i = 0; i < BLOCK; i++) {
		bool inside = i >= CHECKSUM && i < CHECKSUM + CHECKSUM_SIZE;
		sum += inside ? ' ' : block[i];
		with_signs += inside ? ' ' : (signed char)block[i];
	}
	if (parse_number(block + CHECKSUM, CHECKSUM_SIZE, &stated) < 0)
		return false;
	return stated == sum || (int64_t)stated == with_signs;
}

static bool is_zero(const unsigned char *block)
{
	for (size_t i = 0; i < BLOCK; i++)
		if (block[i])
			return false;
	return true;
}

static int copy_name(char out[ARCHIVE_NAME_MAX], const char *from, size_t length, struct error *err)
{
	length = strnlen(from, length);
	if (length >= ARCHIVE_NAME_MAX)
		return error_set(err, "a name is longer than %d bytes", ARCHIVE_NAME_MAX - 1);
	memcpy(out, from, length);
	out[length] = 0;
	return 0;
}

static int header_name(const unsigned char *block, char out[ARCHIVE_NAME_MAX])
{
	const char *text = (const char *)block;
	int prefix = 0;
	/* GNU's own format, whose magic goes on with spaces, has other things there. */
	if (memcmp(text + MAGIC, "ustar\0", 6) == 0)
		prefix = (int)strnlen(text + PREFIX, PREFIX_SIZE);
	return snprintf(out, ARCHIVE_NAME_MAX, "%.*s%s%.*s", prefix, text + PREFIX,
			prefix ? "/" : "", NAME_SIZE, text + NAME);
}

/* One record of a pax header: "LENGTH KEY=VALUE\n". Returns its length, 0 when malformed. */
static size_t take_record(struct scan *scan, const char *text, size_t left)
{
	char *end;
	errno = 0;
	unsigned long length = *text >= '0' && *text <= '9' ? strtoul(text, &end, 10) : 0;
	if (length == 0 || errno || length > left || *end != ' ' || text[length - 1] != '\n' ||
	    (size_t)(end - text) + 2 > length)
		return 0;
	const char *key = end + 1, *stop = text + length - 1;
	const char *equals = memchr(key, '=', (size_t)(stop - key));
	if (!equals)
		return 0;
	size_t key_length = (size_t)(equals - key), value_length = (size_t)(stop - equals - 1);
	const char *value = equals + 1;
	if (key_length == 4 && memcmp(key, "path", 4) == 0)
		return copy_name(scan->name, value, value_length, NULL) < 0 ? 0 : length;
	if (key_length == 8 && memcmp(key, "linkpath", 8) == 0)
		return copy_name(scan->link, value, value_length, NULL) < 0 ? 0 : length;
	if (key_length == 4 && memcmp(key, "size", 4) == 0) {
		errno = 0;
		scan->size = strtoull(value, &end, 10);
		scan->has_size = true;
		return end == stop && value_length && *value != '-' && !errno ? length : 0;
	}
	return length;
}

static int take_pax(struct scan *scan, size_t size, struct error *err)
{
	for (size_t at = 0; at < size;) {
		size_t length = take_record(scan, scan->extension + at, size - at);
		if (length == 0)
			return error_set(err, "a pax header is malformed");
		at += length;
	}
	return 0;
}

/* A header that says something about the next: its content is read whole. */
static int take_extension(struct scan *scan, char type, uint64_t size, struct error *err)
{
	if (size > EXTENSION_MAX)
		return error_set(err, "a header is longer than %d bytes", EXTENSION_MAX);
	int got = read_at(scan, scan->extension, (size_t)size, err);
	if (got <= 0)
		return got < 0 ? -1 : error_set(err, "it is cut off");
	scan->extension[size] = 0;
	if (type == 'x')
		return take_pax(scan, (size_t)size, err);
	return copy_name(type == 'L' ? scan->name : scan->link, scan->extension, (size_t)size, err);
}

static const char *plain_name(const char *name)
{
	while (name[0] == '.' && name[1] == '/')
		name += 2;
	return name;
}

/* A symbolic link leads from the folder of its member, a hard link from the root. */
static const char *resolve_link(struct arena *arena, const char *name, const char *link, bool hard)
{
	const char *slash = hard ? NULL : strrchr(name, '/');
	size_t used = slash ? (size_t)(slash - name) : 0;
	for (link = plain_name(link); strncmp(link, "../", 3) == 0; link += 3) {
		while (used > 0) {
			used--;
			if (name[used] == '/')
				break;
		}
	}
	return arena_printf(arena, "%.*s%s%s", (int)used, name, used ? "/" : "", link);
}

static int add_member(struct scan *scan, char type, uint64_t size, struct error *err)
{
	struct arena *arena = &scan->index->arena;
	struct archive_member *member = arena_alloc(arena, sizeof *member);
	bool linked = type == '1' || type == '2';
	if (member) {
		member->name = arena_strdup(arena, plain_name(scan->name));
		member->offset = scan->at;
		member->size = linked ? 0 : size;
		member->next = scan->index->first;
	}
	if (member && member->name && linked)
		member->link = resolve_link(arena, member->name, scan->link, type == '1');
	if (!member || !member->name || (linked && !member->link) ||
	    ++scan->members > ARCHIVE_MEMBERS_MAX)
		return error_set(err, "it has too many members for an image (more than %u)",
				 scan->members);
	scan->index->first = member;
	return 0;
}

/* What the header itself says, where no extension has said it. */
static int complete(struct scan *scan, const unsigned char *block, struct error *err)
{
	if (!*scan->name && header_name(block, scan->name) >= ARCHIVE_NAME_MAX)
		return error_set(err, "a name is too long");
	if (!*scan->link)
		return copy_name(scan->link, (const char *)block + LINK, LINK_SIZE, err);
	return 0;
}

static int take_header(struct scan *scan, const unsigned char *block, struct error *err)
{
	char type = (char)block[TYPE];
	uint64_t size;
	if (parse_number(block + SIZE, SIZE_SIZE, &size) < 0)
		return error_set(err, "a size is malformed");
	bool extends = type == 'x' || type == 'L' || type == 'K';
	bool is_member = type == 0 || type == '0' || type == '7' || type == '1' || type == '2';
	if (!extends && scan->has_size)
		size = scan->size;
	if (type == '1' || type == '2')
		size = 0;
	scan->at += BLOCK;
	if (size > scan->index->size || scan->at > scan->index->size - size)
		return error_set(err, "it is cut off");
	if (extends && take_extension(scan, type, size, err) < 0)
		return -1;
	if (is_member && (complete(scan, block, err) < 0 || add_member(scan, type, size, err) < 0))
		return -1;
	if (!extends && type != 'g') {
		scan->has_size = false;
		scan->name[0] = scan->link[0] = 0;
	}
	scan->at += (size + BLOCK - 1) / BLOCK * BLOCK;
	return 0;
}

static int scan_headers(struct scan *scan, struct error *err)
{
	unsigned char block[BLOCK];
	for (;;) {
		int got = read_at(scan, block, sizeof block, err);
		if (got < 0)
			return -1;
		if (got == 0 || is_zero(block))
			return scan->headers > 0;
		if (!is_header(block))
			return scan->headers == 0 ? 0 : error_set(err, "a header is damaged at byte "
								  "%llu",
								  (unsigned long long)scan->at);
		if (++scan->headers > HEADERS_MAX)
			return error_set(err, "it has too many headers for an image");
		if (take_header(scan, block, err) < 0)
			return -1;
	}
}

int archive_index_read(int fd, struct archive_index *index, struct error *err)
{
	struct stat st;
	*index = (struct archive_index){0};
	if (fstat(fd, &st) < 0)
		return error_errno(err, errno, "look at it");
	if (!S_ISREG(st.st_mode) || st.st_size < BLOCK)
		return 0;
	index->size = (uint64_t)st.st_size;
	index->block = malloc(ARCHIVE_INDEX_MEMORY);
	_cleanup_free_ struct scan *scan = calloc(1, sizeof *scan);
	if (!index->block || !scan)
		return error_temporary(err, "no memory to read an archive");
	arena_init(&index->arena, index->block, ARCHIVE_INDEX_MEMORY);
	scan->fd = fd;
	scan->index = index;
	return scan_headers(scan, err);
}

void archive_index_free(struct archive_index *index)
{
	free(index->block);
	*index = (struct archive_index){0};
}

const struct archive_member *archive_index_find(const struct archive_index *index, const char *name)
{
	for (unsigned links = 0; name && links < LINKS_MAX; links++) {
		const struct archive_member *at = index->first;
		while (at && strcmp(at->name, name) != 0)
			at = at->next;
		if (!at || !at->link)
			return at;
		name = at->link;
	}
	return NULL;
}

int archive_index_alias(struct archive_index *index, const char *name, uint64_t offset,
			uint64_t size, struct error *err)
{
	struct archive_member *member = arena_alloc(&index->arena, sizeof *member);
	if (member)
		member->name = arena_strdup(&index->arena, name);
	if (!member || !member->name)
		return error_set(err, "no memory for the index of an archive");
	member->offset = offset;
	member->size = size;
	member->next = index->first;
	index->first = member;
	return 0;
}
