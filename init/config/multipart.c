// SPDX-License-Identifier: Apache-2.0
#include "init/config/multipart.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { BOUNDARY_MAX = 70, LINE_MAX_BYTES = 1000 };

static const char *next_line(const char *line)
{
	const char *end = strchr(line, '\n');
	return end ? end + 1 : line + strlen(line);
}

static bool is_empty(const char *line)
{
	return !*line || *line == '\n' || (*line == '\r' && line[1] == '\n');
}

/* One header field with its continuation lines as one line; what does not fit is cut. Moves *at
 * behind it. */
static void take_field(const char **at, char *out, size_t capacity)
{
	size_t used = 0;
	do {
		const char *end = next_line(*at);
		for (const char *c = *at; c < end; c++)
			if (*c != '\r' && *c != '\n' && used + 1 < capacity)
				out[used++] = *c;
		*at = end;
	} while (**at == ' ' || **at == '\t');
	out[used] = 0;
}

static const char *value_of(const char *field, const char *name)
{
	size_t length = strlen(name);
	if (strncasecmp(field, name, length) != 0 || field[length] != ':')
		return NULL;
	return field + length + 1 + strspn(field + length + 1, " \t");
}

/* A parameter of a field's value, without its quotes. */
static bool take_parameter(const char *value, const char *name, char *out, size_t capacity)
{
	size_t length = strlen(name);
	for (const char *at = strchr(value, ';'); at; at = strchr(at, ';')) {
		at += 1 + strspn(at + 1, " \t");
		if (strncasecmp(at, name, length) != 0 || at[length] != '=')
			continue;
		at += length + 1;
		size_t size = *at == '"' ? strcspn(++at, "\"") : strcspn(at, "; \t");
		if (size == 0 || size >= capacity)
			return false;
		memcpy(out, at, size);
		out[size] = 0;
		return true;
	}
	return false;
}

static void copy_token(const char *value, char *out, size_t capacity)
{
	size_t size = strcspn(value, "; \t");
	if (size >= capacity)
		size = capacity - 1;
	for (size_t i = 0; i < size; i++)
		out[i] = (char)tolower((unsigned char)value[i]);
	out[size] = 0;
}

bool multipart_is_message(const char *text)
{
	return value_of(text, "MIME-Version") || value_of(text, "Content-Type");
}

/* Reads header fields up to and with the empty line behind them. */
static void take_header(const char **at, struct multipart_part *part, char *boundary)
{
	char field[LINE_MAX_BYTES] = "";
	*boundary = 0;
	snprintf(part->type, sizeof part->type, "text/plain");
	while (!is_empty(*at)) {
		take_field(at, field, sizeof field);
		const char *type = value_of(field, "Content-Type");
		const char *encoding = value_of(field, "Content-Transfer-Encoding");
		if (type) {
			copy_token(type, part->type, sizeof part->type);
			take_parameter(type, "boundary", boundary, BOUNDARY_MAX + 1);
		} else if (encoding) {
			copy_token(encoding, part->encoding, sizeof part->encoding);
		}
	}
	*at = next_line(*at);
	part->base64 = strcmp(part->encoding, "base64") == 0;
	if (part->base64 || strcmp(part->encoding, "7bit") == 0 ||
	    strcmp(part->encoding, "8bit") == 0 || strcmp(part->encoding, "binary") == 0)
		part->encoding[0] = 0;
}

/* The next line that is a delimiter; NULL when there is none. */
static const char *find_delimiter(const struct multipart *message, const char *at)
{
	size_t length = strlen(message->delimiter);
	for (; *at; at = next_line(at))
		if (strncmp(at, message->delimiter, length) == 0)
			return at;
	return NULL;
}

/* Goes behind a delimiter; behind the last one, which ends with "--", nothing more comes. */
static void pass_delimiter(struct multipart *message, const char *delimiter)
{
	const char *end = delimiter + strlen(message->delimiter);
	message->at = strncmp(end, "--", 2) == 0 ? NULL : next_line(end);
}

int multipart_begin(struct multipart *message, const char *text, struct error *err)
{
	struct multipart_part header = {0};
	char boundary[BOUNDARY_MAX + 1];
	take_header(&text, &header, boundary);
	if (strncmp(header.type, "multipart/", 10) != 0)
		return error_set(err, "a MIME message of the type %.60s, not multipart/mixed",
				 header.type);
	if (!*boundary)
		return error_set(err, "a multipart message without a boundary");
	snprintf(message->delimiter, sizeof message->delimiter, "--%s", boundary);
	const char *first = find_delimiter(message, text);
	if (!first)
		return error_set(err, "a multipart message without a part");
	pass_delimiter(message, first);
	return 0;
}

int multipart_next(struct multipart *message, struct multipart_part *part, struct error *err)
{
	char boundary[BOUNDARY_MAX + 1];
	if (!message->at)
		return 0;
	*part = (struct multipart_part){0};
	take_header(&message->at, part, boundary);
	part->body = message->at;
	const char *end = find_delimiter(message, message->at);
	if (!end)
		return error_set(err, "a multipart message that ends within a part");
	/* The line end before a delimiter belongs to the delimiter. */
	part->size = (size_t)(end - part->body);
	if (part->size > 0 && part->body[part->size - 1] == '\n')
		part->size--;
	if (part->size > 0 && part->body[part->size - 1] == '\r')
		part->size--;
	pass_delimiter(message, end);
	return 1;
}
