// SPDX-License-Identifier: Apache-2.0
#include "images/pull/memory.h"

#include "lib/file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

enum { MIB = 1024 * 1024 };

uint64_t memory_available(void)
{
	char text[8192];
	if (file_read(AT_FDCWD, "/proc/meminfo", text, sizeof text, NULL) < 0)
		return UINT64_MAX;
	const char *line = strstr(text, "\nMemAvailable:");
	return line ? strtoull(line + strlen("\nMemAvailable:"), NULL, 10) * 1024 : UINT64_MAX;
}

struct memory_plan memory_plan(uint64_t available, bool in_memory)
{
	struct memory_plan plan = {.workers = 4, .buffer_size = 256 * 1024, .pipe_size = MIB,
				   .queue_size = in_memory ? MIB / 2 : 8 * MIB,
				   .chunk_size = in_memory ? MIB / 2 : 4 * MIB};
	if (available < 256 * (uint64_t)MIB) {
		plan.buffer_size = 128 * 1024;
		plan.pipe_size = 256 * 1024;
		plan.queue_size = 256 * 1024;
	}
	if (available < 64 * (uint64_t)MIB) {
		plan.workers = 2;
		plan.buffer_size = 64 * 1024;
		plan.pipe_size = 64 * 1024;
		plan.queue_size = 64 * 1024;
		plan.chunk_size = 0;
	}
	if (available < 16 * (uint64_t)MIB)
		plan.workers = 1;
	return plan;
}
