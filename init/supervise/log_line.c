// SPDX-License-Identifier: Apache-2.0
#include "init/supervise/log_line.h"

#include "lib/text.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { HEADER = 12 }; /* of a packet: stream, severity, time */

/* "[    1.104960] ", as lib/log.h writes it. */
static size_t stamp_length(const char *text, size_t size)
{
	size_t at = 1;
	if (size < 4 || text[0] != '[')
		return 0;
	while (at < size && (isdigit((unsigned char)text[at]) || text[at] == ' ' || text[at] == '.'))
		at++;
	return at + 1 < size && text[at] == ']' && text[at + 1] == ' ' ? at + 2 : 0;
}

static bool has(const struct log_line *line, const char *word)
{
	return memmem(line->text, line->size, word, strlen(word)) != NULL;
}

void log_line_judge(struct log_line *line, char mark)
{
	line->severity = mark == '!' ? SEVERITY_ERROR : SEVERITY_INFO;
	if (mark)
		return;
	size_t stamp = stamp_length(line->text, line->size);
	line->text += stamp;
	line->size -= stamp;
	if (has(line, ": error: "))
		line->severity = SEVERITY_ERROR;
	else if (has(line, ": warning: "))
		line->severity = SEVERITY_WARNING;
}

size_t log_line_pack(const struct log_line *line, unsigned char out[LOG_PACKED_MAX])
{
	size_t size = line->size < OUTPUT_LINE_MAX ? line->size : OUTPUT_LINE_MAX;
	const uint16_t stream = (uint16_t)line->stream, severity = (uint16_t)line->severity;
	memcpy(out, &stream, sizeof stream);
	memcpy(out + 2, &severity, sizeof severity);
	memcpy(out + 4, &line->time_ns, sizeof line->time_ns);
	if (size)
		memcpy(out + HEADER, line->text, size);
	return HEADER + size;
}

int log_line_unpack(const unsigned char *packet, size_t size, struct log_line *out)
{
	uint16_t stream, severity;
	if (size < HEADER || size > HEADER + OUTPUT_LINE_MAX)
		return -1;
	memcpy(&stream, packet, sizeof stream);
	memcpy(&severity, packet + 2, sizeof severity);
	*out = (struct log_line){.stream = stream, .severity = severity,
				 .text = (const char *)packet + HEADER, .size = size - HEADER};
	memcpy(&out->time_ns, packet + 4, sizeof out->time_ns);
	return stream < OUTPUT_STREAMS_MAX && severity < 8 ? 0 : -1;
}

/* "2026-11-24T06:59:48.123456789Z" with so many digits behind the point. */
static size_t print_time(uint64_t time_ns, int digits, char *out, size_t capacity)
{
	enum { ALL = 9 };
	struct tm tm;
	time_t seconds = (time_t)(time_ns / 1000000000);
	unsigned long fraction = time_ns % 1000000000;
	for (int i = ALL; i > digits; i--)
		fraction /= 10;
	gmtime_r(&seconds, &tm);
	size_t used = strftime(out, capacity, "%Y-%m-%dT%H:%M:%S", &tm);
	return used + (size_t)snprintf(out + used, capacity - used, ".%0*luZ", digits, fraction);
}

/* Length of "ESC [ digits ; … letter" at text, else 0. */
static size_t escape_length(const char *text, size_t size)
{
	size_t i = 2;
	if (size < 3 || text[0] != 0x1b || text[1] != '[')
		return 0;
	while (i < size && i < 32 && (isdigit((unsigned char)text[i]) || text[i] == ';'))
		i++;
	return i < size && isalpha((unsigned char)text[i]) ? i + 1 : 0;
}

static size_t without_cr(const struct log_line *line)
{
	return line->size && line->text[line->size - 1] == '\r' ? line->size - 1 : line->size;
}

/* Printable, as fields of a header must be. */
static void print_field(const char *text, size_t most, char *out)
{
	size_t used = 0;
	for (; *text && used < most; text++)
		out[used++] = *text > ' ' && *text <= '~' ? *text : '_';
	if (!used)
		out[used++] = '-';
	out[used] = 0;
}

size_t log_line_syslog(const struct log_line *line, unsigned facility, const char *host,
		       const char *tag, char out[LOG_SYSLOG_MAX])
{
	enum { TAG_MAX = 48, HOST_MAX = 64 };
	char stamp[48], program[TAG_MAX + 1], machine[HOST_MAX + 1];
	size_t size = without_cr(line);
	print_time(line->time_ns, 6, stamp, sizeof stamp);
	print_field(tag, TAG_MAX, program);
	print_field(host, HOST_MAX, machine);
	size_t used = (size_t)snprintf(out, LOG_SYSLOG_MAX, "<%u>1 %s %s %s - - - ",
				       facility * 8 + line->severity, stamp, machine, program);
	for (size_t i = 0; i < size && used + 4 < LOG_SYSLOG_MAX;) {
		unsigned char c = (unsigned char)line->text[i];
		size_t escape = escape_length(line->text + i, size - i);
		size_t length = text_utf8_length(line->text + i, size - i);
		bool plain = length && ((c >= 0x20 && c != 0x7f) || c == '\t');
		if (escape) {
			i += escape;
			continue;
		}
		memcpy(out + used, plain ? line->text + i : "?", plain ? length : 1);
		used += plain ? length : 1;
		i += plain ? length : 1;
	}
	return used;
}

/* One character, escaped where JSON wants it; returns how many bytes of the text it was. */
static size_t print_json_character(const char *text, size_t size, char *out, size_t *used)
{
	unsigned char c = (unsigned char)*text;
	size_t length = text_utf8_length(text, size);
	if (length > 1 || (length == 1 && c >= 0x20 && c != '"' && c != '\\' && c != 0x7f)) {
		memcpy(out + *used, text, length);
		*used += length;
		return length;
	}
	if (c == '"' || c == '\\')
		*used += (size_t)snprintf(out + *used, 7, "\\%c", c);
	else /* what is not UTF-8 is replaced, as Docker does it */
		*used += (size_t)snprintf(out + *used, 7, "\\u%04x", length ? c : 0xfffd);
	return 1;
}

size_t log_line_json(const struct log_line *line, const char *stream, char out[LOG_JSON_MAX])
{
	size_t used = (size_t)snprintf(out, LOG_JSON_MAX, "{\"log\":\"");
	size_t size = line->size < OUTPUT_LINE_MAX ? line->size : OUTPUT_LINE_MAX;
	char stamp[48];
	for (size_t i = 0; i < size;)
		i += print_json_character(line->text + i, size - i, out, &used);
	print_time(line->time_ns, 9, stamp, sizeof stamp);
	used += (size_t)snprintf(out + used, LOG_JSON_MAX - used,
				 "\\n\",\"stream\":\"%s\",\"time\":\"%s\"}\n", stream, stamp);
	return used;
}
