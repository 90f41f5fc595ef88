// SPDX-License-Identifier: Apache-2.0
#include "lib/log.h"

#include "lib/file.h"
#include "lib/loop.h"
#include "lib/text.h"

#include <stdarg.h>
#include <stdio.h>

enum { LINE_MAX_BYTES = 1024 };

static int log_fd = 2;
static int log_stamp;
static enum log_level log_most = LOG_LEVEL_INFO;

void log_setup(int fd, int stamp, enum log_level most)
{
	log_fd = fd;
	log_stamp = stamp;
	log_most = most;
}

static const char *prefix(enum log_level level)
{
	switch (level) {
	case LOG_LEVEL_ERROR:
		return "error: ";
	case LOG_LEVEL_WARNING:
		return "warning: ";
	default:
		return "";
	}
}

/* Appends without ever passing the end of the line. */
static size_t append(char *line, size_t used, const char *format, va_list ap)
{
	int length = vsnprintf(line + used, LINE_MAX_BYTES - 1 - used, format, ap);
	if (length < 0)
		return used;
	used += (size_t)length;
	return used < LINE_MAX_BYTES - 2 ? used : LINE_MAX_BYTES - 2;
}

__attribute__((format(printf, 3, 4))) static size_t append_text(char *line, size_t used,
								const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	used = append(line, used, format, ap);
	va_end(ap);
	return used;
}

void log_line(enum log_level level, const char *name, const char *format, ...)
{
	if (level > log_most)
		return;
	char line[LINE_MAX_BYTES];
	size_t used = 0;
	if (log_stamp) {
		unsigned long long us = monotonic_ns() / 1000;
		used = append_text(line, used, "[%5llu.%06llu] ", us / 1000000, us % 1000000);
	}
	used = append_text(line, used, "%s%s%s", name, *name ? ": " : "", prefix(level));
	va_list ap;
	va_start(ap, format);
	used = append(line, used, format, ap);
	va_end(ap);
	line[used] = 0;
	text_one_line(line);
	line[used++] = '\n';
	write_all(log_fd, line, used, NULL);
}
