// SPDX-License-Identifier: Apache-2.0
#include "lib/yaml.h"

#include <string.h>
#include <yaml.h>

enum { ANCHORS_MAX = 1024 };

/* An open list or map, and the key that waits for its value. */
struct level {
	struct node *node;
	const char *key, *anchor;
	struct position key_at;
};

struct anchor {
	const char *name;
	struct node *node;
};

struct reader {
	yaml_parser_t parser;
	struct node_pool *pool;
	unsigned file, depth, anchor_count;
	struct level levels[YAML_DEPTH_MAX];
	struct anchor *anchors;
	struct node *root;  /* of the document that is being read */
	struct node *documents;
	unsigned most;
	struct position *where;
	struct error *err;
};

static struct position position_of(const struct reader *reader, yaml_mark_t mark)
{
	return (struct position){reader->file, (unsigned)mark.line + 1, (unsigned)mark.column + 1};
}

#define fail(reader, place, ...) (*(reader)->where = (place), error_set((reader)->err, __VA_ARGS__))

static int no_room(struct reader *reader, struct position at)
{
	return fail(reader, at, "more than %d values, or too much text: aliases count each time",
		    YAML_NODES_MAX);
}

static int remember(struct reader *reader, const char *name, struct node *node)
{
	if (!name)
		return 0;
	if (reader->anchor_count == ANCHORS_MAX)
		return fail(reader, node->at, "more than %d anchors", ANCHORS_MAX);
	reader->anchors[reader->anchor_count++] = (struct anchor){name, node};
	return 0;
}

static struct node *recall(const struct reader *reader, const char *name)
{
	for (unsigned i = reader->anchor_count; i-- > 0;)
		if (strcmp(reader->anchors[i].name, name) == 0)
			return reader->anchors[i].node;
	return NULL;
}

/* The finished value goes to its place in the innermost open list or map. */
static int place(struct reader *reader, struct node *node)
{
	if (!reader->depth) {
		reader->root = node;
		return 0;
	}
	struct level *level = &reader->levels[reader->depth - 1];
	if (level->node->kind == NODE_LIST) {
		node_append(level->node, node);
		return 0;
	}
	if (!level->key)
		return fail(reader, node->at,
			    "a key must be a text, not a list, a map or an alias");
	const struct node *twin = node_get(level->node, level->key);
	if (twin)
		return fail(reader, level->key_at,
			    "the key \"%.60s\" is there twice, first in line %u", level->key,
			    twin->key_at.line);
	node_put(level->node, level->key, level->key_at, node);
	level->key = NULL;
	return 0;
}

/* What `from` has and `map` does not. */
static int merge_from(struct reader *reader, struct node *map, const struct node *from)
{
	if (from->kind != NODE_MAP)
		return fail(reader, from->at, "only maps can be merged with <<");
	for (const struct node *child = from->first; child; child = child->next) {
		if (node_get(map, child->key))
			continue;
		struct node *copy = node_copy(reader->pool, child);
		if (!copy)
			return no_room(reader, child->at);
		node_put(map, child->key, child->key_at, copy);
	}
	return 0;
}

/* The merge key type (yaml.org/type/merge.html): own keys win, then the earlier map. */
static int resolve_merge(struct reader *reader, struct node *map)
{
	struct node *merge = map->kind == NODE_MAP ? node_get(map, "<<") : NULL;
	if (!merge)
		return 0;
	node_remove(map, merge);
	if (merge->kind != NODE_LIST)
		return merge_from(reader, map, merge);
	for (const struct node *from = merge->first; from; from = from->next)
		if (merge_from(reader, map, from) < 0)
			return -1;
	return 0;
}

static int apply_tag(struct reader *reader, const char *tag, struct node *node)
{
	static const char prefix[] = "tag:yaml.org,2002:";
	if (!tag || strcmp(tag, "!") == 0)
		return 0;
	if (strcmp(tag, "!reset") == 0)
		node->tag = NODE_RESET;
	else if (strcmp(tag, "!override") == 0)
		node->tag = NODE_OVERRIDE;
	else if (strncmp(tag, prefix, sizeof prefix - 1) != 0)
		return fail(reader, node->at, "the tag \"%.60s\" means nothing here", tag);
	return 0;
}

static int open_level(struct reader *reader, enum node_kind kind, const yaml_event_t *event,
		      const yaml_char_t *anchor, const yaml_char_t *tag)
{
	struct position at = position_of(reader, event->start_mark);
	if (reader->depth == YAML_DEPTH_MAX)
		return fail(reader, at, "lists and maps are nested too deep");
	struct node *node = node_new(reader->pool, kind, at);
	struct level *level = &reader->levels[reader->depth];
	*level = (struct level){.node = node};
	if (!node ||
	    (anchor && !(level->anchor = arena_strdup(reader->pool->arena, (const char *)anchor))))
		return no_room(reader, at);
	reader->depth++;
	return apply_tag(reader, (const char *)tag, node);
}

static int close_level(struct reader *reader)
{
	struct level *level = &reader->levels[--reader->depth];
	if (resolve_merge(reader, level->node) < 0 ||
	    remember(reader, level->anchor, level->node) < 0)
		return -1;
	return place(reader, level->node);
}

static bool waits_for_key(const struct reader *reader)
{
	const struct level *level = reader->depth ? &reader->levels[reader->depth - 1] : NULL;
	return level && level->node->kind == NODE_MAP && !level->key;
}

static bool is_plain(const yaml_event_t *event)
{
	const char *tag = (const char *)event->data.scalar.tag;
	return event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
	       (!tag || strcmp(tag, YAML_STR_TAG) != 0);
}

static int take_scalar(struct reader *reader, const yaml_event_t *event)
{
	struct position at = position_of(reader, event->start_mark);
	const char *value = (const char *)event->data.scalar.value;
	const char *anchor = (const char *)event->data.scalar.anchor;
	if (strlen(value) != event->data.scalar.length)
		return fail(reader, at, "a text has a NUL byte in it");
	struct node *node = node_text(reader->pool, value, at);
	if (!node || (anchor && !(anchor = arena_strdup(reader->pool->arena, anchor))))
		return no_room(reader, at);
	if (waits_for_key(reader)) {
		struct level *level = &reader->levels[reader->depth - 1];
		level->key = node->text;
		level->key_at = at;
		reader->pool->left++;
		return 0;
	}
	if (is_plain(event)) {
		node->plain = true;
		yaml_resolve(node);
	}
	if (apply_tag(reader, (const char *)event->data.scalar.tag, node) < 0 ||
	    remember(reader, anchor, node) < 0)
		return -1;
	return place(reader, node);
}

static int take_alias(struct reader *reader, const yaml_event_t *event)
{
	struct position at = position_of(reader, event->start_mark);
	const char *name = (const char *)event->data.alias.anchor;
	struct node *node = recall(reader, name);
	if (!node)
		return fail(reader, at, "the alias *%.60s has no anchor before it", name);
	node = node_copy(reader->pool, node);
	return node ? place(reader, node) : no_room(reader, at);
}

static int keep_document(struct reader *reader)
{
	struct node *root = reader->root;
	reader->root = NULL;
	if (!root || (root->kind == NODE_NULL && !*root->text && reader->documents->count))
		return 0;
	node_append(reader->documents, root);
	return 0;
}

static int take_event(struct reader *reader, const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_DOCUMENT_END_EVENT:
		return keep_document(reader);
	case YAML_DOCUMENT_START_EVENT:
		reader->anchor_count = 0;
		if (reader->documents->count == reader->most)
			return fail(reader, position_of(reader, event->start_mark),
				    reader->most == 1 ? "a second document (---): give each its own file"
						      : "too many documents (---)");
		return 0;
	case YAML_SCALAR_EVENT:
		return take_scalar(reader, event);
	case YAML_ALIAS_EVENT:
		return take_alias(reader, event);
	case YAML_SEQUENCE_START_EVENT:
		return open_level(reader, NODE_LIST, event, event->data.sequence_start.anchor,
				  event->data.sequence_start.tag);
	case YAML_MAPPING_START_EVENT:
		return open_level(reader, NODE_MAP, event, event->data.mapping_start.anchor,
				  event->data.mapping_start.tag);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		return close_level(reader);
	default:
		return 0;
	}
}

static int syntax_error(struct reader *reader)
{
	const yaml_parser_t *parser = &reader->parser;
	bool reading = parser->error == YAML_READER_ERROR;
	*reader->where =
		reading ? (struct position){reader->file, (unsigned)parser->mark.line + 1, 1}
			: position_of(reader, parser->problem_mark);
	if (parser->error == YAML_SCANNER_ERROR && parser->buffer.pointer && *parser->buffer.pointer == '\t')
		return error_set(reader->err, "not YAML: here is a tab, where only spaces indent");
	return error_set(reader->err, "not YAML: %s%s%s",
			 parser->problem ? parser->problem : "no memory",
			 parser->context ? " " : "", parser->context ? parser->context : "");
}

static int read_events(struct reader *reader)
{
	for (bool more = true; more;) {
		yaml_event_t event;
		if (!yaml_parser_parse(&reader->parser, &event))
			return syntax_error(reader);
		more = event.type != YAML_STREAM_END_EVENT;
		int result = take_event(reader, &event);
		yaml_event_delete(&event);
		if (result < 0)
			return -1;
	}
	return 0;
}

int yaml_read_documents(const char *text, size_t size, unsigned file, struct node_pool *pool,
			unsigned most, struct node **list, struct position *where, struct error *err)
{
	struct reader reader = {.pool = pool, .file = file, .where = where, .most = most, .err = err};
	*where = (struct position){file, 1, 1};
	if (size > YAML_BYTES_MAX)
		return error_set(err, "longer than %d KiB", YAML_BYTES_MAX / 1024);
	reader.anchors = arena_alloc(pool->arena, ANCHORS_MAX * sizeof *reader.anchors);
	*list = reader.documents = node_new(pool, NODE_LIST, *where);
	if (!reader.anchors || !reader.documents || !yaml_parser_initialize(&reader.parser))
		return error_set(err, "no memory to read YAML");
	yaml_parser_set_input_string(&reader.parser, (const unsigned char *)text, size);
	int result = read_events(&reader);
	yaml_parser_delete(&reader.parser);
	return result;
}

int yaml_read(const char *text, size_t size, unsigned file, struct node_pool *pool,
	      struct node **root, struct position *where, struct error *err)
{
	struct node *list;
	if (yaml_read_documents(text, size, file, pool, 1, &list, where, err) < 0)
		return -1;
	*root = list->count ? list->first : node_new(pool, NODE_NULL, *where);
	return *root ? 0 : -1;
}
