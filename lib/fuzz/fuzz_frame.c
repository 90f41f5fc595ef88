// SPDX-License-Identifier: Apache-2.0
/* The frame reader over arbitrary bytes: every getter in an order taken from the input. */
#include "lib/frame.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char block[8192];
	static uint8_t copy[4096];
	struct arena arena;
	struct string_list list = {0};
	char text[32];
	if (size < 2 || size > sizeof copy)
		return 0;
	memcpy(copy, data, size);
	arena_init(&arena, block, sizeof block);
	struct frame frame = {.type = copy[0], .data = copy, .size = size, .at = 1};
	for (uint8_t order = copy[0]; order; order >>= 2) {
		switch (order & 3) {
		case 0:
			frame_get_u64(&frame);
			break;
		case 1:
			frame_get_string(&frame, &arena);
			break;
		case 2:
			frame_get_text(&frame, text, sizeof text);
			break;
		default:
			frame_get_list(&frame, &arena, &list);
		}
	}
	return frame_done(&frame) && frame.bad;
}
