// SPDX-License-Identifier: Apache-2.0
#include "init/config/document/declaration.h"

#include "init/config/document/docker_run.h"
#include "lib/text.h"

#include <stdio.h>
#include <string.h>

static void unknown(struct docker_run *run, const char *word, const char *name)
{
	const char *near = docker_option_suggest(name);
	char option[40];
	snprintf(option, sizeof option, "--%s", near ? near : "");
	complain_suggesting(run->normaliser, run->place, near ? option : NULL,
			    "docker run has no option %.60s", word);
}

/* One option with its value, which may be the next word. */
static void take_option(struct docker_run *run, const struct docker_option *option, const char *value)
{
	struct position place = run->place;
	if (option->shape == IS_REFUSED || option->shape == IS_REFUSED_FLAG) {
		complain_suggesting(run->normaliser, place, NULL, "--%s is not supported: %s",
				    option->name, option->key);
		if (!value && option->shape == IS_REFUSED)
			docker_next_word(run);
		return;
	}
	if (docker_option_takes_value(option) && !value && !(value = docker_next_word(run))) {
		complain_suggesting(run->normaliser, place, NULL, "--%s needs a value",
				    option->name);
		return;
	}
	if (!docker_option_takes_value(option) && value && strcmp(value, "true") != 0) {
		if (strcmp(value, "false") != 0)
			complain_suggesting(run->normaliser, place, NULL, "--%s is true or false",
					    option->name);
		return;
	}
	docker_apply(run, option, value);
}

/* "-it", "-p80:80", "-p 80:80". */
static void take_letters(struct docker_run *run, const char *word)
{
	for (const char *letter = word + 1; *letter; letter++) {
		const struct docker_option *option = docker_option_find(NULL, 0, *letter);
		if (!option) {
			unknown(run, word, letter);
			return;
		}
		if (docker_option_takes_value(option)) {
			const char *rest = letter + 1 + (letter[1] == '=');
			take_option(run, option, *rest ? rest : NULL);
			return;
		}
		take_option(run, option, NULL);
	}
}

static void take_long(struct docker_run *run, const char *word)
{
	size_t length = strcspn(word + 2, "=");
	const struct docker_option *option = docker_option_find(word + 2, length, 0);
	const char *name = arena_strndup(run->normaliser->pool->arena, word + 2, length);
	if (option)
		take_option(run, option, word[2 + length] ? word + 2 + length + 1 : NULL);
	else
		unknown(run, word, name ? name : "");
}

/* The last part of the image's name, or what --name says. */
static const char *service_name(struct docker_run *run, const char *image)
{
	char name[64];
	const char *given = node_get_text(run->service, "container_name");
	const char *slash = strrchr(image, '/');
	const char *start = slash ? slash + 1 : image;
	snprintf(name, sizeof name, "%.*s",
		 (int)(strcspn(start, ":@") < 60 ? strcspn(start, ":@") : 60), start);
	return given ? given : arena_strdup(run->normaliser->pool->arena, *name ? name : "app");
}

static void take_words(struct docker_run *run)
{
	struct node_pool *pool = run->normaliser->pool;
	const char *word;
	while ((word = docker_next_word(run)) && *word == '-' && word[1]) {
		if (strcmp(word, "--") == 0) {
			word = docker_next_word(run);
			break;
		}
		if (word[1] == '-')
			take_long(run, word);
		else
			take_letters(run, word);
	}
	struct position at = run->place;
	if (!word) {
		if (run->normaliser->problems->count[PROBLEM_ERROR] == 0)
			complain_suggesting(run->normaliser, at, NULL,
					    "there is no image behind docker run");
		return;
	}
	docker_move_aliases(run);
	docker_add(run, run->service, "image", node_text(pool, word, at));
	const char *name = service_name(run, word);
	while ((word = docker_next_word(run))) {
		struct node *list = docker_list(run, run->service, "command");
		if (list)
			docker_add(run, list, NULL, node_text(pool, word, run->place));
	}
	struct node *services = node_new(pool, NODE_MAP, at);
	run->place = at;
	if (services && name && docker_add(run, run->root, "services", services))
		docker_add(run, services, name, run->service);
}

/* UTF-8 without control characters, as YAML has it. */
static bool is_text(const char *text, size_t size)
{
	for (size_t at = 0; at < size;) {
		size_t length = text_utf8_length(text + at, size - at);
		unsigned char c = (unsigned char)text[at];
		if (!length || (c < 0x20 && c != '\n' && c != '\t' && c != '\r') || c == 0x7f)
			return false;
		at += length;
	}
	return true;
}

struct node *docker_run_read(struct normaliser *normaliser, const struct document_layer *layer,
			     unsigned file)
{
	struct position start = {file, 1, 1};
	struct docker_run run = {.normaliser = normaliser, .place = start, .line = 1};
	const char *text = arena_strndup(normaliser->pool->arena, layer->text, layer->size);
	run.root = node_new(normaliser->pool, NODE_MAP, start);
	run.service = node_new(normaliser->pool, NODE_MAP, start);
	if (!text || !run.root || !run.service || !is_text(layer->text, layer->size)) {
		complain_suggesting(normaliser, start, NULL,
				    text && run.service ? "is not a text in UTF-8"
							: "the document is too large");
		return NULL;
	}
	run.line_start = run.at = text;
	docker_skip_head(&run);
	take_words(&run);
	return normaliser->problems->count[PROBLEM_ERROR] ? NULL : run.root;
}
