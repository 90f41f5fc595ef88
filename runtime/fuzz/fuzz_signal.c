// SPDX-License-Identifier: Apache-2.0
/* Names of signals: an image's StopSignal is any text. */
#include "runtime/container.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char name[64];
	if (size >= sizeof name)
		return 0;
	memcpy(name, data, size);
	name[size] = 0;
	int number = container_signal_number(name);
	if (number != -1 && (number < 1 || number > 64))
		abort();
	return 0;
}
