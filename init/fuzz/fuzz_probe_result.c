// SPDX-License-Identifier: Apache-2.0
/* What PID 1 takes from a prober: the first byte is the frame's type, as on the socket. What is
 * accepted is text that fits a console line and the report. */
#include "init/supervise/probe_result.h"
#include "lib/text.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *text)
{
	for (size_t left = strlen(text); left;) {
		size_t length = text_utf8_length(text, left);
		if (length == 0 || ((unsigned char)*text < 0x20 && *text != '\n' && *text != '\t'))
			abort();
		text += length;
		left -= length;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct probe_result result, again;
	static uint8_t storage[PROBE_FRAME_MAX];
	char line[256];
	uint8_t *copy = size ? malloc(size) : NULL;
	if (!copy)
		return 0;
	memcpy(copy, data, size);
	struct frame frame = {.type = copy[0], .data = copy, .size = size, .at = 1, .capacity = size};
	if (probe_result_decode(&frame, &result, NULL) == 0) {
		check_text(result.output);
		probe_result_describe(&result, 500, line, sizeof line);
		check_text(line);
		if (strchr(line, '\n') || strchr(line, '\t'))
			abort();
		probe_result_encode(&result, &frame, storage);
		frame.at = 1;
		if (frame.bad || probe_result_decode(&frame, &again, NULL) < 0 ||
		    strcmp(result.output, again.output) != 0)
			abort();
	}
	free(copy);
	return 0;
}
