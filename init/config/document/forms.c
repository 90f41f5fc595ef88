// SPDX-License-Identifier: Apache-2.0
#include "init/config/document/forms.h"

#include "init/config/health.h"

#include <stdarg.h>
#include <string.h>

struct node *form_map(struct normaliser *normaliser, const struct node *like, ...)
{
	struct node *map = node_new(normaliser->pool, NODE_MAP, like->at);
	const char *name;
	va_list ap;
	va_start(ap, like);
	while (map && (name = va_arg(ap, const char *))) {
		const char *text = va_arg(ap, const char *);
		if (!text)
			continue;
		struct node *value = node_text(normaliser->pool, text, like->at);
		if (value)
			node_put(map, name, like->at, value);
		else
			map = NULL;
	}
	va_end(ap);
	if (!map)
		complain_no_room(normaliser, like);
	return map;
}

typedef struct node *make_value(struct normaliser *normaliser, const struct node *item);

/* ["a", "b"] → {a: VALUE, b: VALUE}. */
static enum form_result names_to_map(struct normaliser *normaliser, struct node *node,
				     make_value *make)
{
	struct node map = {.kind = NODE_MAP, .at = node->at, .text = "", .tag = node->tag};
	unsigned index = 0;
	if (node->kind != NODE_LIST)
		return FORM_CHECK;
	for (struct node *item = node->first; item; item = item->next) {
		size_t mark = path_push_index(normaliser, index++);
		struct node *value = item->kind == NODE_TEXT ? make(normaliser, item) : NULL;
		if (item->kind != NODE_TEXT)
			complain(normaliser, item, "must be a name");
		else if (node_get(&map, item->text))
			complain(normaliser, item, "\"%.60s\" is there twice", item->text);
		else if (value)
			node_put(&map, item->text, item->at, value);
		path_pop(normaliser, mark);
	}
	node_become(node, &map);
	return FORM_CHECK;
}

static struct node *make_null(struct normaliser *normaliser, const struct node *item)
{
	return node_new(normaliser->pool, NODE_NULL, item->at);
}

static struct node *make_dependency(struct normaliser *normaliser, const struct node *item)
{
	return form_map(normaliser, item, "condition", "service_started", NULL);
}

enum form_result form_networks(struct normaliser *normaliser, struct node *node)
{
	return names_to_map(normaliser, node, make_null);
}

enum form_result form_depends_on(struct normaliser *normaliser, struct node *node)
{
	return names_to_map(normaliser, node, make_dependency);
}

/* TEXT → {MEMBER: TEXT}. */
static enum form_result text_to_map(struct normaliser *normaliser, struct node *node,
				    const char *member)
{
	if (node->kind != NODE_TEXT)
		return FORM_CHECK;
	struct node *map = form_map(normaliser, node, member, node->text, NULL);
	if (!map)
		return FORM_DONE;
	node_become(node, map);
	return FORM_CHECK;
}

enum form_result form_secret(struct normaliser *normaliser, struct node *node)
{
	return text_to_map(normaliser, node, "source");
}

enum form_result form_config(struct normaliser *normaliser, struct node *node)
{
	return text_to_map(normaliser, node, "source");
}

enum form_result form_extends(struct normaliser *normaliser, struct node *node)
{
	return text_to_map(normaliser, node, "service");
}

enum form_result form_include(struct normaliser *normaliser, struct node *node)
{
	return text_to_map(normaliser, node, "path");
}

enum form_result form_env_files(struct normaliser *normaliser, struct node *node)
{
	if (node->kind == NODE_TEXT) {
		struct node list = {
			.kind = NODE_LIST, .at = node->at, .text = "", .tag = node->tag};
		struct node *map = form_map(normaliser, node, "path", node->text, NULL);
		if (!map)
			return FORM_DONE;
		node_append(&list, map);
		node_become(node, &list);
	}
	for (struct node *item = node->kind == NODE_LIST ? node->first : NULL; item;
	     item = item->next)
		text_to_map(normaliser, item, "path");
	return FORM_CHECK;
}

enum form_result form_health_test(struct normaliser *normaliser, struct node *node)
{
	if (node->kind != NODE_TEXT)
		return FORM_CHECK;
	struct node list = {.kind = NODE_LIST, .at = node->at, .text = "", .tag = node->tag};
	struct node *shell = node_text(normaliser->pool, "CMD-SHELL", node->at);
	struct node *words = node_copy(normaliser->pool, node);
	if (!shell || !words)
		return complain_no_room(normaliser, node);
	node_append(&list, shell);
	node_append(&list, words);
	node_become(node, &list);
	return FORM_CHECK;
}

/* What follows a kind that is the machine's own. */
enum form_result check_test_words(struct normaliser *normaliser, struct node *node)
{
	struct error err = ERROR_INIT;
	struct string_list words = {0};
	for (const struct node *word = node->first; word; word = word->next)
		if (string_list_add(&words, normaliser->pool->arena, word->text, &err) < 0)
			return complain_no_room(normaliser, node);
	int kind = test_kind_of(&words);
	const struct string_list behind = {words.count - 1, words.count - 1, words.items + 1};
	if (kind <= TEST_COMMAND)
		return complain(normaliser, node, "\"%.40s\" is none of X-BERTH-HTTP, X-BERTH-TCP and "
				"X-BERTH-SLEEP", words.count ? words.items[0] : "");
	if (test_words_check((enum test_kind)kind, &behind, &err) < 0)
		complain(normaliser, node, "%s", err.text);
	return FORM_DONE;
}

/* A hook has one thing to do. */
enum form_result check_hook(struct normaliser *normaliser, struct node *node)
{
	const struct node *command = node_get(node, "command"), *test = node_get(node, "x-berth-test");
	if (!command == !test)
		return complain(normaliser, node, "says nothing that is to be run: command: …");
	if (command && !command->count)
		return complain(normaliser, command, "there is no program");
	return FORM_DONE;
}

enum form_result check_health_test(struct normaliser *normaliser, struct node *node)
{
	char near[40];
	const char *kind = node->first ? node->first->text : "";
	if (strcmp(kind, "X-BERTH-HTTP") == 0 || strcmp(kind, "X-BERTH-TCP") == 0)
		return check_test_words(normaliser, node);
	if (!schema_is_choice("NONE|CMD|CMD-SHELL", kind))
		return complain_suggesting(
			normaliser, node->at,
			schema_suggest_choice("NONE|CMD|CMD-SHELL", kind, near),
			"a list begins with NONE, CMD or CMD-SHELL, not \"%.40s\"", kind);
	if (strcmp(kind, "CMD") == 0 && node->count < 2)
		return complain(normaliser, node, "CMD has no program behind it");
	if (strcmp(kind, "CMD-SHELL") == 0 && node->count != 2)
		return complain(normaliser, node, "CMD-SHELL has one text behind it, not %u",
				node->count - 1);
	return FORM_DONE;
}

enum form_result form_no_limit(struct normaliser *normaliser, struct node *node)
{
	(void)normaliser;
	if (!node_is_scalar(node) || strcmp(node->text, "-1") != 0)
		return FORM_CHECK;
	node->kind = NODE_TEXT;
	return FORM_DONE;
}

enum form_result form_ulimit(struct normaliser *normaliser, struct node *node)
{
	if (node->kind == NODE_MAP)
		return FORM_CHECK;
	scalar_to_integer(normaliser, node, false);
	return FORM_DONE;
}

/* "HOST=ADDRESS" at the end of the list; an address may stand in brackets. */
static void add_host(struct normaliser *normaliser, struct node *list, const struct node *item,
		     const char *host, const char *address)
{
	char text[300];
	size_t length = strlen(address);
	if (*address == '[' && address[length - 1] == ']')
		snprintf(text, sizeof text, "%s=%.*s", host, (int)length - 2, address + 1);
	else
		snprintf(text, sizeof text, "%s=%s", host, address);
	struct node *node = node_text(normaliser->pool, text, item->at);
	if (node)
		node_append(list, node);
}

/* "host:address" or "host=address". */
static void add_host_text(struct normaliser *normaliser, struct node *list, const struct node *item)
{
	char text[300];
	snprintf(text, sizeof text, "%s", item->text);
	char *mark = strpbrk(text, "=:");
	if (item->kind != NODE_TEXT || !mark || mark == text || !mark[1]) {
		complain(normaliser, item, "must be HOST=ADDRESS");
		return;
	}
	*mark = 0;
	add_host(normaliser, list, item, text, mark + 1);
}

/* A map's member is an address or a list of them. */
static void add_host_member(struct normaliser *normaliser, struct node *list, const struct node *item)
{
	bool many = item->kind == NODE_LIST;
	for (const struct node *one = many ? item->first : item; one; one = many ? one->next : NULL) {
		if (one->kind == NODE_TEXT && *one->text)
			add_host(normaliser, list, one, item->key, one->text);
		else
			complain(normaliser, one, "must be an address");
	}
}

enum form_result form_extra_hosts(struct normaliser *normaliser, struct node *node)
{
	struct node list = {.kind = NODE_LIST, .at = node->at, .text = "", .tag = node->tag};
	if (node_is_scalar(node))
		return FORM_CHECK;
	for (struct node *item = node->first; item; item = item->next) {
		if (item->key)
			add_host_member(normaliser, &list, item);
		else
			add_host_text(normaliser, &list, item);
	}
	node_become(node, &list);
	return FORM_CHECK;
}

enum form_result form_options(struct normaliser *normaliser, struct node *node)
{
	return node->kind == NODE_LIST ? complain(normaliser, node, "is a list, not a map") : FORM_CHECK;
}

enum form_result form_external(struct normaliser *normaliser, struct node *node)
{
	if (node->kind == NODE_MAP)
		return complain(normaliser, node,
				"is true or false; the name stands beside it: name: …");
	return FORM_CHECK;
}
