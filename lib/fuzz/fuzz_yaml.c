// SPDX-License-Identifier: Apache-2.0
/*
 * YAML as a tree of nodes. A text that is JSON reads as what a JSON parser makes of it, as far as the
 * two agree: printable ASCII, keys that are short enough for YAML, there only once, and in the line of
 * their colon.
 */
#include "lib/yaml.h"

#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MEMORY = 1024 * 1024, NODES = 5000, JSON_MAX = 1000 };

static void require(bool condition)
{
	if (!condition)
		abort();
}

static unsigned check_tree(const struct node *node, unsigned depth)
{
	unsigned nodes = 1, children = 0;
	require(depth <= YAML_DEPTH_MAX + 1);
	require(node->text || !node_is_scalar(node));
	for (const struct node *child = node->first; child; child = child->next, children++) {
		require((child->key != NULL) == (node->kind == NODE_MAP));
		nodes += check_tree(child, depth + 1);
	}
	require(children == node->count);
	return nodes;
}

/* Nothing but space between the end of a line and a colon: libyaml has forgotten the key by then. */
static bool colon_is_apart(const uint8_t *data, size_t colon)
{
	size_t i = colon;
	while (i > 0 && (data[i - 1] == ' ' || data[i - 1] == '\n'))
		i--;
	return memchr(data + i, '\n', colon - i) != NULL;
}

/* Text that YAML and JSON understand the same way. */
static bool is_common(const uint8_t *data, size_t size)
{
	if (size > JSON_MAX)
		return false;
	for (size_t i = 0; i < size; i++)
		if ((data[i] < ' ' && data[i] != '\n') || data[i] > '~' ||
		    (i > 0 && data[i - 1] == '\\' && data[i] == 'u') ||
		    (i > 0 && data[i - 1] == '<' && data[i] == '<') ||
		    (data[i] == ':' && colon_is_apart(data, i)))
			return false;
	return true;
}

static bool has_one_of_each(yyjson_val *value, unsigned depth)
{
	size_t i, count;
	yyjson_val *key, *child;
	if (depth > YAML_DEPTH_MAX - 2)
		return false;
	yyjson_arr_foreach(value, i, count, child)
		if (!has_one_of_each(child, depth + 1))
			return false;
	yyjson_obj_foreach(value, i, count, key, child)
		if (yyjson_obj_getn(value, yyjson_get_str(key), yyjson_get_len(key)) != child ||
		    !has_one_of_each(child, depth + 1))
			return false;
	return true;
}

static void compare(yyjson_val *value, const struct node *node)
{
	size_t i, count;
	yyjson_val *key, *child;
	const struct node *other = node->first;
	require(yyjson_is_str(value) == (node->kind == NODE_TEXT));
	require(yyjson_is_null(value) == (node->kind == NODE_NULL));
	require(yyjson_is_bool(value) == (node->kind == NODE_BOOL));
	require(yyjson_is_num(value) == (node->kind == NODE_INTEGER || node->kind == NODE_FLOAT));
	require(yyjson_is_arr(value) == (node->kind == NODE_LIST));
	require(yyjson_is_obj(value) == (node->kind == NODE_MAP));
	if (yyjson_is_str(value))
		require(strcmp(yyjson_get_str(value), node->text) == 0);
	yyjson_arr_foreach(value, i, count, child) {
		compare(child, other);
		other = other->next;
	}
	yyjson_obj_foreach(value, i, count, key, child) {
		require(strcmp(yyjson_get_str(key), other->key) == 0);
		compare(child, other);
		other = other->next;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char block[MEMORY];
	struct arena arena;
	struct node_pool pool = {&arena, NODES};
	struct node *root = NULL;
	struct position where = {0, 0, 0};
	struct error err = ERROR_INIT;
	arena_init(&arena, block, sizeof block);
	bool good = yaml_read((const char *)data, size, 3, &pool, &root, &where, &err) == 0;
	if (good)
		require(check_tree(root, 1) <= NODES && root->at.file == 3);
	else
		require(err.text[0] && !strpbrk(err.text, "\n\r\033"));
	yyjson_doc *doc = is_common(data, size) ? yyjson_read((const char *)data, size, 0) : NULL;
	if (doc && has_one_of_each(yyjson_doc_get_root(doc), 0)) {
		require(good);
		compare(yyjson_doc_get_root(doc), root);
	}
	yyjson_doc_free(doc);
	return 0;
}
