// SPDX-License-Identifier: Apache-2.0
#include "lib/node.h"

#include <stdio.h>
#include <string.h>

/* FNV-1a. */
static unsigned hash_of(const char *key)
{
	unsigned hash = 2166136261u;
	for (; *key; key++)
		hash = (hash ^ (unsigned char)*key) * 16777619u;
	return hash;
}

struct node *node_new(struct node_pool *pool, enum node_kind kind, struct position at)
{
	if (!pool->left)
		return NULL;
	struct node *node = arena_alloc(pool->arena, sizeof *node);
	if (!node)
		return NULL;
	pool->left--;
	node->kind = kind;
	node->at = at;
	node->text = "";
	return node;
}

struct node *node_text(struct node_pool *pool, const char *text, struct position at)
{
	struct node *node = node_new(pool, NODE_TEXT, at);
	if (!node || !(node->text = arena_strdup(pool->arena, text)))
		return NULL;
	return node;
}

struct node *node_integer(struct node_pool *pool, int64_t value, struct position at)
{
	struct node *node = node_new(pool, NODE_INTEGER, at);
	if (!node || !(node->text = arena_printf(pool->arena, "%lld", (long long)value)))
		return NULL;
	node->integer = value;
	return node;
}

struct node *node_bool(struct node_pool *pool, bool value, struct position at)
{
	struct node *node = node_new(pool, NODE_BOOL, at);
	if (!node)
		return NULL;
	node->text = value ? "true" : "false";
	node->integer = value;
	return node;
}

struct node *node_copy(struct node_pool *pool, const struct node *from)
{
	struct node *copy = node_new(pool, from->kind, from->at);
	if (!copy)
		return NULL;
	copy->tag = from->tag;
	copy->plain = from->plain;
	copy->text = from->text;
	copy->integer = from->integer;
	copy->number = from->number;
	for (const struct node *child = from->first; child; child = child->next) {
		struct node *below = node_copy(pool, child);
		if (!below)
			return NULL;
		if (child->key)
			node_put(copy, child->key, child->key_at, below);
		else
			node_append(copy, below);
	}
	return copy;
}

void node_append(struct node *list, struct node *child)
{
	child->next = NULL;
	if (list->last)
		list->last->next = child;
	else
		list->first = child;
	list->last = child;
	list->count++;
}

void node_put(struct node *map, const char *key, struct position key_at, struct node *child)
{
	child->key = key;
	child->hash = hash_of(key);
	child->key_at = key_at;
	node_append(map, child);
}

struct node *node_get(const struct node *map, const char *key)
{
	if (!map || map->kind != NODE_MAP)
		return NULL;
	unsigned hash = hash_of(key);
	for (struct node *child = map->first; child; child = child->next)
		if (child->hash == hash && strcmp(child->key, key) == 0)
			return child;
	return NULL;
}

struct node *node_at(const struct node *map, const char *path)
{
	char part[128];
	const struct node *node = map;
	while (node) {
		size_t length = strcspn(path, ".");
		if (length >= sizeof part)
			return NULL;
		memcpy(part, path, length);
		part[length] = 0;
		struct node *child = node_get(node, part);
		if (!path[length])
			return child;
		path += length + 1;
		node = child;
	}
	return NULL;
}

void node_remove(struct node *parent, struct node *child)
{
	struct node *before = NULL;
	for (struct node *at = parent->first; at; before = at, at = at->next) {
		if (at != child)
			continue;
		if (before)
			before->next = child->next;
		else
			parent->first = child->next;
		if (parent->last == child)
			parent->last = before;
		parent->count--;
		child->next = NULL;
		return;
	}
}

void node_become(struct node *node, const struct node *from)
{
	node->kind = from->kind;
	node->tag = from->tag;
	node->at = from->at;
	node->text = from->text;
	node->integer = from->integer;
	node->number = from->number;
	node->first = from->first;
	node->last = from->last;
	node->count = from->count;
}

bool node_is_scalar(const struct node *node)
{
	return node && node->kind != NODE_LIST && node->kind != NODE_MAP;
}

const char *node_get_text(const struct node *map, const char *key)
{
	const struct node *child = node_get(map, key);
	return child && child->kind != NODE_NULL && node_is_scalar(child) ? child->text : NULL;
}

const char *node_describe(const struct node *node, char out[80])
{
	switch (node->kind) {
	case NODE_NULL:
		return "empty";
	case NODE_LIST:
		return "a list";
	case NODE_MAP:
		return "a map";
	case NODE_TEXT:
		snprintf(out, 80, "the text \"%.50s\"", node->text);
		return out;
	default:
		snprintf(out, 80, "%s %.50s",
			 node->kind == NODE_BOOL ? "the truth value" : "the number", node->text);
		return out;
	}
}

static bool same_scalar(const struct node *a, const struct node *b)
{
	switch (a->kind) {
	case NODE_NULL:
		return true;
	case NODE_BOOL:
	case NODE_INTEGER:
		return a->integer == b->integer;
	case NODE_FLOAT:
		return a->number == b->number;
	default:
		return strcmp(a->text, b->text) == 0;
	}
}

static bool is_number(const struct node *node)
{
	return node->kind == NODE_INTEGER || node->kind == NODE_FLOAT;
}

static double number_of(const struct node *node)
{
	return node->kind == NODE_FLOAT ? node->number : (double)node->integer;
}

bool node_equal(const struct node *a, const struct node *b)
{
	if (a->kind != b->kind && is_number(a) && is_number(b))
		return number_of(a) == number_of(b);
	if (a->kind != b->kind || a->count != b->count)
		return false;
	if (node_is_scalar(a))
		return same_scalar(a, b);
	const struct node *other = b->first;
	for (const struct node *child = a->first; child; child = child->next) {
		const struct node *match = child->key ? node_get(b, child->key) : other;
		if (!match || !node_equal(child, match))
			return false;
		other = other ? other->next : NULL;
	}
	return true;
}
