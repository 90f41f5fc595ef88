// SPDX-License-Identifier: Apache-2.0
/* Fuzzers change tar headers; without right checksums nothing behind them would be reached. */
#ifndef BERTH_IMAGES_FUZZ_TAR_CHECKSUMS_H
#define BERTH_IMAGES_FUZZ_TAR_CHECKSUMS_H

#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { BLOCK = 512 };

static void repair_checksums(uint8_t *data, size_t size)
{
	for (uint8_t *header = data; size >= BLOCK; header += BLOCK, size -= BLOCK) {
		unsigned sum = 8 * ' ';
		if (memcmp(header + 257, "ustar", 5) != 0)
			continue;
		for (int i = 0; i < BLOCK; i++)
			sum += i < 148 || i >= 156 ? header[i] : 0;
		snprintf((char *)header + 148, 8, "%06o", sum);
		header[155] = ' ';
	}
}

#endif
