// SPDX-License-Identifier: Apache-2.0
#include "init/config/document/docker_mount.h"

#include <stdlib.h>
#include <string.h>

enum shape {
	TEXT,
	FLAG, /* alone, or true or false */
	OCTAL,
	NOTHING,     /* has no meaning in a machine */
	DRIVER,      /* of the volume itself */
	DRIVER_PAIR, /* NAME=VALUE */
	RECURSION,
};

static const struct field {
	const char *name;
	enum shape shape;
	const char *group, *key; /* where it stands in the item: in the map `group`, or "" */
} fields[] = {
	{"type", TEXT, "", "type"},
	{"source", TEXT, "", "source"},
	{"src", TEXT, "", "source"},
	{"target", TEXT, "", "target"},
	{"destination", TEXT, "", "target"},
	{"dst", TEXT, "", "target"},
	{"readonly", FLAG, "", "read_only"},
	{"ro", FLAG, "", "read_only"},
	{"consistency", NOTHING, "", ""},
	{"bind-propagation", TEXT, "bind", "propagation"},
	{"bind-recursive", RECURSION, "bind", "recursive"},
	{"volume-nocopy", FLAG, "volume", "nocopy"},
	{"volume-subpath", TEXT, "volume", "subpath"},
	{"volume-label", NOTHING, "volume", ""},
	{"volume-driver", DRIVER, "volume", "driver"},
	{"volume-opt", DRIVER_PAIR, "volume", "driver_opts"},
	{"tmpfs-size", TEXT, "tmpfs", "size"},
	{"tmpfs-mode", OCTAL, "tmpfs", "mode"},
};

struct mount {
	struct normaliser *normaliser;
	struct position place;
	struct node *item, *driver; /* of the volume: what is said of itself */
	bool bad;
};

static void wrong(struct mount *mount, const char *reason, const char *text)
{
	mount->bad = true;
	complain_suggesting(mount->normaliser, mount->place, NULL, "--mount: \"%.60s\" %s", text,
			    reason);
}

static void put(struct mount *mount, struct node *map, const char *key, struct node *value)
{
	struct node *there = map ? node_get(map, key) : NULL;
	if (!map || !value) {
		mount->bad = true;
		complain_suggesting(mount->normaliser, mount->place, NULL,
				    "the document is too large");
	} else if (there) {
		node_become(there, value); /* the last one counts */
	} else {
		node_put(map, key, mount->place, value);
	}
}

static struct node *map_of(struct mount *mount, struct node *parent, const char *key)
{
	struct node *map = node_get(parent, key);
	if (!map) {
		map = node_new(mount->normaliser->pool, NODE_MAP, mount->place);
		put(mount, parent, key, map);
	}
	return map;
}

static void put_pair(struct mount *mount, const char *pair)
{
	const char *equals = strchr(pair, '=');
	struct arena *arena = mount->normaliser->pool->arena;
	const char *name = equals ? arena_strndup(arena, pair, (size_t)(equals - pair)) : NULL;
	if (!equals || equals == pair) {
		wrong(mount, "is not of the form volume-opt=NAME=VALUE", pair);
		return;
	}
	struct node *options = map_of(mount, mount->driver, "driver_opts");
	if (options && name)
		put(mount, options, name,
		    node_text(mount->normaliser->pool, equals + 1, mount->place));
}

static void put_field(struct mount *mount, const struct field *field, const char *value)
{
	struct node_pool *pool = mount->normaliser->pool;
	struct node *map = mount->item;
	char *end;
	if (*field->group && field->shape != NOTHING && field->shape != DRIVER &&
	    field->shape != DRIVER_PAIR && field->shape != RECURSION)
		map = map_of(mount, mount->item, field->group);
	switch (field->shape) {
	case TEXT:
		put(mount, map, field->key, node_text(pool, value, mount->place));
		break;
	case FLAG:
		if (!schema_is_choice("true|1|false|0", value))
			wrong(mount, "is neither true nor false", value);
		else
			put(mount, map, field->key,
			    node_bool(pool, *value == 't' || *value == '1', mount->place));
		break;
	case OCTAL: {
		unsigned long mode = strtoul(value, &end, 8);
		if (!*value || *end || mode > 07777)
			wrong(mount, "are not permissions such as 1777", value);
		else
			put(mount, map, field->key,
			    node_integer(pool, (int64_t)mode, mount->place));
		break;
	}
	case DRIVER:
		put(mount, mount->driver, "driver", node_text(pool, value, mount->place));
		break;
	case DRIVER_PAIR:
		put_pair(mount, value);
		break;
	case RECURSION:
		if (strcmp(value, "enabled") != 0)
			wrong(mount, "cannot be had: what is mounted below the source comes along",
			      value);
		break;
	case NOTHING:
		break;
	}
}

static void take(struct mount *mount, char *text)
{
	char *equals = strchr(text, '=');
	const struct field *field = fields, *end = fields + sizeof fields / sizeof *fields;
	if (equals)
		*equals = 0;
	while (field < end && strcmp(field->name, text) != 0)
		field++;
	if (field == end)
		wrong(mount,
		      "is no part of a mount: type, source, target, readonly, bind-propagation, "
		      "volume-nocopy, volume-subpath, volume-driver, volume-opt, tmpfs-size, "
		      "tmpfs-mode",
		      text);
	else if (!equals && field->shape != FLAG)
		wrong(mount, "has no value", text);
	else
		put_field(mount, field, equals ? equals + 1 : "true");
}

/* Cuts the next field off, in place; quotes are around it whole, and two of them stand for one. */
static char *next_field(char **at)
{
	char *from = *at, *to = *at, *start = *at;
	bool quoted = *from == '"';
	if (!*from)
		return NULL;
	from += quoted;
	for (; *from && (quoted || *from != ','); from++) {
		if (quoted && *from == '"' && *++from != '"') {
			quoted = false;
			if (*from == ',' || !*from)
				break;
		}
		*to++ = *from;
	}
	*at = *from ? from + 1 : from;
	*to = 0;
	return start;
}

static const char *text_of(const struct mount *mount, const char *key)
{
	const char *text = node_get_text(mount->item, key);
	return text ? text : "";
}

/* A volume with a name, and what is said of itself. */
static void declare(struct mount *mount, struct node *root)
{
	const char *source = text_of(mount, "source");
	if (*source) {
		struct node *volumes = map_of(mount, root, "volumes");
		if (volumes && (mount->driver->count || !node_get(volumes, source)))
			put(mount, volumes, source, mount->driver);
	} else if (mount->driver->count) {
		wrong(mount, "has no name, which a volume with a driver needs: source=", "volume");
	}
}

static void check(struct mount *mount)
{
	static const char *const groups[] = {"bind", "volume", "tmpfs"};
	const char *type = text_of(mount, "type");
	if (!schema_is_choice("bind|volume|tmpfs", type)) {
		wrong(mount, "is nothing that is mounted: type=bind, volume or tmpfs", type);
		return;
	}
	for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
		if (strcmp(groups[i], type) != 0 && node_get(mount->item, groups[i]))
			wrong(mount, "does not go with the other type's parts", type);
	if (!*text_of(mount, "target"))
		wrong(mount, "says not where: target=", type);
	if (strcmp(type, "bind") == 0 && *text_of(mount, "source") == 0)
		wrong(mount, "says not what: source=", type);
	if (strcmp(type, "tmpfs") == 0 && *text_of(mount, "source"))
		wrong(mount, "has no source", type);
}

struct node *docker_mount_read(struct normaliser *normaliser, struct position place,
			       const char *text, struct node *root)
{
	struct node_pool *pool = normaliser->pool;
	struct mount mount = {.normaliser = normaliser,
			      .place = place,
			      .item = node_new(pool, NODE_MAP, place),
			      .driver = node_new(pool, NODE_MAP, place)};
	char *copy = arena_strdup(pool->arena, text), *field;
	if (!mount.item || !mount.driver || !copy) {
		complain_suggesting(normaliser, place, NULL, "the document is too large");
		return NULL;
	}
	put(&mount, mount.item, "type", node_text(pool, "volume", place));
	while ((field = next_field(&copy)))
		take(&mount, field);
	if (!mount.bad)
		check(&mount);
	if (!mount.bad && strcmp(text_of(&mount, "type"), "bind") == 0) /* other than -v does */
		put(&mount, map_of(&mount, mount.item, "bind"), "create_host_path",
		    node_bool(pool, false, place));
	if (!mount.bad && strcmp(text_of(&mount, "type"), "volume") == 0)
		declare(&mount, root);
	return mount.bad ? NULL : mount.item;
}
