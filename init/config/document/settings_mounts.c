// SPDX-License-Identifier: Apache-2.0
/* What a service has mounted: berth.tmpfs and berth.volume, the latter in Compose's short form. */
#include "init/config/document/settings.h"

#include <string.h>

enum { TEXT_MAX = 1400 };

static bool is_true(const struct node *node)
{
	return node && node->integer;
}

/* {type: tmpfs, target: /run, tmpfs: {size: …, mode: …}} as berth.tmpfs has it. */
static void bind_tmpfs(struct binder *binder, const struct node *mount)
{
	char text[600];
	const struct node *size = node_at(mount, "tmpfs.size"), *mode = node_at(mount, "tmpfs.mode");
	int used = snprintf(text, sizeof text, "%.400s:%s", node_get_text(mount, "target"),
			    is_true(node_get(mount, "read_only")) ? "ro" : "rw");
	if (size)
		used += snprintf(text + used, sizeof text - (size_t)used, ",size=%.20s", size->text);
	if (mode)
		snprintf(text + used, sizeof text - (size_t)used, ",mode=%llo",
			 (unsigned long long)mode->integer);
	settings_add(binder, mount, NULL, "berth.tmpfs", text);
}

/* A colon or comma would be read as the end of a part. */
static bool fits(struct binder *binder, const struct node *node, const char *parting)
{
	if (!node || !strpbrk(node->text, parting))
		return true;
	settings_refuse(binder, node, "the machine mounts nothing with a colon or comma in its name");
	return false;
}

static bool is_plain_volume(struct binder *binder, const struct node *volume)
{
	const struct node *options = node_get(volume, "driver_opts");
	if (!options || !options->count)
		return true;
	settings_refuse(binder, options, "volumes of the machine are folders of its data disk, without "
					 "options");
	return false;
}

static void bind_volume(struct binder *binder, const struct node *mount)
{
	char text[TEXT_MAX];
	const struct node *source = node_get(mount, "source"), *target = node_get(mount, "target");
	const struct node *part = node_at(mount, "volume.subpath");
	const struct node *volume =
		source ? node_get(node_get(binder->document->root, "volumes"), source->text) : NULL;
	const char *name = volume ? node_get_text(volume, "name") : NULL;
	if (!fits(binder, target, ":") || !fits(binder, part, ":,") ||
	    (volume && !is_plain_volume(binder, volume)))
		return;
	int used = snprintf(text, sizeof text, "%.220s:%.420s:%s%s%s", name ? name : "", target->text,
			    is_true(node_get(mount, "read_only")) ? "ro" : "rw",
			    is_true(node_at(mount, "volume.nocopy")) ? ",nocopy" : "",
			    volume && is_true(node_get(volume, "external")) ? ",external" : "");
	if (part)
		snprintf(text + used, sizeof text - (size_t)used, ",subpath=%.420s", part->text);
	settings_add(binder, mount, NULL, "berth.volume", text);
}

void settings_mounts(struct binder *binder, const struct node *list, const struct node *service)
{
	unsigned index = 0;
	for (const struct node *mount = list->first; mount; mount = mount->next) {
		const char *type = node_get_text(mount, "type");
		size_t mark = path_push_index(&binder->normaliser, index++);
		if (strcmp(type, "tmpfs") == 0)
			bind_tmpfs(binder, mount);
		else if (strcmp(type, "bind") == 0)
			settings_bind(binder, service, mount);
		else
			bind_volume(binder, mount);
		path_pop(&binder->normaliser, mark);
	}
}
