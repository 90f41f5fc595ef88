// SPDX-License-Identifier: Apache-2.0
/* What a container prints must never reach the console as a control character or a second line. */
#include "init/supervise/output.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char out[512];
	size_t length = output_format("app", '|', (const char *)data, size, out, sizeof out);
	if (length < 7 || length > sizeof out || out[length - 1] != '\n' ||
	    memchr(out, '\n', length - 1) || memchr(out, '\r', length) ||
	    memcmp(out, "app | ", 6) != 0)
		__builtin_trap();
	return 0;
}
