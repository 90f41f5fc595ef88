// SPDX-License-Identifier: Apache-2.0
#include "init/config/document/environment_file.h"

#include "lib/text.h"

#include <ctype.h>
#include <string.h>

struct file {
	const char *at;
	unsigned line;
	struct arena *arena;
	const struct variables *variables;
	struct error *err;
	char value[ENVIRONMENT_VALUE_MAX];
};

static void skip_blanks(struct file *file)
{
	while (*file->at == ' ' || *file->at == '\t' || *file->at == '\r')
		file->at++;
}

static void skip_line(struct file *file)
{
	file->at += strcspn(file->at, "\n");
	if (*file->at) {
		file->at++;
		file->line++;
	}
}

static const char *take_name(struct file *file)
{
	if (strncmp(file->at, "export", 6) == 0 && (file->at[6] == ' ' || file->at[6] == '\t')) {
		file->at += 6;
		skip_blanks(file);
	}
	size_t length = 0;
	while (isalnum((unsigned char)file->at[length]) ||
	       (file->at[length] && strchr("_.-[]", file->at[length])))
		length++;
	if (!length || isdigit((unsigned char)*file->at)) {
		error_set(file->err, "a line is NAME=VALUE, not \"%.*s\"",
			  (int)(strcspn(file->at, "\n") < 40 ? strcspn(file->at, "\n") : 40),
			  file->at);
		return NULL;
	}
	const char *name = arena_strndup(file->arena, file->at, length);
	file->at += length;
	if (!name)
		error_set(file->err, "too many variables");
	return name;
}

static char escaped(char c)
{
	return c == 'n' ? '\n' : c == 'r' ? '\r' : c == 't' ? '\t' : c;
}

/* '…' or "…", which may go over several lines. */
static int take_quoted(struct file *file, char quote)
{
	size_t used = 0;
	for (file->at++; *file->at && *file->at != quote; file->at++) {
		char c = *file->at;
		file->line += c == '\n';
		if (used + 3 > sizeof file->value)
			return error_set(file->err, "a value is longer than %d bytes",
					 ENVIRONMENT_VALUE_MAX);
		if (quote == '"' && c == '\\' && file->at[1]) {
			c = escaped(*++file->at);
			/* "\$" stays, as "$$", until variables are looked for. */
			if (c == '$')
				file->value[used++] = '$';
		}
		file->value[used++] = c;
	}
	if (*file->at != quote)
		return error_set(file->err, "a quote is not closed");
	file->at++;
	file->value[used] = 0;
	return 0;
}

/* Up to the line's end, or a # behind a blank; blanks at the end do not count. */
static int take_plain(struct file *file)
{
	size_t length = 0;
	while (file->at[length] && file->at[length] != '\n' &&
	       !(file->at[length] == '#' &&
		 (!length || isblank((unsigned char)file->at[length - 1]))))
		length++;
	size_t end = length;
	while (end && isspace((unsigned char)file->at[end - 1]))
		end--;
	if (end >= sizeof file->value)
		return error_set(file->err, "a value is longer than %d bytes",
				 ENVIRONMENT_VALUE_MAX);
	memcpy(file->value, file->at, end);
	file->value[end] = 0;
	file->at += length;
	return 0;
}

/* Behind NAME. *value is NULL when there is no =. */
static int take_value(struct file *file, const char **value)
{
	char unset[80];
	skip_blanks(file);
	*value = NULL;
	if (!*file->at || *file->at == '\n' || *file->at == '#')
		return 0;
	if (*file->at != '=' && *file->at != ':')
		return error_set(file->err,
				 "a line is NAME=VALUE: there is something else than = behind "
				 "the name");
	file->at++;
	skip_blanks(file);
	char quote = *file->at == '\'' || *file->at == '"' ? *file->at : 0;
	if ((quote ? take_quoted(file, quote) : take_plain(file)) < 0)
		return -1;
	*value = quote == '\'' ? file->value
			       : interpolate_text(file->value, file->arena, file->variables, unset,
						  file->err);
	if (!*value)
		return -1;
	*value = arena_strdup(file->arena, *value);
	return *value ? 0 : error_set(file->err, "too many variables");
}

/* Bytes that are no text would make the document that they come into unreadable. */
static int put_text(environment_put *put, void *context, const char *name, const char *value, unsigned line,
		    struct error *err)
{
	if (text_is_utf8(name) && (!value || text_is_utf8(value)))
		return put(context, name, value, line, err);
	return error_set(err, "not text in UTF-8");
}

int environment_file_parse(const char *text, struct arena *arena, const struct variables *variables,
			   environment_put *put, void *context, unsigned *line, struct error *err)
{
	static struct file file;
	file = (struct file){
		.at = text, .line = 1, .arena = arena, .variables = variables, .err = err};
	while (*file.at) {
		skip_blanks(&file);
		*line = file.line;
		if (*file.at && *file.at != '\n' && *file.at != '#') {
			const char *value, *name = take_name(&file);
			if (!name || take_value(&file, &value) < 0 ||
			    put_text(put, context, name, value, *line, err) < 0)
				return -1;
		}
		skip_line(&file);
	}
	return 0;
}

/* One line of the form without quotes, its end left out; -1: reported. */
static int put_raw_line(char *text, unsigned line, environment_put *put, void *context,
			struct error *err)
{
	text += strspn(text, " \t");
	size_t length = strlen(text);
	if (length && text[length - 1] == '\r')
		text[length - 1] = 0;
	if (!*text || *text == '#')
		return 0;
	char *equals = strchr(text, '=');
	if (equals)
		*equals = 0;
	if (!*text || text[strcspn(text, " \t")])
		return error_set(err, "\"%.60s\" is not a variable's name", text);
	return put_text(put, context, text, equals ? equals + 1 : NULL, line, err);
}

int environment_file_parse_raw(const char *text, struct arena *arena, environment_put *put,
			       void *context, unsigned *line, struct error *err)
{
	char *rest = arena_strdup(arena, text);
	if (!rest)
		return error_set(err, "too many variables");
	for (*line = 1; rest; (*line)++)
		if (put_raw_line(strsep(&rest, "\n"), *line, put, context, err) < 0)
			return -1;
	return 0;
}
