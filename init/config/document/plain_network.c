// SPDX-License-Identifier: Apache-2.0
/* Whether a document's networks are no other than the one that a machine has by itself. */
#include "init/config/document/network_setting.h"

#include <string.h>

static bool is_bridge_mode(const char *mode)
{
	return strcmp(mode, "bridge") == 0 || strcmp(mode, "default") == 0;
}

static bool is_flag(const struct node *node, bool value)
{
	return node->kind == NODE_BOOL && (node->integer != 0) == value;
}

static bool is_extension(const struct node *node)
{
	return strncmp(node->key, "x-", 2) == 0;
}

/* Nothing that makes it another one than the network that a machine has by itself. */
static bool is_plain_member(const struct node *key)
{
	if (schema_is_choice("name|labels|attachable", key->key) || is_extension(key))
		return true;
	if (schema_is_choice("internal|enable_ipv6|external", key->key))
		return is_flag(key, false);
	if (strcmp(key->key, "enable_ipv4") == 0)
		return is_flag(key, true);
	if (strcmp(key->key, "driver") == 0)
		return strcmp(key->text, "bridge") == 0;
	return !node_is_scalar(key) && key->count == 0;
}

static bool is_plain_network(const struct binder *binder, const char *name)
{
	const struct node *network = document_network(binder, name);
	for (const struct node *key = network ? network->first : NULL; key; key = key->next)
		if (!is_plain_member(key))
			return false;
	return true;
}

static bool is_plain_attachment(const struct node *item)
{
	for (const struct node *key = item->first; key; key = key->next)
		if (!schema_is_choice("aliases|priority", key->key) && !is_extension(key))
			return false;
	return true;
}

/* One more network that is used: false when it is not the only one. "" is that of nobody's name. */
static bool is_only(const char **only, const char *name)
{
	if (!*only)
		*only = name;
	return strcmp(*only, name) == 0;
}

static bool is_plain_service(const struct binder *binder, const struct node *service,
			     const char **only)
{
	const char *mode = node_get_text(service, "network_mode");
	const struct node *networks = node_get(service, "networks");
	if (node_get(service, "mac_address"))
		return false;
	if (mode)
		return !is_bridge_mode(mode) || is_only(only, "");
	for (const struct node *at = networks ? networks->first : NULL; at; at = at->next) {
		const char *external = network_docker_mode(binder, at->key);
		if (external && strcmp(external, "bridge") != 0)
			continue;
		if (!is_only(only, external ? "" : at->key) || !is_plain_attachment(at) ||
		    (!external && !is_plain_network(binder, at->key)))
			return false;
	}
	return true;
}

bool network_is_plain(const struct binder *binder)
{
	const struct node *services = node_get(binder->document->root, "services");
	const char *only = NULL;
	for (const struct node *at = services->first; at; at = at->next)
		if (!is_plain_service(binder, at, &only))
			return false;
	return true;
}
