// SPDX-License-Identifier: Apache-2.0
/* Image configurations; what is accepted fits the frame that carries it. */
#include "images/config.h"

#include "images/image.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char block[IMAGE_SETTINGS_MAX];
	static unsigned char storage[FRAME_MAX];
	struct config_file file;
	struct arena arena;
	struct frame frame;
	arena_init(&arena, block, sizeof block);
	if (config_parse((const char *)data, size, &arena, &file, NULL) < 0)
		return 0;
	frame_begin(&frame, RESOLVE_IMAGE, storage, sizeof storage);
	image_config_put(&frame, &file.config);
	if (frame.bad)
		abort();
	return 0;
}
