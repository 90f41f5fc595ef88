// SPDX-License-Identifier: Apache-2.0
/* What a compromised worker could send: the first byte is the frame's type, as on the socket. */
#include "images/image.h"
#include "images/pull/plan.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct frame frame_of(uint8_t *data, size_t size)
{
	return (struct frame){.type = data[0], .data = data, .size = size, .at = 1, .capacity = size};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char block[512 * 1024];
	static struct image image;
	static struct pull_plan plan;
	struct pull_progress progress;
	struct pull_date date;
	struct pull_result result;
	struct error failure;
	struct arena arena;
	if (size == 0 || size > FRAME_MAX)
		return 0;
	uint8_t *copy = malloc(size);
	if (!copy)
		return 0;
	memcpy(copy, data, size);
	struct frame frame = frame_of(copy, size);
	pull_decode_progress(&frame, &progress, NULL);
	frame = frame_of(copy, size);
	if (pull_decode_failure(&frame, &failure, NULL) == 0 && strchr(failure.text, '\n'))
		abort();
	frame = frame_of(copy, size);
	if (pull_decode_date(&frame, &date, NULL) == 0 && !memchr(date.host, 0, sizeof date.host))
		abort();
	frame = frame_of(copy, size);
	arena_init(&arena, block, sizeof block);
	pull_decode_result(&frame, &arena, &result, NULL);
	frame = frame_of(copy, size);
	arena_init(&arena, block, sizeof block);
	image_get(&frame, &arena, &image, NULL);
	frame = frame_of(copy, size);
	arena_init(&arena, block, sizeof block);
	if (plan_decode(&frame, &arena, &plan, NULL) == 0 &&
	    plan.layers_here > plan.image.layer_count)
		abort();
	free(copy);
	return 0;
}
