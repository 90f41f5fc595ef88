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
