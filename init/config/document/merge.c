// SPDX-License-Identifier: Apache-2.0
#include "init/config/document/merge.h"

#include <string.h>

static int merge_member(struct normaliser *normaliser, struct node *base, const struct node *member,
			const struct schema_key *row);

/* The row that describes a member of what `row` describes; NULL for pairs and extensions. */
static const struct schema_key *row_of(const struct schema_key *row, const char *name)
{
	if (!row)
		return NULL;
	if (row->type == SCHEMA_NAMED)
		return row->item;
	return row->type == SCHEMA_MAP ? schema_find(row->members, name) : NULL;
}

static int merge_map(struct normaliser *normaliser, struct node *base, const struct node *over,
		     const struct schema_key *row)
{
	for (const struct node *member = over->first; member; member = member->next)
		if (merge_member(normaliser, base, member, row_of(row, member->key)) < 0)
			return -1;
	return 0;
}

static bool same_port(const struct node *a, const struct node *b)
{
	static const char *const members[] = {"target", "published", "host_ip", "protocol", NULL};
	for (int i = 0; members[i]; i++) {
		const char *left = node_get_text(a, members[i]),
			   *right = node_get_text(b, members[i]);
		if (strcmp(left ? left : "", right ? right : "") != 0)
			return false;
	}
	return true;
}

static bool same_item(const struct node *a, const struct node *b, const struct schema_key *row)
{
	if (node_is_scalar(a) || !row || !row->unique)
		return node_equal(a, b);
	if (node_get(a, "protocol"))
		return same_port(a, b);
	const char *left = node_get_text(a, row->unique), *right = node_get_text(b, row->unique);
	return left && right && strcmp(left, right) == 0;
}

static struct node *find_item(const struct node *list, const struct node *item,
			      const struct schema_key *row)
{
	for (struct node *at = list->first; at; at = at->next)
		if (same_item(at, item, row))
			return at;
	return NULL;
}

static int merge_list(struct normaliser *normaliser, struct node *base, const struct node *over,
		      const struct schema_key *row)
{
	for (const struct node *item = over->first; item; item = item->next) {
		struct node *copy = node_copy(normaliser->pool, item);
		struct node *twin = find_item(base, item, row);
		if (!copy)
			return complain_no_room(normaliser, item), -1;
		if (twin)
			node_become(twin, copy);
		else
			node_append(base, copy);
	}
	return 0;
}

static bool replaces(const struct node *base, const struct node *over, const struct schema_key *row)
{
	return base->kind != over->kind || node_is_scalar(over) || over->tag == NODE_OVERRIDE ||
	       (row && (row->type == SCHEMA_WORDS || (row->flags & SCHEMA_REPLACE)));
}

int merge(struct normaliser *normaliser, struct node *base, const struct node *over,
	  const struct schema_key *row)
{
	if (replaces(base, over, row)) {
		struct node *copy = node_copy(normaliser->pool, over);
		if (!copy)
			return complain_no_room(normaliser, over), -1;
		/* A map that a later document leaves empty, as "volumes: {data:}", takes nothing
		 * away. */
		if (over->kind != NODE_NULL || node_is_scalar(base))
			node_become(base, copy);
		return 0;
	}
	return over->kind == NODE_MAP ? merge_map(normaliser, base, over, row)
				      : merge_list(normaliser, base, over, row);
}

/* Other drivers have other options: those of the earlier one do not stay. */
static bool changes_driver(const struct node *base, const struct node *over)
{
	const char *before = node_get_text(base, "driver"), *after = node_get_text(over, "driver");
	return strcmp(over->key, "logging") == 0 && before && after && strcmp(before, after) != 0;
}

static int merge_member(struct normaliser *normaliser, struct node *base, const struct node *member,
			const struct schema_key *row)
{
	struct node *there = node_get(base, member->key);
	if (member->tag == NODE_RESET) {
		if (there)
			node_remove(base, there);
		return 0;
	}
	if (there && !changes_driver(there, member))
		return merge(normaliser, there, member, row);
	if (there)
		node_remove(base, there);
	struct node *copy = node_copy(normaliser->pool, member);
	if (!copy)
		return complain_no_room(normaliser, member), -1;
	node_put(base, member->key, member->key_at, copy);
	return 0;
}

static void drop_twins(struct node *list, const struct schema_key *row)
{
	struct node *next;
	for (struct node *item = list->first; item; item = next) {
		struct node *twin = find_item(list, item, row);
		next = item->next;
		if (twin == item)
			continue;
		node_remove(list, item);
		node_become(twin, item);
	}
}

void merge_twins(struct node *service, const struct schema_key *row)
{
	struct node *next;
	for (struct node *member = service->first; member; member = next) {
		const struct schema_key *below = row_of(row, member->key);
		bool words = !below || below->type == SCHEMA_WORDS || below->flags & SCHEMA_REPLACE;
		next = member->next;
		if (member->kind == NODE_MAP)
			merge_twins(member, below);
		if (member->kind != NODE_LIST || words)
			continue;
		drop_twins(member, below);
		if (!member->count)
			node_remove(service, member);
	}
}
