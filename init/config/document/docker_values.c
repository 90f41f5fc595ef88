// SPDX-License-Identifier: Apache-2.0
/* What the options of `docker run` say, put into the service. */
#include "init/config/document/docker_run.h"

#include "init/config/document/docker_mount.h"

#include <stdlib.h>
#include <string.h>

struct node *docker_add(struct docker_run *run, struct node *parent, const char *key,
			struct node *value)
{
	if (!value) {
		complain_no_room(run->normaliser, run->root);
		return NULL;
	}
	if (parent->kind == NODE_LIST)
		node_append(parent, value);
	else if (node_get(parent, key))
		node_become(node_get(parent, key), value); /* the last one counts */
	else
		node_put(parent, key, run->place, value);
	return value;
}

/* The map and the last name that "healthcheck.test" stands for. */
static struct node *find_parent(struct docker_run *run, const char *key, const char **name)
{
	const char *dot = strchr(key, '.');
	*name = dot ? dot + 1 : key;
	if (!dot)
		return run->service;
	const char *outer = arena_strndup(run->normaliser->pool->arena, key, (size_t)(dot - key));
	struct node *map = outer ? node_get(run->service, outer) : NULL;
	if (!map && outer)
		map = docker_add(run, run->service, outer,
				 node_new(run->normaliser->pool, NODE_MAP, run->place));
	return map;
}

struct node *docker_list(struct docker_run *run, struct node *parent, const char *name)
{
	struct node *list = node_get(parent, name);
	return list ? list
		    : docker_add(run, parent, name,
				 node_new(run->normaliser->pool, NODE_LIST, run->place));
}

/* "nofile=1024:2048". */
static void add_ulimit(struct docker_run *run, const char *value)
{
	struct node_pool *pool = run->normaliser->pool;
	const char *equals = strchr(value, '='), *colon = equals ? strchr(equals, ':') : NULL;
	struct node *map = node_get(run->service, "ulimits");
	if (!map)
		map = docker_add(run, run->service, "ulimits", node_new(pool, NODE_MAP, run->place));
	if (!equals || !map) {
		complain_suggesting(run->normaliser, run->place, NULL,
				    "\"%.40s\" is not of the form NAME=SOFT[:HARD]", value);
		return;
	}
	const char *name = arena_strndup(pool->arena, value, (size_t)(equals - value));
	if (!colon) {
		docker_add(run, map, name ? name : "", node_text(pool, equals + 1, run->place));
		return;
	}
	struct node *limits = docker_add(run, map, name ? name : "", node_new(pool, NODE_MAP, run->place));
	const char *soft = arena_strndup(pool->arena, equals + 1, (size_t)(colon - equals - 1));
	if (limits && soft) {
		docker_add(run, limits, "soft", node_text(pool, soft, run->place));
		docker_add(run, limits, "hard", node_text(pool, colon + 1, run->place));
	}
}

/* A volume with a name must be under volumes too. */
static void declare_volume(struct docker_run *run, const char *value)
{
	struct node_pool *pool = run->normaliser->pool;
	size_t length = strcspn(value, ":");
	struct node *map = node_get(run->root, "volumes");
	const char *name = arena_strndup(pool->arena, value, length);
	if (!value[length] || !name || !length || strchr("/.~", *value))
		return;
	if (!map)
		map = docker_add(run, run->root, "volumes", node_new(pool, NODE_MAP, run->place));
	if (map && !node_get(map, name))
		docker_add(run, map, name, node_new(pool, NODE_NULL, run->place));
}

/* "/dev/vda:1m". */
static void add_rate(struct docker_run *run, const char *key, const char *value)
{
	struct node_pool *pool = run->normaliser->pool;
	const char *colon = strrchr(value, ':'), *name;
	const char *path = colon ? arena_strndup(pool->arena, value, (size_t)(colon - value)) : NULL;
	const char *where = arena_printf(pool->arena, "blkio_config.%s", key);
	if (!colon) {
		complain_suggesting(run->normaliser, run->place, NULL,
				    "\"%.60s\" is not of the form DEVICE:RATE", value);
		return;
	}
	struct node *parent = where ? find_parent(run, where, &name) : NULL;
	struct node *list = parent ? docker_list(run, parent, name) : NULL;
	struct node *item = list ? docker_add(run, list, NULL, node_new(pool, NODE_MAP, run->place)) : NULL;
	if (item && path) {
		docker_add(run, item, "path", node_text(pool, path, run->place));
		docker_add(run, item, "rate", node_text(pool, colon + 1, run->place));
	}
}

/* The CPU's time in a period, which may be said before or behind it. */
static void set_quota(struct docker_run *run, const char *key, const char *value)
{
	char *end, text[40];
	long long number = strtoll(value, &end, 10);
	if (!*value || *end || number < 1000 || number > 1000000000) {
		complain_suggesting(run->normaliser, run->place, NULL,
				    "\"%.40s\" is not a number of microseconds from 1000 on", value);
		return;
	}
	*(*key == 'q' ? &run->quota : &run->period) = number;
	if (!run->quota)
		return;
	snprintf(text, sizeof text, "%.3f", (double)run->quota / (double)(run->period ? run->period : 100000));
	docker_add(run, run->service, "cpus", node_text(run->normaliser->pool, text, run->place));
}

/* An entry point is one word, whatever is in it. */
static void keep_entrypoint_whole(struct docker_run *run)
{
	struct node *entry = node_get(run->service, "entrypoint");
	if (!entry || entry->kind != NODE_TEXT)
		return;
	struct node list = {.kind = NODE_LIST, .text = "", .at = entry->at};
	struct node *word = node_copy(run->normaliser->pool, entry);
	if (word)
		node_append(&list, word);
	node_become(entry, &list);
}

static void add_text(struct docker_run *run, const struct docker_option *option, const char *value)
{
	struct node_pool *pool = run->normaliser->pool;
	const char *name;
	if (strcmp(option->key, "volumes") == 0)
		declare_volume(run, value);
	if (strcmp(option->key, "aliases") == 0)
		run->aliased = run->place;
	struct node *parent = find_parent(run, option->key, &name);
	struct node *into =
		parent && option->shape == ADDS_TEXT ? docker_list(run, parent, name) : parent;
	const char *text =
		option->shape == SETS_SECONDS ? arena_printf(pool->arena, "%ss", value) : value;
	if (into && option->shape == SETS_TRUE)
		docker_add(run, into, name, node_bool(pool, true, run->place));
	else if (into && text)
		docker_add(run, into, name, node_text(pool, text, run->place));
	keep_entrypoint_whole(run);
}

static void add_mount(struct docker_run *run, const char *value)
{
	struct node *list = docker_list(run, run->service, "volumes");
	struct node *item = docker_mount_read(run->normaliser, run->place, value, run->root);
	if (list && item)
		node_append(list, item);
}

void docker_apply(struct docker_run *run, const struct docker_option *option, const char *value)
{
	switch (option->shape) {
	case TAKES_NOTHING:
	case TAKES_TEXT:
	case IS_REFUSED:
	case IS_REFUSED_FLAG:
		break;
	case ADDS_LIMIT:
		add_ulimit(run, value);
		break;
	case ADDS_RATE:
		add_rate(run, option->key, value);
		break;
	case ADDS_MOUNT:
		add_mount(run, value);
		break;
	case SETS_NETWORK:
		docker_set_network(run, value);
		break;
	case SETS_QUOTA:
		set_quota(run, option->key, value);
		break;
	case SETS_TRUE:
	case SETS_TEXT:
	case SETS_SECONDS:
	case ADDS_TEXT:
		add_text(run, option, value);
		break;
	}
}
