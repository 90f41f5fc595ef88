// SPDX-License-Identifier: Apache-2.0
/* The words of a `docker run …`, as a shell would cut them. */
#include "init/config/document/declaration.h"

#include "init/config/document/docker_run.h"
#include "init/config/words.h"

#include <ctype.h>
#include <string.h>

static const char *const heads[] = {"docker container run", "docker run", "podman run"};

/* Behind "docker run", or NULL. Blanks may be any, also at the beginning. */
static const char *behind_head(const char *text)
{
	while (isspace((unsigned char)*text))
		text++;
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
