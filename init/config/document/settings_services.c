// SPDX-License-Identifier: Apache-2.0
/* What services say of each other: who waits for whom, and names. */
#include "init/config/document/resolve.h"
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
	if (other && settings_replicas(other) == 0)
		return; /* nobody is there to wait for, as with docker compose */
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

static void bind_links(struct binder *binder, const struct node *service)
{
	const struct node *list = node_get(service, "links");
	unsigned index = 0;
	size_t outer = path_push(&binder->normaliser, "links");
	for (const struct node *item = list ? list->first : NULL; item; item = item->next) {
		size_t mark = path_push_index(&binder->normaliser, index++);
		settings_link(binder, service, item);
		path_pop(&binder->normaliser, mark);
	}
	path_pop(&binder->normaliser, outer);
}

static void bind_donors(struct binder *binder, const struct node *service)
{
	const struct node *services = node_get(binder->document->root, "services");
	const struct node *list = node_get(service, "volumes_from");
	char named[NAME_ROOM], text[NAME_ROOM];
	unsigned index = 0;
	size_t outer = path_push(&binder->normaliser, "volumes_from");
	for (const struct node *item = list ? list->first : NULL; item; item = item->next) {
		size_t mark = path_push_index(&binder->normaliser, index++);
		const char *name = service_donor(services, item->text, named);
		if (name && settings_replicas(node_get(services, name)) == 0)
			settings_refuse(binder, item, "is a service without a container (scale: 0)");
		else if (name) {
			snprintf(text, sizeof text, "%.100s%.4s", name, item->text + strlen(named));
			settings_add(binder, item, NULL, "service.volumes-from", text);
		}
		path_pop(&binder->normaliser, mark);
	}
	path_pop(&binder->normaliser, outer);
}

static void bind_users(struct binder *binder, const struct node *service)
{
	const struct node *mode = node_get(service, "userns_mode");
	size_t mark = path_push(&binder->normaliser, "userns_mode");
	if (mode)
		settings_add(binder, mode, &settings_dangerous, "service.userns-mode", mode->text);
	path_pop(&binder->normaliser, mark);
}

void settings_services(struct binder *binder, const struct node *service)
{
	bind_users(binder, service);
	settings_attachments(binder, service);
	if (!binder->several)
		return;
	settings_add(binder, service, NULL, "service.name", service->key);
	bind_dependencies(binder, service);
	bind_links(binder, service);
	bind_donors(binder, service);
}
