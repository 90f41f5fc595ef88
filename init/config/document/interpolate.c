// SPDX-License-Identifier: Apache-2.0
#include "init/config/document/interpolate.h"

#include "lib/text.h"

#include <ctype.h>
#include <string.h>

enum { NAME_MAX_LENGTH = 79, NESTING_MAX = 16, PATH_LENGTH = 160 };

struct expansion {
	struct arena *arena;
	const struct variables *variables;
	char *unset;
	struct error *err;
	char *out;
	size_t used;
	unsigned depth;
};

static int expand(struct expansion *expansion, const char *text, size_t length);

static int add(struct expansion *expansion, const char *text, size_t length)
{
	if (length >= INTERPOLATION_MAX - expansion->used)
		return error_set(expansion->err, "more than %d KiB of text",
				 INTERPOLATION_MAX / 1024);
	memcpy(expansion->out + expansion->used, text, length);
	expansion->used += length;
	return 0;
}

static size_t name_length(const char *text, size_t length)
{
	size_t used = 0;
	while (used < length && (isalnum((unsigned char)text[used]) || text[used] == '_'))
		used++;
	return used && isdigit((unsigned char)*text) ? 0 : used;
}

static const char *value_of(const struct expansion *expansion, const char *name)
{
	const struct variables *variables = expansion->variables;
	return variables && variables->find ? variables->find(variables->context, name) : NULL;
}

static int plain_value(struct expansion *expansion, const char *name, const char *value)
{
	if (value)
		return add(expansion, value, strlen(value));
	snprintf(expansion->unset, 80, "%s", name);
	return 0;
}

/* The part behind NAME in ${NAME…}: [:]OPERATOR WORD. */
static int apply_operator(struct expansion *expansion, const char *name, const char *rest,
			  size_t length)
{
	const char *value = value_of(expansion, name);
	bool colon = *rest == ':';
	bool missing = !value || (colon && !*value);
	char operator= length>(size_t) colon ? rest[colon] : 0;
	const char *word = rest + colon + 1;
	size_t word_length = length - (size_t)colon - 1;
	switch (operator) {
	case '-':
		return missing ? expand(expansion, word, word_length)
			       : add(expansion, value, strlen(value));
	case '+':
		return missing ? 0 : expand(expansion, word, word_length);
	case '?':
		if (!missing)
			return add(expansion, value, strlen(value));
		return error_set(expansion->err, "the variable %s is not set%s%.*s", name,
				 word_length ? ": " : "",
				 (int)(word_length < 200 ? word_length : 200), word);
	default:
		return error_set(expansion->err,
				 "${%s%.*s} is none of ${NAME}, ${NAME:-otherwise}, "
				 "${NAME:?reason}, ${NAME:+instead}",
				 name, (int)(length < 40 ? length : 40), rest);
	}
}

/* What is between the braces. */
static int expand_braces(struct expansion *expansion, const char *text, size_t length)
{
	char name[NAME_MAX_LENGTH + 1];
	size_t used = name_length(text, length);
	if (!used || used > NAME_MAX_LENGTH)
		return error_set(expansion->err, "${%.*s} has no variable's name behind the brace",
				 (int)(length < 40 ? length : 40), text);
	memcpy(name, text, used);
	name[used] = 0;
	if (used == length)
		return plain_value(expansion, name, value_of(expansion, name));
	return apply_operator(expansion, name, text + used, length - used);
}

/* The distance to the brace that closes the one before text, or -1. */
static ssize_t closing_brace(const char *text, size_t length)
{
	unsigned open = 1;
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '$' && i + 1 < length && text[i + 1] == '{')
			open++, i++;
		else if (text[i] == '}' && --open == 0)
			return (ssize_t)i;
	}
	return -1;
}

/* text begins with a dollar sign; *taken bytes belong to it. */
static int expand_dollar(struct expansion *expansion, const char *text, size_t length,
			 size_t *taken)
{
	char name[NAME_MAX_LENGTH + 1];
	if (length > 1 && text[1] == '$') {
		*taken = 2;
		return add(expansion, "$", 1);
	}
	if (length > 1 && text[1] == '{') {
		ssize_t end = closing_brace(text + 2, length - 2);
		if (end < 0)
			return error_set(expansion->err,
					 "\"%.*s\" has no closing brace; write $$ for a "
					 "dollar sign",
					 (int)(length < 40 ? length : 40), text);
		*taken = (size_t)end + 3;
		return expand_braces(expansion, text + 2, (size_t)end);
	}
	size_t used = name_length(text + 1, length - 1);
	*taken = used + 1;
	if (!used)
		return add(expansion, "$", 1);
	if (used > NAME_MAX_LENGTH)
		return error_set(expansion->err, "a variable's name is too long");
	memcpy(name, text + 1, used);
	name[used] = 0;
	return plain_value(expansion, name, value_of(expansion, name));
}

static int expand(struct expansion *expansion, const char *text, size_t length)
{
	int result = 0;
	if (++expansion->depth > NESTING_MAX)
		return error_set(expansion->err, "variables are nested too deep");
	while (length && result == 0) {
		size_t taken = 1;
		if (*text == '$')
			result = expand_dollar(expansion, text, length, &taken);
		else {
			const char *dollar = memchr(text, '$', length);
			taken = dollar ? (size_t)(dollar - text) : length;
			result = add(expansion, text, taken);
		}
		text += taken;
		length -= taken;
	}
	expansion->depth--;
	return result;
}

const char *interpolate_text(const char *text, struct arena *arena,
			     const struct variables *variables, char unset[80], struct error *err)
{
	static char out[INTERPOLATION_MAX];
	struct expansion expansion = {
		.arena = arena, .variables = variables, .unset = unset, .err = err, .out = out};
	*unset = 0;
	if (!strchr(text, '$'))
		return text;
	if (expand(&expansion, text, strlen(text)) < 0)
		return NULL;
	const char *result = arena_strndup(arena, out, expansion.used);
	if (!result)
		error_set(err, "the document is too large");
	else if (!text_is_utf8(result)) {
		error_set(err, "a variable in it is not text in UTF-8");
		return NULL;
	}
	return result;
}

struct walk {
	struct arena *arena;
	const struct variables *variables;
	struct problems *problems;
	char path[PATH_LENGTH];
};

static void interpolate_node(struct walk *walk, struct node *node)
{
	char unset[80];
	struct error err = ERROR_INIT;
	const char *text = interpolate_text(node->text, walk->arena, walk->variables, unset, &err);
	if (!text) {
		problem_add(walk->problems, PROBLEM_ERROR, node->at, walk->path, NULL, "%s",
			    err.text);
		node->tag = NODE_RESET; /* nothing more is said of it */
		return;
	}
	if (*unset)
		problem_add(walk->problems, PROBLEM_WARNING, node->at, walk->path, NULL,
			    "the variable %s is not set and stands for nothing", unset);
	node->plain = node->plain && strcmp(text, node->text) == 0;
	node->text = text;
}

static void interpolate_below(struct walk *walk, struct node *node)
{
	size_t mark = strlen(walk->path);
	unsigned index = 0;
	if (node->kind == NODE_TEXT)
		interpolate_node(walk, node);
	for (struct node *child = node->first; child; child = child->next, index++) {
		if (child->key)
			snprintf(walk->path + mark, sizeof walk->path - mark, "%s%s",
				 mark ? "." : "", child->key);
		else
			snprintf(walk->path + mark, sizeof walk->path - mark, "[%u]", index);
		interpolate_below(walk, child);
		walk->path[mark] = 0;
	}
}

void interpolate(struct node *root, struct arena *arena, const struct variables *variables,
		 struct problems *problems)
{
	struct walk walk = {.arena = arena, .variables = variables, .problems = problems};
	interpolate_below(&walk, root);
}
