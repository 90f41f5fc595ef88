// SPDX-License-Identifier: Apache-2.0
#include "images/layers/inflate.h"
#include "images/tests/inflate_samples.h"
#include "lib/tap.h"

#include <stdbool.h>
#include <stdlib.h>

static char *sample;

static void make_sample(void)
{
	size_t size;
	FILE *file = open_memstream(&sample, &size);
	for (int n = 0; file && n < 120; n++)
		fprintf(file, "line %d of the sample, %d\n", n % 37, n % 41);
	if (!file || fclose(file) != 0 || size != SAMPLE_SIZE)
		abort();
}

/* A stream put together from parts. */
struct stream {
	uint8_t *data;
	size_t size, capacity;
};

static void put(struct stream *stream, const void *data, size_t size)
{
	if (stream->size + size >= stream->capacity) {
		stream->capacity = (stream->size + size + 1) * 2;
		stream->data = realloc(stream->data, stream->capacity);
		if (!stream->data)
			abort();
	}
	memcpy(stream->data + stream->size, data, size);
	stream->size += size;
}

static void put_number(struct stream *stream, uint64_t value, int bytes)
{
	for (int i = 0; i < bytes; i++, value >>= 8)
		put(stream, &(uint8_t){(uint8_t)value}, 1);
}

static uint32_t crc32(const void *data, size_t size)
{
	uint32_t crc = ~0U;
	for (size_t i = 0; i < size; i++) {
		crc ^= ((const uint8_t *)data)[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}

/* A gzip member of stored blocks (RFC 1952, RFC 1951 3.2.4). */
static void put_stored(struct stream *stream, const void *data, size_t size)
{
	put(stream, "\x1f\x8b\x08\0\0\0\0\0\0\3", 10);
	for (size_t at = 0; at == 0 || at < size;) {
		size_t part = size - at < 65535 ? size - at : 65535;
		put_number(stream, at + part == size, 1);
		put_number(stream, part | (uint64_t)(~part & 0xffff) << 16, 4);
		put(stream, (const uint8_t *)data + at, part);
		at += part;
		if (size == 0)
			break;
	}
	put_number(stream, crc32(data, size), 4);
	put_number(stream, size, 4);
}

static void put_sample(struct stream *stream, enum compression compression)
{
	if (compression == COMPRESSION_GZIP)
		put(stream, sample_gzip, sizeof sample_gzip);
	else if (compression == COMPRESSION_ZSTD)
		put(stream, sample_zstd, sizeof sample_zstd);
	else
		put(stream, sample, SAMPLE_SIZE);
}

struct check {
	size_t copies;    /* of the sample that must come out */
	size_t size;      /* bytes so far */
	size_t limit;     /* abort after so many; 0: never */
	bool different;
};

static int receive(void *context, const void *data, size_t size, struct error *err)
{
	struct check *check = context;
	const char *bytes = data;
	for (size_t i = 0; i < size; i++, check->size++)
		if (check->size >= check->copies * SAMPLE_SIZE ||
		    bytes[i] != sample[check->size % SAMPLE_SIZE])
			check->different = true;
	if (check->limit && check->size > check->limit)
		return error_set(err, "more than %zu bytes", check->limit);
	return 0;
}

static struct error last;

static int decode(enum compression compression, const struct stream *stream, size_t piece,
		  struct check *check)
{
	last = (struct error)ERROR_INIT;
	struct inflate *inflate = inflate_open(compression, receive, check, &last);
	int result = inflate ? 0 : -1;
	for (size_t at = 0; result == 0 && at < stream->size; at += piece) {
		size_t size = stream->size - at < piece ? stream->size - at : piece;
		/* A copy of its own size, so that reading beyond it is seen. */
		uint8_t *copy = malloc(size);
		memcpy(copy, stream->data + at, size);
		result = inflate_add(inflate, copy, size, &last);
		free(copy);
	}
	if (result == 0)
		result = inflate_end(inflate, &last);
	inflate_close(inflate);
	return result;
}

/* The stream must give `copies` of the sample, in pieces of any size. Frees the stream. */
static void good(const char *name, enum compression compression, struct stream *stream,
		 size_t copies)
{
	static const size_t pieces[] = {1, 7, 512, 16384, 100003, 1 << 20};
	unsigned wrong = 0;
	for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
		struct check check = {.copies = copies};
		wrong += decode(compression, stream, pieces[i], &check) < 0 || check.different ||
			 check.size != copies * SAMPLE_SIZE;
	}
	ok(wrong == 0, "%s: %s", name, wrong ? last.text : "right in pieces of every size");
	free(stream->data);
	*stream = (struct stream){0};
}

static void bad(const char *name, enum compression compression, struct stream *stream,
		const char *part)
{
	struct check one = {.copies = 200}, two = {.copies = 200};
	int whole = decode(compression, stream, 1 << 20, &one);
	int bytes = decode(compression, stream, 1, &two);
	ok(whole < 0 && bytes < 0 && strstr(last.text, part), "%s: refused: %s", name, last.text);
	free(stream->data);
	*stream = (struct stream){0};
}

static void test_good(enum compression compression, const char *name)
{
	static const uint8_t zeros[70000];
	struct stream stream = {0};
	char label[100];
	put_sample(&stream, compression);
	good(name, compression, &stream, 1);
	for (int i = 0; i < 100; i++)
		put_sample(&stream, compression);
	snprintf(label, sizeof label, "%s: 100 members", name);
	good(label, compression, &stream, 100);
	if (compression == COMPRESSION_NONE) {
		good("nothing at all", compression, &stream, 0);
		return;
	}
	put_sample(&stream, compression);
	put(&stream, zeros, 1);
	snprintf(label, sizeof label, "%s: one zero after it", name);
	good(label, compression, &stream, 1);
	put_sample(&stream, compression);
	put(&stream, zeros, sizeof zeros);
	snprintf(label, sizeof label, "%s: 70,000 zeros after it", name);
	good(label, compression, &stream, 1);
}

static void test_bad(enum compression compression, const char *name)
{
	struct stream stream = {0};
	char label[100];
	put_sample(&stream, compression);
	put(&stream, "x", 1);
	snprintf(label, sizeof label, "%s: a byte after it", name);
	bad(label, compression, &stream,
	    compression == COMPRESSION_GZIP ? "data after the end" : "");
	put_sample(&stream, compression);
	put(&stream, "\0\0\0x", 4);
	snprintf(label, sizeof label, "%s: bytes after the zeros", name);
	bad(label, compression, &stream, "data after the end");
	put_sample(&stream, compression);
	put(&stream, "\0", 1);
	put_sample(&stream, compression);
	snprintf(label, sizeof label, "%s: a member after the zeros", name);
	bad(label, compression, &stream, "data after the end");
	snprintf(label, sizeof label, "%s: nothing at all", name);
	bad(label, compression, &stream, "empty");
	put(&stream, "this is neither", 15);
	snprintf(label, sizeof label, "%s: something else", name);
	bad(label, compression, &stream, "");
}

static void test_truncated(enum compression compression, const char *name)
{
	struct stream whole = {0};
	unsigned missed = 0;
	put_sample(&whole, compression);
	for (size_t size = 0; size < whole.size; size++) {
		struct stream cut = {.data = whole.data, .size = size};
		struct check check = {.copies = 1};
		missed += decode(compression, &cut, size % 50 ? 4096 : 3, &check) == 0;
	}
	ok(missed == 0, "%s: cut at each of %zu positions is an error", name, whole.size);
	free(whole.data);
}

/* Bytes changed: an error, or the same text (bits without a meaning, such as a time). */
static void test_corrupt(enum compression compression, const char *name)
{
	struct stream stream = {0};
	unsigned missed = 0, errors = 0;
	put_sample(&stream, compression);
	for (size_t at = 0; at < stream.size; at += 3) {
		struct check check = {.copies = 1};
		uint8_t bit = (uint8_t)(1 << at % 8);
		stream.data[at] ^= bit;
		if (decode(compression, &stream, 1 << 20, &check) < 0)
			errors++;
		else
			missed += check.different || check.size != SAMPLE_SIZE;
		stream.data[at] ^= bit;
	}
	ok(missed == 0 && errors > stream.size / 6, "%s: no changed byte goes through (%u errors)",
	   name, errors);
	free(stream.data);
}

static void test_gzip_members(void)
{
	struct stream stream = {0};
	put(&stream, sample_gzip_header, sizeof sample_gzip_header);
	put(&stream, sample_gzip + 10, sizeof sample_gzip - 10);
	good("gzip: every header field", COMPRESSION_GZIP, &stream, 1);
	put_stored(&stream, sample, SAMPLE_SIZE);
	put_stored(&stream, "", 0);
	put_sample(&stream, COMPRESSION_GZIP);
	put_stored(&stream, "", 0);
	good("gzip: stored, empty and packed members", COMPRESSION_GZIP, &stream, 2);
	put_sample(&stream, COMPRESSION_GZIP);
	stream.data[stream.size - 1] ^= 1;
	bad("gzip: wrong length", COMPRESSION_GZIP, &stream, "checksum or length");
	put_sample(&stream, COMPRESSION_GZIP);
	stream.data[stream.size - 5] ^= 1;
	bad("gzip: wrong checksum", COMPRESSION_GZIP, &stream, "checksum or length");
	put_sample(&stream, COMPRESSION_GZIP);
	put_sample(&stream, COMPRESSION_GZIP);
	stream.data[sizeof sample_gzip - 8] ^= 1;
	bad("gzip: wrong checksum of the first member", COMPRESSION_GZIP, &stream, "checksum");
}

static void test_zstd_frames(void)
{
	struct stream stream = {0};
	put_number(&stream, 0x184d2a53, 4); /* a skippable frame (RFC 8878, 3.1.2) */
	put_number(&stream, 5, 4);
	put(&stream, "skip!", 5);
	put_sample(&stream, COMPRESSION_ZSTD);
	put_number(&stream, 0x184d2a50, 4);
	put_number(&stream, 0, 4);
	put_sample(&stream, COMPRESSION_ZSTD);
	good("zstd: skippable frames", COMPRESSION_ZSTD, &stream, 2);
	put_number(&stream, 0xfd2fb528, 4);
	put(&stream, "\x00\x90", 2); /* a window of 2^28 bytes */
	put_number(&stream, 1 | 4 << 3, 3);
	put(&stream, "abcd", 4);
	bad("bomb: zstd with a window of 256 MiB", COMPRESSION_ZSTD, &stream, "more than 128 MiB");
	put_number(&stream, 0x184d2a53, 4);
	put_number(&stream, 500, 4);
	put(&stream, "skip!", 5);
	bad("zstd: a cut skippable frame", COMPRESSION_ZSTD, &stream, "truncated");
}

/* Media types lie: the first bytes do not. */
static void test_mislabelled(void)
{
	static const char *const names[] = {"none", "gzip", "zstd"};
	struct stream stream = {0};
	for (int said = COMPRESSION_NONE; said <= COMPRESSION_ZSTD; said++) {
		char label[100];
		for (int is = COMPRESSION_GZIP; is <= COMPRESSION_ZSTD; is++) {
			put_sample(&stream, (enum compression)is);
			put_sample(&stream, (enum compression)is);
			snprintf(label, sizeof label, "%s that is said to be %s", names[is],
				 names[said]);
			good(label, (enum compression)said, &stream, 2);
		}
		put_number(&stream, 0x184d2a5f, 4);
		put_number(&stream, 0, 4);
		put_sample(&stream, COMPRESSION_ZSTD);
		snprintf(label, sizeof label, "zstd after a skippable frame, said to be %s",
			 names[said]);
		good(label, (enum compression)said, &stream, 1);
		uint8_t header[1024] = {0x1f, 0x8b, 0x08};
		struct check check = {.copies = 0};
		memcpy(header + 257, "ustar", 5);
		put(&stream, header, sizeof header);
		decode((enum compression)said, &stream, 100, &check);
		ok(check.size == sizeof header, "tar that is said to be %s: %s", names[said],
		   last.text);
		free(stream.data);
		stream = (struct stream){0};
	}
}

static void test_bomb(enum compression compression, const char *name)
{
	struct stream stream = {0};
	for (int i = 0; i < 2000; i++)
		put_sample(&stream, compression);
	struct check check = {.copies = 2000, .limit = 1000000};
	ok(decode(compression, &stream, 1 << 20, &check) < 0 &&
		   strcmp(last.text, "more than 1000000 bytes") == 0,
	   "%s: the receiver can stop a bomb", name);
	ok(check.size < 1000000 + 600000, "%s: soon after it wants to", name);
	free(stream.data);
}

int main(void)
{
	make_sample();
	test_good(COMPRESSION_NONE, "none");
	test_good(COMPRESSION_GZIP, "gzip");
	test_good(COMPRESSION_ZSTD, "zstd");
	test_gzip_members();
	test_zstd_frames();
	test_bad(COMPRESSION_GZIP, "gzip");
	test_bad(COMPRESSION_ZSTD, "zstd");
	test_mislabelled();
	test_truncated(COMPRESSION_GZIP, "gzip");
	test_truncated(COMPRESSION_ZSTD, "zstd");
	test_corrupt(COMPRESSION_GZIP, "gzip");
	test_corrupt(COMPRESSION_ZSTD, "zstd");
	test_bomb(COMPRESSION_GZIP, "gzip");
	test_bomb(COMPRESSION_ZSTD, "zstd");
	free(sample);
	return tap_end();
}
