// SPDX-License-Identifier: Apache-2.0
#include "images/layers/ratio.h"
#include "lib/tap.h"

int main(void)
{
	ok(ratio_limit(0) == RATIO_FREE && ratio_limit(1000) == RATIO_FREE, "a gigabyte in any case");
	ok(ratio_limit(1 << 20) == (1ULL << 20) * RATIO_MAX, "in proportion beyond it");
	/* 258 bytes from two bits (RFC 1951, 3.2.5), and never a gzip layer is refused for it. */
	ok(ratio_limit(100 << 20) > (100ULL << 20) * 258 * 8 / 2, "more than deflate can do");
	ok(ratio_limit(UINT64_MAX / 2) == UINT64_MAX && ratio_limit(UINT64_MAX) == UINT64_MAX,
	   "no overflow");
	return tap_end();
}
