// SPDX-License-Identifier: Apache-2.0
/* What a container prints must never reach the console as a control character or a second line. */
#include "init/supervise/log_line.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The same as it leaves the machine: one line without control characters, one object of JSON. */
static void check_forms(const struct log_line *line)
{
	static char syslog[LOG_SYSLOG_MAX], json[LOG_JSON_MAX];
	size_t length = log_line_syslog(line, 3, "host", "app", syslog);
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)syslog[i] < 0x20 && syslog[i] != '\t')
			__builtin_trap();
	size_t whole = log_line_json(line, "stdout", json);
	if (length > LOG_SYSLOG_MAX || whole > LOG_JSON_MAX || json[0] != '{' ||
	    json[whole - 1] != '\n' || memchr(json, '\n', whole - 1))
		__builtin_trap();
}

static void check_sinks(const uint8_t *data, size_t size)
{
	struct log_line line = {.text = (const char *)data,
				.size = size < OUTPUT_LINE_MAX ? size : OUTPUT_LINE_MAX};
	log_line_judge(&line, size & 1 ? 0 : '!');
	check_forms(&line);
	if (log_line_unpack(data, size, &line) == 0) /* also as a packet between processes */
		check_forms(&line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_sinks(data, size);
	char out[512];
	size_t length = output_format("app", '|', (const char *)data, size, out, sizeof out);
	if (length < 7 || length > sizeof out || out[length - 1] != '\n' ||
	    memchr(out, '\n', length - 1) || memchr(out, '\r', length) ||
	    memcmp(out, "app | ", 6) != 0)
		__builtin_trap();
	return 0;
}
