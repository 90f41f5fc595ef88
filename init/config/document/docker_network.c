// SPDX-License-Identifier: Apache-2.0
/* The networks of a `docker run …`. */
#include "init/config/document/docker_run.h"

#include <string.h>

/* A network with a name, which is made. */
static void attach(struct docker_run *run, const char *name)
{
	struct node_pool *pool = run->normaliser->pool;
	struct node *known = node_get(run->root, "networks"), *own = node_get(run->service, "networks");
	if (!known)
		known = docker_add(run, run->root, "networks", node_new(pool, NODE_MAP, run->place));
	if (!own)
		own = docker_add(run, run->service, "networks", node_new(pool, NODE_MAP, run->place));
	if (known && own) {
		docker_add(run, known, name, node_new(pool, NODE_MAP, run->place));
		run->network = docker_add(run, own, name, node_new(pool, NODE_MAP, run->place));
	}
}

/* "alias=x" of the long form, behind its name. */
static void take_network_part(struct docker_run *run, const char *part)
{
	static const struct {
		const char *name, *key;
	} parts[] = {{"alias=", "aliases"}, {"mac-address=", "mac_address"}, {"gw-priority=", "gw_priority"}};
	struct node_pool *pool = run->normaliser->pool;
	for (size_t i = 0; run->network && i < sizeof parts / sizeof *parts; i++) {
		size_t length = strlen(parts[i].name);
		if (strncmp(part, parts[i].name, length) != 0)
			continue;
		struct node *value = node_text(pool, part + length, run->place);
		struct node *list = i == 0 ? docker_list(run, run->network, parts[i].key) : NULL;
		docker_add(run, list ? list : run->network, parts[i].key, value);
		return;
	}
	if (run->network)
		complain_suggesting(run->normaliser, run->place, NULL,
				    "\"%.60s\" is no part of --network here: name (at first), alias, "
				    "mac-address, gw-priority; for the rest write networks in Compose YAML",
				    part);
}

void docker_set_network(struct docker_run *run, const char *value)
{
	struct node_pool *pool = run->normaliser->pool;
	char *copy = arena_strdup(pool->arena, value), *part;
	if (schema_is_choice("bridge|host|none|default", value) || strchr(value, ':')) {
		docker_add(run, run->service, "network_mode", node_text(pool, value, run->place));
		return;
	}
	char *name = copy ? strsep(&copy, ",") : NULL;
	if (!name)
		return;
	attach(run, strncmp(name, "name=", 5) == 0 ? name + 5 : name);
	while ((part = strsep(&copy, ",")))
		take_network_part(run, part);
}

void docker_move_aliases(struct docker_run *run)
{
	struct node *aliases = node_get(run->service, "aliases");
	if (!aliases)
		return;
	node_remove(run->service, aliases);
	run->place = run->aliased;
	struct node *list = run->network ? docker_list(run, run->network, "aliases") : NULL;
	for (const struct node *at = list ? aliases->first : NULL; at; at = at->next)
		docker_add(run, list, NULL, node_text(run->normaliser->pool, at->text, at->at));
	if (!run->network)
		complain_suggesting(run->normaliser, run->place, NULL,
				    "--network-alias needs a network with a name: --network NAME");
}
