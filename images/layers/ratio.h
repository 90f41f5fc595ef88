// SPDX-License-Identifier: Apache-2.0
/*
 * How much larger unpacked data may be than packed. Deflate cannot do better than 1032:1 (258
 * bytes from two bits), so no gzip layer is ever refused for this. Zstandard packs zeros 30,000
 * times and more: a layer that is nothing but a file of zeros is still good up to a gigabyte, and
 * beyond it as long as there is something else beside it. What is left is made to keep a machine
 * busy.
 */
#ifndef BERTH_IMAGES_LAYERS_RATIO_H
#define BERTH_IMAGES_LAYERS_RATIO_H

#include <stdint.h>

enum { RATIO_MAX = 1100 };

#define RATIO_FREE (1ULL << 30) /* bytes that may be unpacked from however little */

/* The most that `packed` bytes may become. */
static inline uint64_t ratio_limit(uint64_t packed)
{
	uint64_t limit = packed > UINT64_MAX / RATIO_MAX ? UINT64_MAX : packed * RATIO_MAX;
	return limit > RATIO_FREE ? limit : RATIO_FREE;
}

#endif
