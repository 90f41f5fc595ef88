// SPDX-License-Identifier: Apache-2.0
#include "images/layers/unpacked.h"

#include "images/layers/ratio.h"

#define ZSTD_STATIC_LINKING_ONLY
#include <zstd.h>

enum {
	TYPICAL_RATIO = 3,
	SMALL = 16 * 1024, /* compressed; a wrong guess does not matter */
	ZSTD_HEADER_MAX = 18,
};

bool unpacked_piece(const struct image_layer *layer, struct registry_piece *piece)
{
	*piece = (struct registry_piece){.blob = &layer->blob};
	if (layer->compression == COMPRESSION_NONE || layer->blob.size < SMALL)
		return false;
	piece->size = layer->compression == COMPRESSION_GZIP ? 4 : ZSTD_HEADER_MAX;
	piece->offset = layer->compression == COMPRESSION_GZIP ? layer->blob.size - 4 : 0;
	return true;
}

static uint64_t little_endian_32(const unsigned char *bytes)
{
	return (uint64_t)bytes[0] | (uint64_t)bytes[1] << 8 | (uint64_t)bytes[2] << 16 |
	       (uint64_t)bytes[3] << 24;
}

/* Deflate cannot make data much larger, so a size below that of the blob has wrapped around or is
 * that of a small last member; and one that deflate cannot reach is none (images/layers/ratio.h). */
static uint64_t from_gzip(uint64_t blob_size, uint64_t stated)
{
	uint64_t least = blob_size - blob_size / 512;
	if (stated >= least && stated / RATIO_MAX <= blob_size)
		return stated;
	if (blob_size < (1ULL << 29))
		return blob_size * TYPICAL_RATIO;
	return stated + ((least - stated + UINT32_MAX) >> 32 << 32);
}

static uint64_t from_zstd(uint64_t blob_size, const struct registry_piece *piece)
{
	unsigned long long stated = ZSTD_getFrameContentSize(piece->bytes, piece->got);
	if (stated == ZSTD_CONTENTSIZE_UNKNOWN || stated == ZSTD_CONTENTSIZE_ERROR ||
	    stated < blob_size || stated > (1ULL << 50))
		return blob_size * TYPICAL_RATIO;
	return stated;
}

void unpacked_size(struct image_layer *layer, const struct registry_piece *piece)
{
	uint64_t size = layer->blob.size;
	layer->estimated = layer->compression != COMPRESSION_NONE;
	if (!layer->estimated)
		layer->unpacked = size;
	else if (!piece || piece->got == 0)
		layer->unpacked = size > UINT64_MAX / TYPICAL_RATIO ? size : size * TYPICAL_RATIO;
	else if (layer->compression == COMPRESSION_GZIP && piece->got == 4)
		layer->unpacked = from_gzip(size, little_endian_32(piece->bytes));
	else
		layer->unpacked = from_zstd(size, piece);
}
