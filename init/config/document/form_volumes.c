// SPDX-License-Identifier: Apache-2.0
/* Volumes: "data:/var/lib:ro", and devices: "/dev/a:/dev/b:rwm". */
#include "init/config/document/forms.h"

#include <string.h>

enum { PARTS_MAX = 3 };

/* Cuts "a:b:c" at its colons. -1 for more than three parts. */
static int cut(struct normaliser *normaliser, const char *text, const char *parts[PARTS_MAX])
{
	int count = 0;
	for (;;) {
		size_t length = strcspn(text, ":");
		if (count == PARTS_MAX ||
		    !(parts[count++] = arena_strndup(normaliser->pool->arena, text, length)))
			return -1;
		if (!text[length])
			return count;
		text += length + 1;
	}
}

/* What an option of a short form stands for: the member of the map it is in, and its value. */
static const struct volume_option {
	const char *name, *within, *member, *value;
} options[] = {
	{"ro", NULL, "read_only", "true"},
	{"rw", NULL, NULL, NULL},
	{"nocopy", "volume", "nocopy", "true"},
	{"z", "bind", "selinux", "z"},
	{"Z", "bind", "selinux", "Z"},
	{"cached", NULL, NULL, NULL},
	{"delegated", NULL, NULL, NULL},
	{"consistent", NULL, NULL, NULL},
	{"rprivate", "bind", "propagation", "rprivate"},
	{"private", "bind", "propagation", "private"},
	{"rshared", "bind", "propagation", "rshared"},
	{"shared", "bind", "propagation", "shared"},
	{"rslave", "bind", "propagation", "rslave"},
	{"slave", "bind", "propagation", "slave"},
};

static struct node *value_of(struct normaliser *normaliser, const struct volume_option *option,
			     struct position at)
{
	if (strcmp(option->value, "true") == 0)
		return node_bool(normaliser->pool, true, at);
	return node_text(normaliser->pool, option->value, at);
}

static void set_option(struct normaliser *normaliser, struct node *map,
		       const struct volume_option *option)
{
	struct node *into = map;
	if (!option->member)
		return;
	if (option->within && !(into = node_get(map, option->within))) {
		into = node_new(normaliser->pool, NODE_MAP, map->at);
		if (into)
			node_put(map, option->within, map->at, into);
	}
	struct node *value = value_of(normaliser, option, map->at);
	if (into && value && !node_get(into, option->member))
		node_put(into, option->member, map->at, value);
}

static const char *near_option(const char *text, size_t length, char out[40])
{
	char word[40], names[200] = "";
	snprintf(word, sizeof word, "%.*s", (int)(length < 39 ? length : 39), text);
	for (size_t i = 0; i < sizeof options / sizeof *options; i++)
		snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s", i ? "|" : "",
			 options[i].name);
	return schema_suggest_choice(names, word, out);
}

/* "ro,z". */
static void set_options(struct normaliser *normaliser, struct node *map, const struct node *item,
			const char *text)
{
	char near[40];
	while (*text) {
		size_t length = strcspn(text, ","), i = 0;
		while (i < sizeof options / sizeof *options &&
		       !(strlen(options[i].name) == length &&
			 memcmp(options[i].name, text, length) == 0))
			i++;
		if (i < sizeof options / sizeof *options)
			set_option(normaliser, map, &options[i]);
		else
			complain_suggesting(normaliser, item->at, near_option(text, length, near),
				 "\"%.*s\" is no option of a volume: ro, rw, z, Z, "
				 "nocopy, or a propagation such as rslave",
				 (int)length, text);
		text += length + (text[length] == ',');
	}
}

static bool is_path(const char *source)
{
	return *source == '/' || *source == '.' || *source == '~';
}

enum form_result form_volume(struct normaliser *normaliser, struct node *node)
{
	const char *parts[PARTS_MAX] = {NULL};
	if (node->kind != NODE_TEXT)
		return FORM_CHECK;
	int count = cut(normaliser, node->text, parts);
	if (count < 0 || !*parts[0] || (count > 1 && !*parts[1]))
		return complain(normaliser, node,
				"\"%.80s\" is not a volume: [SOURCE:]TARGET[:OPTIONS]", node->text);
	const char *source = count > 1 ? parts[0] : NULL, *target = parts[count > 1];
	bool bind = source && is_path(source);
	struct node *map = form_map(normaliser, node, "type", bind ? "bind" : "volume", "source",
				    source, "target", target, NULL);
	struct node *more = node_new(normaliser->pool, NODE_MAP, node->at);
	if (!map || !more)
		return FORM_DONE;
	if (bind) {
		struct node *create = node_bool(normaliser->pool, true, node->at);
		if (create)
			node_put(more, "create_host_path", node->at, create);
	}
	node_put(map, bind ? "bind" : "volume", node->at, more);
	set_options(normaliser, map, node, count > 2 ? parts[2] : "");
	node_become(node, map);
	return FORM_CHECK;
}

enum form_result form_device(struct normaliser *normaliser, struct node *node)
{
	const char *parts[PARTS_MAX] = {NULL};
	if (node->kind != NODE_TEXT)
		return FORM_CHECK;
	int count = cut(normaliser, node->text, parts);
	if (count < 0 || !*parts[0])
		return complain(normaliser, node,
				"\"%.80s\" is not a device: SOURCE[:TARGET[:PERMISSIONS]]",
				node->text);
	struct node *map = form_map(normaliser, node, "source", parts[0], "target",
				    count > 1 ? parts[1] : parts[0], "permissions",
				    count > 2 ? parts[2] : "rwm", NULL);
	if (!map)
		return FORM_DONE;
	node_become(node, map);
	return FORM_CHECK;
}
