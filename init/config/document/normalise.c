// SPDX-License-Identifier: Apache-2.0
#include "init/config/document/normalise.h"

#include "init/config/words.h"

#include <stdarg.h>
#include <string.h>

enum form_result complain(struct normaliser *normaliser, const struct node *node,
			  const char *format, ...)
{
	char text[300];
	va_list ap;
	va_start(ap, format);
	vsnprintf(text, sizeof text, format, ap);
	va_end(ap);
	problem_add(normaliser->problems, PROBLEM_ERROR, node->at, normaliser->path, NULL, "%s",
		    text);
	return FORM_DONE;
}

enum form_result complain_suggesting(struct normaliser *normaliser, struct position at,
				     const char *suggestion, const char *format, ...)
{
	char text[300];
	va_list ap;
	va_start(ap, format);
	vsnprintf(text, sizeof text, format, ap);
	va_end(ap);
	problem_add(normaliser->problems, PROBLEM_ERROR, at, normaliser->path, suggestion, "%s",
		    text);
	return FORM_DONE;
}

enum form_result complain_no_room(struct normaliser *normaliser, const struct node *node)
{
	return complain(normaliser, node, "the document is too large");
}

size_t path_push(struct normaliser *normaliser, const char *name)
{
	size_t mark = strlen(normaliser->path);
	snprintf(normaliser->path + mark, sizeof normaliser->path - mark, "%s%s", mark ? "." : "",
		 name);
	return mark;
}

size_t path_push_index(struct normaliser *normaliser, unsigned index)
{
	size_t mark = strlen(normaliser->path);
	snprintf(normaliser->path + mark, sizeof normaliser->path - mark, "[%u]", index);
	return mark;
}

void path_pop(struct normaliser *normaliser, size_t mark)
{
	normaliser->path[mark] = 0;
}

static void wrong_kind(struct normaliser *normaliser, const struct node *node, const char *wanted)
{
	char what[80];
	complain(normaliser, node, "is %s, not %s", node_describe(node, what), wanted);
}

static void check_text(struct normaliser *normaliser, struct node *node,
		       const struct schema_key *row)
{
	char near[40], what[80];
	if (node->kind != NODE_TEXT) {
		bool scalar = node_is_scalar(node) && node->kind != NODE_NULL;
		complain(normaliser, node, "is %s, not a text%s", node_describe(node, what),
			 scalar ? ": put it in quotes" : "");
		return;
	}
	if (!row->choices || schema_is_choice(row->choices, node->text))
		return;
	complain_suggesting(normaliser, node->at,
			    schema_suggest_choice(row->choices, node->text, near),
			    "\"%.60s\" is none of %s", node->text, row->choices);
}

static void check_range(struct normaliser *normaliser, const struct node *node,
			const struct schema_key *row)
{
	double value = node->kind == NODE_FLOAT ? node->number : (double)node->integer;
	if (row->low == 0 && row->high == 0)
		return;
	if (value < row->low || value > row->high)
		complain(normaliser, node, "%.40s is not between %.15g and %.15g", node->text, row->low,
			 row->high);
}

static void check_scalar(struct normaliser *normaliser, struct node *node,
			 const struct schema_key *row)
{
	switch (row->type) {
	case SCHEMA_TEXT:
		check_text(normaliser, node, row);
		break;
	case SCHEMA_SCALAR:
		if (scalar_to_text(normaliser, node) == 0 && row->choices)
			check_text(normaliser, node, row);
		break;
	case SCHEMA_BOOL:
		scalar_to_bool(normaliser, node);
		break;
	case SCHEMA_INTEGER:
		if (scalar_to_integer(normaliser, node, strcmp(row->name, "mode") == 0) == 0)
			check_range(normaliser, node, row);
		break;
	case SCHEMA_NUMBER:
		if (scalar_to_number(normaliser, node) == 0)
			check_range(normaliser, node, row);
		break;
	case SCHEMA_SIZE:
		scalar_to_size(normaliser, node);
		break;
	default:
		scalar_to_duration(normaliser, node);
	}
}

static void check_texts(struct normaliser *normaliser, struct node *node,
			const struct schema_key *row)
{
	unsigned index = 0;
	if (node->kind != NODE_LIST) {
		wrong_kind(normaliser, node, "a list");
		return;
	}
	for (struct node *item = node->first; item; item = item->next) {
		size_t mark = path_push_index(normaliser, index++);
		if (item->kind == NODE_INTEGER && row->flags & SCHEMA_NUMBERS)
			scalar_to_text(normaliser, item);
		check_text(normaliser, item, row);
		path_pop(normaliser, mark);
	}
}

/* One scalar becomes a list of it. */
static void wrap_in_list(struct normaliser *normaliser, struct node *node)
{
	struct node *item = node_copy(normaliser->pool, node);
	if (!item) {
		complain_no_room(normaliser, node);
		return;
	}
	struct node list = {.kind = NODE_LIST, .at = node->at, .text = "", .tag = node->tag};
	node_append(&list, item);
	node_become(node, &list);
}

static void split_into_list(struct normaliser *normaliser, struct node *node)
{
	struct error err = ERROR_INIT;
	struct string_list words = {0};
	struct node list = {.kind = NODE_LIST, .at = node->at, .text = "", .tag = node->tag};
	if (split_words(node->text, normaliser->pool->arena, &words, &err) < 0) {
		complain(normaliser, node, "%s", err.text);
		return;
	}
	for (size_t i = 0; i < words.count; i++) {
		struct node *item = node_text(normaliser->pool, words.items[i], node->at);
		if (!item) {
			complain_no_room(normaliser, node);
			return;
		}
		node_append(&list, item);
	}
	node_become(node, &list);
}

static void check_words(struct normaliser *normaliser, struct node *node,
			const struct schema_key *row)
{
	if (node->kind == NODE_NULL)
		return;
	if (node->kind == NODE_TEXT)
		split_into_list(normaliser, node);
	else
		check_texts(normaliser, node, row);
}

/* "NAME=VALUE" or "NAME" as a member of the map. A name that is there twice has its last value. */
static int add_pair(struct normaliser *normaliser, struct node *map, const struct node *item,
		    const struct schema_key *row)
{
	const char *equals = strchr(item->text, '=');
	size_t length = equals ? (size_t)(equals - item->text) : strlen(item->text);
	const char *name = arena_strndup(normaliser->pool->arena, item->text, length);
	bool empty = !equals && (row->flags & SCHEMA_NULL_PAIRS);
	struct node *value =
		empty ? node_new(normaliser->pool, NODE_NULL, item->at)
		      : node_text(normaliser->pool, equals ? equals + 1 : "", item->at);
	if (!name || !value)
		return complain_no_room(normaliser, item), -1;
	if (!*name)
		return complain(normaliser, item, "\"%.60s\" has no name before the =", item->text),
		       -1;
	struct node *twin = node_get(map, name);
	if (twin)
		node_become(twin, value);
	else
		node_put(map, name, item->at, value);
	return 0;
}

static void pairs_from_list(struct normaliser *normaliser, struct node *node,
			    const struct schema_key *row)
{
	struct node map = {.kind = NODE_MAP, .at = node->at, .text = "", .tag = node->tag};
	unsigned index = 0;
	for (struct node *item = node->first; item; item = item->next) {
		size_t mark = path_push_index(normaliser, index++);
		if (item->kind != NODE_TEXT)
			wrong_kind(normaliser, item, "a text NAME=VALUE");
		else
			add_pair(normaliser, &map, item, row);
		path_pop(normaliser, mark);
	}
	node_become(node, &map);
}

static void pairs_from_map(struct normaliser *normaliser, struct node *node,
			   const struct schema_key *row)
{
	for (struct node *item = node->first; item; item = item->next) {
		size_t mark = path_push(normaliser, item->key);
		if (item->kind != NODE_NULL)
			scalar_to_text(normaliser, item);
		else if (!(row->flags & SCHEMA_NULL_PAIRS))
			item->kind = NODE_TEXT, item->text = "";
		path_pop(normaliser, mark);
	}
}

static void check_pairs(struct normaliser *normaliser, struct node *node,
			const struct schema_key *row)
{
	if (node->kind == NODE_LIST)
		pairs_from_list(normaliser, node, row);
	else if (node->kind == NODE_MAP)
		pairs_from_map(normaliser, node, row);
	else
		wrong_kind(normaliser, node, "a map or a list of NAME=VALUE");
}

static void check_needed(struct normaliser *normaliser, const struct node *node,
			 const struct schema_key *rows)
{
	for (; rows->name; rows++)
		if ((rows->flags & SCHEMA_NEEDED) && !node_get(node, rows->name))
			complain(normaliser, node, "lacks the key %s", rows->name);
}

static bool is_extension(const char *name)
{
	return strncmp(name, "x-", 2) == 0;
}

static void check_member(struct normaliser *normaliser, struct node *member,
			 const struct schema_key *rows)
{
	const struct schema_key *row = schema_find(rows, member->key);
	if (!row && is_extension(member->key))
		return;
	if (!row)
		complain_suggesting(normaliser, member->key_at, schema_suggest(rows, member->key),
				    "there is no such key");
	else if (row->refused)
		complain_suggesting(normaliser, member->key_at, NULL, "is not supported: %s",
				    row->refused);
	else
		normalise(normaliser, member, row);
}

static void check_map(struct normaliser *normaliser, struct node *node,
		      const struct schema_key *row)
{
	if (node->kind != NODE_MAP) {
		wrong_kind(normaliser, node, "a map");
		return;
	}
	for (struct node *member = node->first; member; member = member->next) {
		size_t mark = path_push(normaliser, member->key);
		check_member(normaliser, member, row->members);
		path_pop(normaliser, mark);
	}
	check_needed(normaliser, node, row->members);
}

static void check_name(struct normaliser *normaliser, const struct node *item, bool host)
{
	size_t length = strspn(item->key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
					  "0123456789._-");
	if (host && item->key[length] == ':')
		length += 1 + strspn(item->key + length + 1, "0123456789");
	if (host && item->key[length] == '/')
		length += strspn(item->key + length, "abcdefghijklmnopqrstuvwxyz0123456789._-/");
	if (item->key[length] || !length)
		complain_suggesting(normaliser, item->key_at, NULL,
				    "\"%.60s\" is not a name: letters, digits, . _ and -",
				    item->key);
}

static void check_named(struct normaliser *normaliser, struct node *node,
			const struct schema_key *row)
{
	if (node->kind != NODE_MAP) {
		wrong_kind(normaliser, node, "a map of names");
		return;
	}
	for (struct node *item = node->first; item; item = item->next) {
		size_t mark = path_push(normaliser, item->key);
		if (row->item->type == SCHEMA_MAP)
			check_name(normaliser, item, row->flags & SCHEMA_HOSTS);
		normalise(normaliser, item, row->item);
		path_pop(normaliser, mark);
	}
}

static void check_list(struct normaliser *normaliser, struct node *node,
		       const struct schema_key *row)
{
	unsigned index = 0;
	if (node->kind != NODE_LIST) {
		wrong_kind(normaliser, node, "a list");
		return;
	}
	for (struct node *item = node->first; item; item = item->next) {
		size_t mark = path_push_index(normaliser, index++);
		normalise(normaliser, item, row->item);
		path_pop(normaliser, mark);
	}
}

static void check_type(struct normaliser *normaliser, struct node *node,
		       const struct schema_key *row)
{
	switch (row->type) {
	case SCHEMA_ANY:
		break;
	case SCHEMA_WORDS:
		check_words(normaliser, node, row);
		break;
	case SCHEMA_TEXT_OR_TEXTS:
		if (node_is_scalar(node) && node->kind != NODE_NULL)
			wrap_in_list(normaliser, node);
		check_texts(normaliser, node, row);
		break;
	case SCHEMA_TEXTS:
		check_texts(normaliser, node, row);
		break;
	case SCHEMA_PAIRS:
		check_pairs(normaliser, node, row);
		break;
	case SCHEMA_MAP:
		check_map(normaliser, node, row);
		break;
	case SCHEMA_NAMED:
		check_named(normaliser, node, row);
		break;
	case SCHEMA_LIST:
		check_list(normaliser, node, row);
		break;
	default:
		check_scalar(normaliser, node, row);
	}
}

void normalise(struct normaliser *normaliser, struct node *node, const struct schema_key *row)
{
	if (node->tag == NODE_RESET || (node->kind == NODE_NULL && (row->flags & SCHEMA_NULLABLE)))
		return;
	if ((row->flags & SCHEMA_UNSAID) && node->kind == NODE_TEXT && !*node->text)
		return;
	if (row->form && row->form(normaliser, node) == FORM_DONE)
		return;
	unsigned before = normaliser->problems->count[PROBLEM_ERROR];
	check_type(normaliser, node, row);
	if (row->check && normaliser->problems->count[PROBLEM_ERROR] == before)
		row->check(normaliser, node);
}
