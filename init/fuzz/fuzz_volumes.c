// SPDX-License-Identifier: Apache-2.0
/* The list of disks that PID 1 takes from a child: the first byte is the frame's type, as on the
 * socket. What is accepted is within its bounds and can be written again. */
#include "init/supervise/errand.h"
#include "init/supervise/late_disks.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct volumes volumes;
	static uint8_t storage[ERRAND_FRAME_MAX];
	uint8_t *copy = size ? malloc(size) : NULL;
	if (!copy)
		return 0;
	memcpy(copy, data, size);
	struct frame frame = {.type = copy[0], .data = copy, .size = size, .at = 1, .capacity = size};
	volumes_get(&frame, &volumes);
	if (frame_done(&frame)) {
		struct frame again;
		for (size_t i = 0; i < volumes.count; i++)
			if (!*volumes.items[i].device || strchr(volumes.items[i].device, '/') ||
			    !*volume_type(volumes.items[i].format) !=
				    (volumes.items[i].format == VOLUME_OTHER))
				abort();
		frame_begin(&again, 1, storage, sizeof storage);
		volumes_put(&again, &volumes);
		if (again.bad || again.size != size)
			abort();
	}
	free(copy);
	return 0;
}
