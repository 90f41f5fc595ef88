// SPDX-License-Identifier: Apache-2.0
/* Three small functions that igzip's inflate calls and that upstream keeps beside its deflate. */
#include "igzip_lib.h"

#include <string.h>

uint32_t isal_adler32(uint32_t sum, const unsigned char *data, uint64_t size);
uint32_t isal_adler32_bam1(uint32_t sum, const unsigned char *data, uint64_t size);

void isal_gzip_header_init(struct isal_gzip_header *header)
{
	memset(header, 0, sizeof *header);
	header->os = 0xff; /* unknown */
}

void isal_zlib_header_init(struct isal_zlib_header *header)
{
	memset(header, 0, sizeof *header);
}

/* The sum with its low half kept one too small, modulo 65521. */
uint32_t isal_adler32_bam1(uint32_t sum, const unsigned char *data, uint64_t size)
{
	uint32_t low = sum & 0xffff;
	low = low == 65520 ? 0 : low + 1;
	sum = isal_adler32((sum & 0xffff0000) | low, data, size);
	low = sum & 0xffff;
	low = low == 0 ? 65520 : low - 1;
	return (sum & 0xffff0000) | low;
}
