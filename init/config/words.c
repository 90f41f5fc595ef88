// SPDX-License-Identifier: Apache-2.0
#include "init/config/words.h"

#include <string.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

/* The character that stands behind a backslash, or 0 when the backslash stands for itself. */
static char unescape(char c)
{
	switch (c) {
	case 'n':
		return '\n';
	case 't':
		return '\t';
	case 'q':
		return '"';
	case '"':
	case '\\':
		return c;
	default:
		return 0;
	}
}

enum word_result command_line_word(const char **at, char *out, size_t capacity)
{
	const char *in = *at;
	while (is_blank(*in))
		in++;
	if (!*in)
		return WORD_END;
	size_t used = 0;
	bool quoted = false, fits = true;
	for (; *in && (quoted || !is_blank(*in)); in++) {
		char c = *in;
		if (c == '"') {
			quoted = !quoted;
			continue;
		}
		if (quoted && c == '\\' && unescape(in[1]))
			c = unescape(*++in);
		if (used + 1 < capacity)
			out[used++] = c;
		else
			fits = false;
	}
	out[used] = 0;
	*at = in;
	if (quoted)
		return WORD_UNCLOSED;
	return fits ? WORD_OK : WORD_TOO_LONG;
}

/* One word in the manner of a shell, without expansions. */
static enum word_result shell_word(const char **at, char *out, size_t capacity)
{
	const char *in = *at;
	while (is_blank(*in))
		in++;
	if (!*in)
		return WORD_END;
	size_t used = 0;
	char quote = 0;
	for (; *in && (quote || !is_blank(*in)); in++) {
		char c = *in;
		if (quote ? c == quote : c == '\'' || c == '"') {
			quote = quote ? 0 : c;
			continue;
		}
		if (c == '\\' && quote != '\'' && in[1])
			c = *++in;
		if (used + 1 >= capacity)
			return WORD_TOO_LONG;
		out[used++] = c;
	}
	out[used] = 0;
	*at = in;
	return quote ? WORD_UNCLOSED : WORD_OK;
}

int split_words(const char *text, struct arena *arena, struct string_list *out, struct error *err)
{
	char word[WORD_CAPACITY];
	for (;;) {
		switch (shell_word(&text, word, sizeof word)) {
		case WORD_END:
			return 0;
		case WORD_UNCLOSED:
			return error_set(err, "a quote is not closed in \"%.60s\"", word);
		case WORD_TOO_LONG:
			return error_set(err, "a word is longer than %d bytes", WORD_CAPACITY - 1);
		case WORD_OK:
			break;
		}
		if (string_list_add(out, arena, word, err) < 0)
			return -1;
	}
}
