// SPDX-License-Identifier: Apache-2.0
#include "init/config/codec_values.h"

#include "init/config/keys.h"
#include "init/config/logging.h"

void codec_put_optional(struct frame *frame, const char *text)
{
	frame_put_u64(frame, text != NULL);
	frame_put_string(frame, text ? text : "");
}

const char *codec_get_optional(struct frame *frame, struct arena *arena)
{
	bool present = frame_get_u64(frame) == 1;
	const char *text = frame_get_string(frame, arena);
	return present ? text : NULL;
}

uint64_t codec_get_limited(struct frame *frame, uint64_t most)
{
	uint64_t value = frame_get_u64(frame);
	if (value <= most)
		return value;
	frame->bad = true;
	return 0;
}

int codec_get_setting(struct frame *frame, struct machine *machine, const char *key, struct error *err)
{
	static char text[CODEC_TEXT_MAX];
	frame_get_text(frame, text, sizeof text);
	return *text ? setting_key_find(key)->apply(machine, text, err) : 0;
}

int codec_get_list(struct frame *frame, struct machine *machine, const char *key, struct error *err)
{
	struct string_list list = {0};
	frame_get_list(frame, &machine->arena, &list);
	for (size_t i = 0; i < list.count && !frame->bad; i++)
		if (setting_key_find(key)->apply(machine, list.items[i], err) < 0)
			return -1;
	return 0;
}

void codec_put_log_files(struct frame *frame, const struct log_config *log)
{
	frame_put_u64(frame, log->file_bytes);
	frame_put_u64(frame, log->file_count);
}

void codec_get_log_files(struct frame *frame, struct log_config *log)
{
	log->file_bytes = codec_get_limited(frame, INT64_MAX);
	log->file_count = (unsigned)codec_get_limited(frame, LOG_FILES_MAX);
}
