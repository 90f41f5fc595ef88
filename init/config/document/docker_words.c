// SPDX-License-Identifier: Apache-2.0
/* The words of a `docker run …`, as a shell would cut them. */
#include "init/config/document/declaration.h"

#include "init/config/document/docker_run.h"
#include "init/config/words.h"

#include <ctype.h>
#include <string.h>

static const char *const heads[] = {"docker container run", "docker run", "podman run"};

/* Behind blanks, a prompt and sudo, as people copy a line. */
static const char *behind_prompt(const char *text)
{
	text += strspn(text, " \t\r\n\v\f");
	if (*text == '$' && isblank((unsigned char)text[1]))
		text += 1 + strspn(text + 1, " \t");
	if (strncmp(text, "sudo", 4) == 0 && isblank((unsigned char)text[4]))
		text += 4 + strspn(text + 4, " \t");
	return text;
}

/* Behind "docker run", or NULL. Blanks may be any. */
static const char *behind_head(const char *text)
{
	text = behind_prompt(text);
	for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
		const char *at = text, *head = heads[i];
		while (*head && *at) {
			if (*head == ' ' && isblank((unsigned char)*at)) {
				at += strspn(at, " \t");
				head++;
			} else if (*head == *at) {
				head++, at++;
			} else {
				break;
			}
		}
		if (!*head && (isspace((unsigned char)*at) || *at == '\\'))
			return at;
	}
	return NULL;
}

bool declaration_is_docker_run(const struct document_layer *layer)
{
	char start[200];
	size_t length = layer->size < sizeof start - 1 ? layer->size : sizeof start - 1;
	memcpy(start, layer->text, length);
	start[length] = 0;
	return strlen(start) == length && behind_head(start);
}

/* Blanks, line ends, and line ends behind a backslash. */
static void skip_blanks(struct docker_run *run)
{
	for (;;) {
		if (*run->at == '\\' && run->at[1] == '\n')
			run->at++;
		if (!isspace((unsigned char)*run->at))
			return;
		if (*run->at++ == '\n') {
			run->line++;
			run->line_start = run->at;
		}
	}
}

/* Where the word at `at` ends: blanks in quotes and behind a backslash do not end it. */
static const char *word_end(const char *at)
{
	char quote = 0;
	for (; *at && (quote || !isspace((unsigned char)*at)); at++) {
		if (*at == '\\' && quote != '\'' && at[1])
			at++;
		else if (quote ? *at == quote : *at == '\'' || *at == '"')
			quote = quote ? 0 : *at;
	}
	return at;
}

/* Behind a dollar sign. */
static bool is_expanded(char next)
{
	return isalpha((unsigned char)next) || next == '_' || next == '{' || next == '(';
}

/* The first thing that a shell would have put something else for, in word[0..size), or NULL. */
static const char *find_expansion(const char *word, size_t size)
{
	bool single = false, twofold = false;
	for (size_t i = 0; i < size; i++) {
		char c = word[i], next = i + 1 < size ? word[i + 1] : 0;
		if (c == '\'' && !twofold)
			single = !single;
		else if (c == '"' && !single)
			twofold = !twofold;
		else if (c == '\\' && !single)
			i++;
		else if (!single && (c == '`' || (c == '$' && is_expanded(next))))
			return word + i;
	}
	return NULL;
}

/* $NAME, ${…}, $(…) or `…`; without their end up to the next quote. */
static size_t expansion_length(const char *at)
{
	char last = *at == '`' ? '`' : at[1] == '{' ? '}' : at[1] == '(' ? ')' : 0;
	size_t length = 1;
	if (!last) {
		while (isalnum((unsigned char)at[length]) || at[length] == '_')
			length++;
		return length;
	}
	while (at[length] && at[length] != last && at[length] != '"')
		length++;
	return length + (at[length] == last && last);
}

static void warn_of_shell(struct docker_run *run, const char *word, size_t size)
{
	const char *found = find_expansion(word, size);
	size_t length = found ? expansion_length(found) : 0;
	if (found)
		problem_add(run->normaliser->problems, PROBLEM_WARNING, run->place, "", NULL,
			    "%.*s stays as it stands: no shell reads this line",
			    (int)(length < 40 ? length : 40), found);
}

void docker_skip_head(struct docker_run *run)
{
	skip_blanks(run);
	run->at = behind_head(run->at);
}

const char *docker_next_word(struct docker_run *run)
{
	struct error err = ERROR_INIT;
	struct string_list words = {0};
	struct arena *arena = run->normaliser->pool->arena;
	skip_blanks(run);
	if (!*run->at)
		return NULL;
	run->place.line = run->line;
	run->place.column = (unsigned)(run->at - run->line_start) + 1;
	const char *end = word_end(run->at);
	const char *raw = arena_strndup(arena, run->at, (size_t)(end - run->at));
	warn_of_shell(run, run->at, (size_t)(end - run->at));
	for (const char *c = run->at; c < end; c++)
		if (*c == '\n') {
			run->line++;
			run->line_start = c + 1;
		}
	run->at = end;
	if (!raw || split_words(raw, arena, &words, &err) < 0) {
		complain_suggesting(run->normaliser, run->place, NULL, "%s",
				    raw ? err.text : "the document is too large");
		return NULL;
	}
	return words.count ? words.items[0] : "";
}
