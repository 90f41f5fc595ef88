// SPDX-License-Identifier: Apache-2.0
/*
 * isa-l copies its 32 KiB history on every call, so that many small calls cost more than the
 * decoding: input is gathered into large pieces first. Between members (gzip) and frames (zstd) the
 * stream may end, go on with another one, or be padded with zeros to its end; anything else is an
 * error, because bytes that nobody decodes are bytes that nobody has checked.
 *
 * Media types lie about the compression, and other clients go by the first bytes of the data: so
 * does this one. What comes out is checked against its digest anyway.
 */
#include "images/layers/inflate.h"

#include "lib/cleanup.h"

#include <isa-l/igzip_lib.h>
#include <stdbool.h>
#include <string.h>
#include <zstd.h>
#include <zstd_errors.h>

enum {
	INPUT_SIZE = 128 << 10,
	OUTPUT_SIZE = 256 << 10,
	ZSTD_WINDOW_LOG = 27, /* 128 MiB */
	GZIP_FIRST = 0x1f,    /* the first byte of a member */
	LOOK_SIZE = 512,      /* a tar header: enough to know the format by */
};

enum position {
	AT_START,    /* nothing seen yet */
	INSIDE,      /* in a gzip member or zstd frame */
	BETWEEN,     /* a member or frame has just ended */
	IN_PADDING,  /* zeros after the last one */
};

struct inflate {
	enum compression compression;
	enum position position;
	bool recognised;      /* `compression` is what the data is, not what it is said to be */
	inflate_sink *sink;
	void *context;
	struct inflate_state gzip;
	ZSTD_DCtx *zstd;
	inflate_space *space;
	uint8_t *output;      /* NULL: to be had from space() */
	size_t input_used, output_used, output_size;
	uint8_t input[INPUT_SIZE];
	uint8_t own_output[OUTPUT_SIZE];
};

static const char *format_name(const struct inflate *inflate)
{
	return inflate->compression == COMPRESSION_ZSTD ? "zstd" : "gzip";
}

static int flush(struct inflate *inflate, struct error *err)
{
	size_t size = inflate->output_used;
	const uint8_t *output = inflate->output;
	inflate->output_used = 0;
	if (inflate->space)
		inflate->output = NULL;
	return size ? inflate->sink(inflate->context, output, size, err) : 0;
}

static int make_room(struct inflate *inflate, struct error *err)
{
	if (inflate->output && inflate->output_used == inflate->output_size &&
	    flush(inflate, err) < 0)
		return -1;
	if (!inflate->output)
		inflate->output = inflate->space(inflate->context, &inflate->output_size, err);
	return inflate->output ? 0 : -1;
}

static const char *gzip_reason(int code)
{
	switch (code) {
	case ISAL_INVALID_BLOCK:
		return "invalid block";
	case ISAL_INVALID_SYMBOL:
		return "invalid symbol";
	case ISAL_INVALID_LOOKBACK:
		return "reference to before the start of the data";
	case ISAL_INVALID_WRAPPER:
		return "not a gzip header";
	case ISAL_UNSUPPORTED_METHOD:
		return "unknown compression method";
	case ISAL_INCORRECT_CHECKSUM:
		return "checksum or length does not match the data";
	}
	return "invalid data";
}

/* Decodes up to one output buffer; sets *used to the bytes taken from data. */
static int gzip_step(struct inflate *inflate, const uint8_t *data, size_t size, size_t *used,
		     struct error *err)
{
	struct inflate_state *gzip = &inflate->gzip;
	gzip->next_in = (uint8_t *)data;
	gzip->avail_in = (uint32_t)size;
	gzip->next_out = inflate->output + inflate->output_used;
	gzip->avail_out = (uint32_t)(inflate->output_size - inflate->output_used);
	int code = isal_inflate(gzip);
	inflate->output_used = inflate->output_size - gzip->avail_out;
	*used = size - gzip->avail_in;
	if (code != ISAL_DECOMP_OK)
		return error_set(err, "corrupt gzip data: %s", gzip_reason(code));
	if (gzip->block_state == ISAL_BLOCK_FINISH)
		inflate->position = BETWEEN;
	return 0;
}

static int zstd_step(struct inflate *inflate, const uint8_t *data, size_t size, size_t *used,
		     struct error *err)
{
	ZSTD_inBuffer in = {data, size, 0};
	ZSTD_outBuffer out = {inflate->output, inflate->output_size, inflate->output_used};
	size_t code = ZSTD_decompressStream(inflate->zstd, &out, &in);
	inflate->output_used = out.pos;
	*used = in.pos;
	if (ZSTD_isError(code)) {
		if (ZSTD_getErrorCode(code) == ZSTD_error_frameParameter_windowTooLarge)
			return error_set(err, "zstd data needs a window of more than %d MiB",
					 1 << (ZSTD_WINDOW_LOG - 20));
		return error_set(err, "corrupt zstd data: %s", ZSTD_getErrorName(code));
	}
	if (code == 0)
		inflate->position = BETWEEN;
	return 0;
}

static void begin_next(struct inflate *inflate)
{
	inflate->position = INSIDE;
	if (inflate->compression == COMPRESSION_GZIP) {
		isal_inflate_reset(&inflate->gzip);
		inflate->gzip.crc_flag = ISAL_GZIP;
	}
}

/* Zeros after the last member; returns how many bytes of data they are. */
static size_t count_zeros(const uint8_t *data, size_t size)
{
	size_t count = 0;
	while (count < size && data[count] == 0)
		count++;
	return count;
}

/* Looks at what stands between two members: *padded when the data is zeros to its end. */
static int check_between(struct inflate *inflate, const uint8_t *data, size_t size, bool *padded,
			 struct error *err)
{
	*padded = inflate->position == IN_PADDING || data[0] == 0;
	if (*padded)
		inflate->position = IN_PADDING;
	if ((*padded && count_zeros(data, size) < size) ||
	    (!*padded && inflate->compression == COMPRESSION_GZIP && data[0] != GZIP_FIRST))
		return error_set(err, "data after the end of the %s stream", format_name(inflate));
	return 0;
}

static int decode(struct inflate *inflate, const uint8_t *data, size_t size, struct error *err)
{
	while (size > 0) {
		bool padded = false;
		if ((inflate->position == BETWEEN || inflate->position == IN_PADDING) &&
		    check_between(inflate, data, size, &padded, err) < 0)
			return -1;
		if (padded)
			return 0;
		if (inflate->position != INSIDE)
			begin_next(inflate);
		size_t used;
		/* A full output buffer may hide more output, with all input taken: go on until
		 * there is room left over. */
		do {
			if (make_room(inflate, err) < 0)
				return -1;
			int code = inflate->compression == COMPRESSION_ZSTD
					   ? zstd_step(inflate, data, size, &used, err)
					   : gzip_step(inflate, data, size, &used, err);
			if (code < 0)
				return -1;
			data += used;
			size -= used;
		} while (inflate->position == INSIDE &&
			 (size > 0 || inflate->output_used == inflate->output_size));
	}
	return 0;
}

static int open_zstd(struct inflate *inflate, struct error *err)
{
	inflate->zstd = ZSTD_createDCtx();
	if (!inflate->zstd ||
	    ZSTD_isError(ZSTD_DCtx_setParameter(inflate->zstd, ZSTD_d_windowLogMax,
						ZSTD_WINDOW_LOG)))
		return error_set(err, "no memory for the zstd decompressor");
	return 0;
}

/* RFC 1952, 2.3.1; RFC 8878, 3.1.1 and 3.1.2; POSIX, ustar. What is none of them stays what it is
 * said to be. */
static enum compression recognise(const struct inflate *inflate)
{
	const uint8_t *data = inflate->input;
	size_t size = inflate->input_used;
	if (size >= 262 && memcmp(data + 257, "ustar", 5) == 0)
		return COMPRESSION_NONE;
	if (size >= 3 && memcmp(data, "\x1f\x8b\x08", 3) == 0)
		return COMPRESSION_GZIP;
	if (size >= 4 && (memcmp(data, "\x28\xb5\x2f\xfd", 4) == 0 ||
			  ((data[0] & 0xf0) == 0x50 && memcmp(data + 1, "\x2a\x4d\x18", 3) == 0)))
		return COMPRESSION_ZSTD;
	return inflate->compression;
}

/* The first bytes are in the input buffer. Without a compression they leave it at once. */
static int look(struct inflate *inflate, struct error *err)
{
	inflate->recognised = true;
	inflate->compression = recognise(inflate);
	if (inflate->compression == COMPRESSION_GZIP)
		isal_inflate_init(&inflate->gzip);
	if (inflate->compression == COMPRESSION_ZSTD)
		return open_zstd(inflate, err);
	size_t size = inflate->input_used;
	if (inflate->compression != COMPRESSION_NONE || size == 0)
		return 0;
	inflate->input_used = 0;
	return inflate->sink(inflate->context, inflate->input, size, err);
}

/* Moves what fits into the first `limit` bytes of the input buffer; returns how much that was. */
static size_t gather(struct inflate *inflate, const uint8_t *data, size_t size, size_t limit)
{
	size_t take = limit - inflate->input_used;
	if (take > size)
		take = size;
	memcpy(inflate->input + inflate->input_used, data, take);
	inflate->input_used += take;
	return take;
}

struct inflate *inflate_open(enum compression compression, inflate_sink *sink, void *context,
			     struct error *err)
{
	/* Not zeroed: pages of the buffers that are never used are never touched. */
	struct inflate *inflate = malloc(sizeof *inflate);
	if (!inflate) {
		error_set(err, "no memory for the decompressor (%zu bytes)", sizeof *inflate);
		return NULL;
	}
	inflate->compression = compression;
	inflate->position = AT_START;
	inflate->recognised = false;
	inflate->sink = sink;
	inflate->context = context;
	inflate->zstd = NULL;
	inflate->space = NULL;
	inflate->output = inflate->own_output;
	inflate->output_size = OUTPUT_SIZE;
	inflate->input_used = inflate->output_used = 0;
	return inflate;
}

void inflate_into(struct inflate *inflate, inflate_space *space)
{
	inflate->space = space;
	inflate->output = NULL;
}

int inflate_add(struct inflate *inflate, const void *data, size_t size, struct error *err)
{
	const uint8_t *at = data;
	if (!inflate->recognised) {
		size_t taken = gather(inflate, at, size, LOOK_SIZE);
		at += taken;
		size -= taken;
		if (inflate->input_used == LOOK_SIZE && look(inflate, err) < 0)
			return -1;
	}
	if (inflate->recognised && inflate->compression == COMPRESSION_NONE)
		return size ? inflate->sink(inflate->context, at, size, err) : 0;
	while (size > 0) {
		if (inflate->input_used == 0 && size >= INPUT_SIZE) {
			size_t piece = size < (1 << 30) ? size : (1 << 30);
			if (decode(inflate, at, piece, err) < 0)
				return -1;
			at += piece;
			size -= piece;
			continue;
		}
		size_t taken = gather(inflate, at, size, INPUT_SIZE);
		at += taken;
		size -= taken;
		if (inflate->input_used == INPUT_SIZE) {
			inflate->input_used = 0;
			if (decode(inflate, inflate->input, INPUT_SIZE, err) < 0)
				return -1;
		}
	}
	return 0;
}

int inflate_end(struct inflate *inflate, struct error *err)
{
	if (!inflate->recognised && look(inflate, err) < 0)
		return -1;
	if (inflate->compression == COMPRESSION_NONE)
		return 0;
	size_t rest = inflate->input_used;
	inflate->input_used = 0;
	if (decode(inflate, inflate->input, rest, err) < 0 || flush(inflate, err) < 0)
		return -1;
	if (inflate->position == AT_START)
		return error_set(err, "empty: not a %s stream", format_name(inflate));
	if (inflate->position == INSIDE)
		return error_set(err, "truncated %s data", format_name(inflate));
	return 0;
}

void inflate_close(struct inflate *inflate)
{
	if (!inflate)
		return;
	ZSTD_freeDCtx(inflate->zstd);
	free(inflate);
}
