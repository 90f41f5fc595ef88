// SPDX-License-Identifier: Apache-2.0
/*
 * Streaming decompression of layers: gzip (several members, trailing zeros), zstd, or none.
 * Input comes in pieces of any size; output leaves through a callback in large pieces.
 */
#ifndef BERTH_IMAGES_LAYERS_INFLATE_H
#define BERTH_IMAGES_LAYERS_INFLATE_H

#include "lib/error.h"

#include <stddef.h>
#include <stdint.h>

enum compression { COMPRESSION_NONE, COMPRESSION_GZIP, COMPRESSION_ZSTD };

struct inflate; /* about 470 KiB of state and buffers (zstd: and its window); one per layer */

/* Receives uncompressed bytes; -1 (with err filled) aborts the stream. */
typedef int inflate_sink(void *context, const void *data, size_t size, struct error *err);

/* Gives a place of *size bytes (at least one) for the next output; NULL with err filled aborts. */
typedef uint8_t *inflate_space(void *context, size_t *size, struct error *err);

/* `compression` is what the data is said to be; where its first bytes say otherwise, they are
 * right. NULL with err filled when memory is short. */
struct inflate *inflate_open(enum compression compression, inflate_sink *sink, void *context,
			     struct error *err);
/* Before the first piece: output is written into places from `space`, and each goes to the sink when
 * it is full, or at the end. Without a compression the sink gets the input itself, as ever. */
void inflate_into(struct inflate *inflate, inflate_space *space);
/* Decompresses one piece. Fails on corrupt input; zstd windows above 128 MiB are refused. */
int inflate_add(struct inflate *inflate, const void *data, size_t size, struct error *err);
/* End of input: fails when the stream is truncated. */
int inflate_end(struct inflate *inflate, struct error *err);
void inflate_close(struct inflate *inflate);

#endif
