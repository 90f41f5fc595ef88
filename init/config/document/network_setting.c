// SPDX-License-Identifier: Apache-2.0
#include "init/config/document/network_setting.h"

#include <stdio.h>
#include <string.h>

const char network_host_binding[] = "com.docker.network.bridge.host_binding_ipv4";

void network_setting_put(struct network_setting *setting, const char *key, const char *value)
{
	size_t left = sizeof setting->out - setting->used;
	int length = snprintf(setting->out + setting->used, left, "%s%s%s%s", setting->used ? "," : "",
			      key, *key && *value ? "=" : "", value);
	if (strchr(value, ','))
		settings_refuse(setting->binder, setting->whole, "a name or value with a comma in it");
	else if ((size_t)length >= left)
		settings_refuse(setting->binder, setting->whole, "more is said of a network than it can take");
	else
		setting->used += (size_t)length;
}

const struct node *document_network(const struct binder *binder, const char *name)
{
	return node_get(node_get(binder->document->root, "networks"), name);
}

const char *network_docker_mode(const struct binder *binder, const char *name)
{
	const struct node *network = document_network(binder, name);
	const struct node *external = node_get(network, "external");
	const char *real = node_get_text(network, "name");
	if (!external || !external->integer || !real)
		return NULL;
	return schema_is_choice("host|none|bridge", real) ? real : NULL;
}

void settings_refuse_member(struct binder *binder, const struct node *member, const char *why)
{
	size_t mark = path_push(&binder->normaliser, member->key);
	settings_refuse(binder, member, why);
	path_pop(&binder->normaliser, mark);
}
