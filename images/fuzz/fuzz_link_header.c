// SPDX-License-Identifier: Apache-2.0
/* A Link header: what comes out is the same list with another query, and fits into a request. */
#include "images/http/link_header.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char path[] = "referrers/sha256:aa";
	char header[512], next[64];
	if (size >= sizeof header)
		return 0;
	memcpy(header, data, size);
	header[size] = 0;
	if (!link_next(header, path, next, sizeof next))
		return 0;
	if (strncmp(next, path, sizeof path - 1) != 0 || next[sizeof path - 1] != '?' ||
	    strpbrk(next, " #\r\n"))
		abort();
	return 0;
}
