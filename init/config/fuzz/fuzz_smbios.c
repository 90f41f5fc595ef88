// SPDX-License-Identifier: Apache-2.0
#include "init/config/smbios.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *table = (const char *)data;
	for (unsigned type = 0; type < 13; type++) {
		const char *found = smbios_string(data, size, type, "a");
		if (found && (found < table || !memchr(found, 0, size - (size_t)(found - table))))
			abort();
	}
	return 0;
}
