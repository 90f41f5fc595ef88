// SPDX-License-Identifier: Apache-2.0
/* The machine's description as PID 1 takes it from a worker that may have been taken over. */
#include "init/config/machine_codec.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct machine machine;
	static uint8_t storage[FRAME_MAX];
	struct error err = ERROR_INIT;
	if (size < 1 || size > sizeof storage)
		return 0;
	memcpy(storage, data, size);
	struct frame frame = {.type = storage[0], .size = size, .at = 1, .capacity = size, .data = storage};
	machine_init(&machine);
	if (machine_decode(&frame, &machine, &err) < 0)
		return 0;
	if (machine.container->name && strchr(machine.container->name, '/'))
		abort();
	return 0;
}
