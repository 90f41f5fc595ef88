// SPDX-License-Identifier: Apache-2.0
#include "init/supervise/probe_result.h"

#include "lib/text.h"

#include <stdio.h>
#include <string.h>

enum { LINE_SHOWN = 160 };

void probe_result_encode(const struct probe_result *result, struct frame *frame, void *storage)
{
	frame_begin(frame, PROBE_RESULT, storage, PROBE_FRAME_MAX);
	frame_put_u64(frame, result->end);
	frame_put_u64(frame, (uint64_t)result->exit_status);
	frame_put_bytes(frame, result->output, strlen(result->output));
}

static void clean(char *text)
{
	size_t left = strlen(text);
	while (left) {
		size_t length = text_utf8_length(text, left);
		bool blank = *text == '\n' || *text == '\t';
		if (length == 0 || (!blank && (unsigned char)*text < 0x20) || *text == 0x7f) {
			*text = '?';
			length = 1;
		}
		text += length;
		left -= length;
	}
}

int probe_result_decode(struct frame *frame, struct probe_result *out, struct error *err)
{
	uint64_t end = frame_get_u64(frame), status = frame_get_u64(frame);
	frame_get_text(frame, out->output, sizeof out->output);
	if (frame->type != PROBE_RESULT || !frame_done(frame) || end > PROBE_ASKED || status > 255)
		return error_set(err, "malformed message from the prober");
	out->end = (enum probe_end)end;
	out->exit_status = (int)status;
	clean(out->output);
	return 0;
}

/* The last line that is not empty. */
static const char *last_line(const char *text, size_t *length)
{
	size_t end = strlen(text);
	while (end && (text[end - 1] == '\n' || text[end - 1] == '\t' || text[end - 1] == ' '))
		end--;
	size_t start = end;
	while (start && text[start - 1] != '\n')
		start--;
	*length = end - start < LINE_SHOWN ? end - start : LINE_SHOWN;
	return text + start;
}

void probe_result_describe(const struct probe_result *result, uint64_t timeout_ms, char *out,
			   size_t capacity)
{
	char how[64];
	size_t length;
	const char *line = last_line(result->output, &length);
	if (result->end == PROBE_TIMED_OUT)
		snprintf(how, sizeof how, "took longer than %llu ms and was killed",
			 (unsigned long long)timeout_ms);
	else if (result->end == PROBE_NOT_RUN)
		snprintf(how, sizeof how, "could not be run");
	else if (result->end == PROBE_ASKED)
		snprintf(how, sizeof how, "got no good answer");
	else if (result->exit_status > 128)
		snprintf(how, sizeof how, "was killed by signal %d", result->exit_status - 128);
	else
		snprintf(how, sizeof how, "exited with status %d", result->exit_status);
	snprintf(out, capacity, "%s%s%.*s", how, length ? ": " : "", (int)length, line);
	text_one_line(out);
}
