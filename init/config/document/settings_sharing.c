// SPDX-License-Identifier: Apache-2.0
/* Namespaces that a service shares, and devices of the machine. What gives power over the machine is
 * taken only from those who are trusted with it; sharing among services is not that. */
#include "init/config/document/resolve.h"
#include "init/config/document/settings.h"

#include <string.h>

enum { TEXT_MAX = 900 };

const struct schema_key settings_dangerous = {"", SCHEMA_ANY, SCHEMA_DANGEROUS, .help = ""};

const char *settings_shared(const struct binder *binder, const struct node *node)
{
	const char *named;
	return service_shared(node_get(binder->document->root, "services"), node->text, &named);
}

void settings_share(struct binder *binder, const struct node *node, const struct schema_key *row,
		    const struct node *parent)
{
	char text[TEXT_MAX];
	const char *service = settings_shared(binder, node);
	(void)parent;
	snprintf(text, sizeof text, service ? "service:%.100s" : "%.100s",
		 service ? service : node->text);
	settings_add(binder, node, strcmp(text, "host") == 0 ? &settings_dangerous : NULL, row->setting,
		     text);
}

/* {source: /dev/a, target: /dev/b, permissions: rw} as berth.device has it. */
static void add_device(struct binder *binder, const struct node *device,
		       const struct schema_key *row)
{
	char text[TEXT_MAX];
	const char *source = node_get_text(device, "source"), *target = node_get_text(device, "target");
	const char *permissions = node_get_text(device, "permissions");
	if (strchr(source, ':') || (target && strchr(target, ':'))) {
		settings_refuse(binder, device, "no device of the machine has a colon in its name");
		return;
	}
	snprintf(text, sizeof text, "%.400s:%.400s:%.10s", source, target ? target : source,
		 permissions ? permissions : "rwm");
	settings_add(binder, device, row, row->setting, text);
}

void settings_devices(struct binder *binder, const struct node *node, const struct schema_key *row,
		      const struct node *parent)
{
	unsigned index = 0;
	(void)parent;
	for (const struct node *device = node->first; device; device = device->next) {
		size_t mark = path_push_index(&binder->normaliser, index++);
		add_device(binder, device, row);
		path_pop(&binder->normaliser, mark);
	}
}

static void conflict(struct binder *binder, const struct node *value, const char *why)
{
	size_t mark = path_push(&binder->normaliser, value->key);
	problem_add(&binder->document->problems, PROBLEM_ERROR, value->at, binder->normaliser.path, NULL,
		    "%s", why);
	path_pop(&binder->normaliser, mark);
}

static bool is_host(const struct node *value)
{
	return value && (value->kind == NODE_BOOL ? value->integer : strcmp(value->text, "host") == 0);
}

/* What the machine would refuse (init/config/sharing.c), with its place. */
void settings_conflicts(struct binder *binder, const struct node *service)
{
	static const char *const powers[] = {"privileged", "pid", "network_mode"};
	const char *users = node_get_text(node_get(binder->document->root, "x-berth"), "userns");
	const struct node *hostname = node_get(service, "hostname");
	bool remapped = users && strcmp(users, "auto") == 0 && !node_get(service, "userns_mode");
	if (hostname && is_host(node_get(service, "uts")))
		conflict(binder, hostname, "is the container's own, and uts: host is the machine's: drop one");
	for (size_t i = 0; remapped && i < sizeof powers / sizeof *powers; i++)
		if (is_host(node_get(service, powers[i])))
			conflict(binder, node_get(service, powers[i]),
				 "does not go with users of the container's own (x-berth.userns): say "
				 "userns_mode: host in the service");
}
