// SPDX-License-Identifier: Apache-2.0
#include "init/workstation/kernel_line.h"

#include <stdbool.h>
#include <string.h>

/* The kernel itself reads the words after "--" as arguments of PID 1, has room for 32 of them
 * (MAX_INIT_ARGS, init/main.c), PID 1's name included, and panics at one more. */
enum { KERNEL_ARGUMENTS_MAX = 31 };

static void add(struct kernel_line *line, const char *text, size_t length)
{
	if (line->length < KERNEL_LINE_MAX) {
		size_t room = KERNEL_LINE_MAX - line->length;
		size_t part = length < room ? length : room;
		memcpy(line->text + line->length, text, part);
		line->text[line->length + part] = 0;
	}
	line->length += length;
}

static void add_text(struct kernel_line *line, const char *text)
{
	add(line, text, strlen(text));
}

static void add_blank(struct kernel_line *line)
{
	if (line->length)
		add(line, " ", 1);
}

/* Bytes that neither the kernel nor init takes for a separator, a quote or an escape. */
static bool is_plain(const char *value)
{
	return *value && value[strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
					     "0123456789_./:=,@%+^~!?#*()[]{}<>|&;$-")] == 0;
}

static void add_in_quotes(struct kernel_line *line, const char *value)
{
	for (; *value; value++) {
		switch (*value) {
		case '"':
			add_text(line, "\\q");
			break;
		case '\\':
			add_text(line, "\\\\");
			break;
		case '\n':
			add_text(line, "\\n");
			break;
		case '\t':
			add_text(line, "\\t");
			break;
		default:
			add(line, value, 1);
		}
	}
}

static void add_value(struct kernel_line *line, const char *value)
{
	if (is_plain(value)) {
		add_text(line, value);
		return;
	}
	add(line, "\"", 1);
	add_in_quotes(line, value);
	add(line, "\"", 1);
}

void kernel_line_raw(struct kernel_line *line, const char *text)
{
	add_blank(line);
	add_text(line, text);
}

void kernel_line_key(struct kernel_line *line, const char *key, const char *value)
{
	kernel_line_raw(line, key);
	add(line, "=", 1);
	add_value(line, value);
}

/* How many words the kernel sees in `text`: for it every double quote opens or closes, also one
 * behind a backslash (next_arg, lib/cmdline.c). */
static unsigned kernel_words(const char *text)
{
	unsigned words = 0;
	bool quoted = false, inside = false;
	for (; *text; text++) {
		if (*text == '"')
			quoted = !quoted;
		bool blank = *text == ' ' && !quoted;
		words += !blank && !inside;
		inside = !blank;
	}
	return words;
}

static void add_arguments(struct kernel_line *line, char *const *command)
{
	kernel_line_raw(line, "--");
	for (; *command; command++) {
		add_blank(line);
		add_value(line, *command);
	}
}

/* '…' around each word, a single quote inside as '\''. */
static void add_shell_words(struct kernel_line *line, char *const *command)
{
	kernel_line_raw(line, "berth.cmd=\"");
	for (char *const *word = command; *word; word++) {
		add_text(line, word == command ? "'" : " '");
		for (const char *at = *word; *at;) {
			char part[256];
			size_t length = strcspn(at, "'");
			length = length < sizeof part ? length : sizeof part - 1;
			memcpy(part, at, length);
			part[length] = 0;
			add_in_quotes(line, part);
			at += length;
			if (*at == '\'') {
				add_in_quotes(line, "'\\''");
				at++;
			}
		}
		add_text(line, "'");
	}
	add(line, "\"", 1);
}

void kernel_line_command(struct kernel_line *line, char *const *command)
{
	if (!*command)
		return;
	struct kernel_line attempt = *line;
	add_arguments(&attempt, command);
	if (line->length < KERNEL_LINE_MAX &&
	    kernel_words(attempt.text + line->length) > 1 + KERNEL_ARGUMENTS_MAX)
		add_shell_words(line, command);
	else
		*line = attempt;
}

int kernel_line_check(const struct kernel_line *line, struct error *err)
{
	if (line->length <= KERNEL_LINE_MAX)
		return 0;
	return error_set(err, "the kernel command line would be %zu bytes long and the kernel keeps "
			      "%d: shorten the command or the values of -e", line->length,
			 KERNEL_LINE_MAX);
}
