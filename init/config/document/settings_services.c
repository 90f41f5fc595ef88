// SPDX-License-Identifier: Apache-2.0
/* What services say of each other: who waits for whom, names, networks. */
#include "init/config/document/settings.h"

#include <string.h>

/* Whoever is always started again is never done. */
static bool never_ends(const struct node *service)
{
	const char *restart = node_get_text(service, "restart");
	return restart && (strcmp(restart, "always") == 0 || strcmp(restart, "unless-stopped") == 0);
}

/* It can also be the image that has no test; that is seen when the image is there. */
static bool is_untested(const struct node *service)
{
	const struct node *disable = node_at(service, "healthcheck.disable");
	const struct node *test = node_at(service, "healthcheck.test");
	return (disable && disable->integer) ||
	       (test && test->first && strcmp(test->first->text, "NONE") == 0);
}

static void bind_dependency(struct binder *binder, const struct node *item)
{
	char text[160];
	const char *condition = node_get_text(item, "condition");
	const struct node *required = node_get(item, "required");
	const struct node *other =
		node_get(node_get(binder->document->root, "services"), item->key);
	snprintf(text, sizeof text, "%.64s:%.60s%s", item->key, condition,
		 required && !required->integer ? ":optional" : "");
	if (strcmp(condition, "service_healthy") == 0 && other && is_untested(other))
		settings_refuse(binder, item,
				"waits for the health of a service whose test is turned off");
	else if (strcmp(condition, "service_completed_successfully") == 0 && other && never_ends(other))
		settings_refuse(binder, item,
				"waits for the end of a service that is always started again");
	else
		settings_add(binder, item, NULL, "service.depends-on", text);
}

static void bind_dependencies(struct binder *binder, const struct node *service)
{
	const struct node *map = node_get(service, "depends_on");
	size_t outer = path_push(&binder->normaliser, "depends_on");
	for (const struct node *item = map ? map->first : NULL; item; item = item->next) {
		size_t mark = path_push(&binder->normaliser, item->key);
		bind_dependency(binder, item);
		path_pop(&binder->normaliser, mark);
	}
	path_pop(&binder->normaliser, outer);
}

static void bind_texts(struct binder *binder, const struct node *list, const char *name,
		       const char *key)
{
	size_t mark = path_push(&binder->normaliser, name);
	for (const struct node *item = list ? list->first : NULL; item; item = item->next)
		settings_add(binder, item, NULL, key, item->text);
	path_pop(&binder->normaliser, mark);
}

/* What a network of the document may say: nothing that the bridge is not. */
static void check_network(struct binder *binder, const char *name)
{
	const struct node *network = node_get(node_get(binder->document->root, "networks"), name);
	for (const struct node *key = network ? network->first : NULL; key; key = key->next) {
		bool plain = strcmp(key->key, "name") == 0 || strcmp(key->key, "labels") == 0 ||
			     (node_is_scalar(key) && strcmp(key->text, "bridge") == 0) ||
			     (key->kind == NODE_BOOL && !key->integer) ||
			     !strncmp(key->key, "x-", 2);
		if (!plain)
			settings_refuse(binder, key,
					"this version of the machine has one plain network for its "
					"containers");
	}
}

/* The first network that a service of the document is on. */
static const char *the_network(const struct binder *binder)
{
	const struct node *services = node_get(binder->document->root, "services");
	for (const struct node *at = services->first; at; at = at->next) {
		const struct node *networks = node_get(at, "networks");
		if (networks && networks->count)
			return networks->first->key;
	}
	return "";
}

static void bind_attachment(struct binder *binder, const struct node *item)
{
	for (const struct node *key = item->first; key; key = key->next) {
		if (strcmp(key->key, "aliases") != 0)
			settings_refuse(binder, key, "this version of the machine does not do it");
		else if (binder->several)
			bind_texts(binder, key, "aliases", "service.alias");
	}
}

/* On one machine a network of the document is the bridge, unless it asks for more. Two of them would
 * keep services apart, which the bridge does not. */
static void bind_networks(struct binder *binder, const struct node *service)
{
	const struct node *networks = node_get(service, "networks");
	size_t outer = path_push(&binder->normaliser, "networks");
	for (const struct node *item = networks ? networks->first : NULL; item; item = item->next) {
		size_t mark = path_push(&binder->normaliser, item->key);
		if (strcmp(item->key, the_network(binder)) != 0)
			settings_refuse(binder, item,
					"all containers of this version are on one network, and "
					"others are on another one");
		bind_attachment(binder, item);
		check_network(binder, item->key);
		path_pop(&binder->normaliser, mark);
	}
	path_pop(&binder->normaliser, outer);
}

void settings_services(struct binder *binder, const struct node *service)
{
	bind_networks(binder, service);
	if (!binder->several)
		return;
	settings_add(binder, service, NULL, "service.name", service->key);
	bind_dependencies(binder, service);
	bind_texts(binder, node_get(service, "links"), "links", "service.link");
}
