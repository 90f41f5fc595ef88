// SPDX-License-Identifier: Apache-2.0
/*
 * A tree of values as YAML and JSON have them, in an arena, each with the place it was written at.
 * The number of nodes is bounded, so that aliases cannot blow a small text up.
 */
#ifndef BERTH_LIB_NODE_H
#define BERTH_LIB_NODE_H

#include "lib/arena.h"
#include "lib/error.h"

#include <stdbool.h>
#include <stdint.h>

enum node_kind {
	NODE_NULL,
	NODE_BOOL,
	NODE_INTEGER,
	NODE_FLOAT,
	NODE_TEXT,
	NODE_LIST,
	NODE_MAP,
};

/* What the merge of several documents does with a value (Compose's !reset and !override). */
enum node_tag { NODE_PLAIN, NODE_RESET, NODE_OVERRIDE };

struct position {
	unsigned file;         /* index, given by who reads the text */
	unsigned line, column; /* from 1; 0: nowhere, the value is made up */
};

struct node {
	enum node_kind kind;
	enum node_tag tag;
	struct position at;
	bool plain;                /* a scalar that stands without quotes and tag */
	const char *text;          /* of scalars: as it is written, without quotes; never NULL */
	int64_t integer;           /* NODE_INTEGER, and NODE_BOOL as 0 or 1 */
	double number;             /* NODE_FLOAT */
	struct node *first, *last; /* children of lists and maps, in order */
	unsigned count;
	/* What its parent keeps about it: */
	struct node *next;
	const char *key; /* in a map; else NULL */
	unsigned hash;
	struct position key_at;
};

struct node_pool {
	struct arena *arena;
	unsigned left; /* nodes that may still be made */
};

/* NULL when the pool is empty. */
struct node *node_new(struct node_pool *pool, enum node_kind kind, struct position at);
/* A text node; `text` is copied. */
struct node *node_text(struct node_pool *pool, const char *text, struct position at);
struct node *node_integer(struct node_pool *pool, int64_t value, struct position at);
struct node *node_bool(struct node_pool *pool, bool value, struct position at);
/* A copy with all that is below it, without key. NULL when the pool is too small. */
struct node *node_copy(struct node_pool *pool, const struct node *from);

void node_append(struct node *list, struct node *child);
/* Adds a member; the key is not copied and must not be there yet. */
void node_put(struct node *map, const char *key, struct position key_at, struct node *child);
/* The member, or NULL; also when `map` is NULL or no map. */
struct node *node_get(const struct node *map, const char *key);
/* As node_get along "a.b.c". */
struct node *node_at(const struct node *map, const char *path);
/* Takes a child out. */
void node_remove(struct node *parent, struct node *child);
/* Puts the value of `from` (with its children) in the place of `node`, which keeps its key. */
void node_become(struct node *node, const struct node *from);
/* The member's text, or NULL when it is missing or no scalar. */
const char *node_get_text(const struct node *map, const char *key);
bool node_is_scalar(const struct node *node);
/* "a map", "a list", "the text \"x\""… for messages. */
const char *node_describe(const struct node *node, char out[80]);
/* The same value (neither the order of map members counts, nor how a number is written)? */
bool node_equal(const struct node *a, const struct node *b);

#endif
