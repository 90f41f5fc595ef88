// SPDX-License-Identifier: Apache-2.0
/* What a service has mounted: berth.tmpfs and berth.volume, the latter in Compose's short form. */
#include "init/config/document/paths.h"
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
	const struct node *group = node_at(mount, "tmpfs.x-berth-group");
	int used = snprintf(text, sizeof text, "%.400s:%s", node_get_text(mount, "target"),
			    is_true(node_get(mount, "read_only")) ? "ro" : "rw");
	if (size)
		used += snprintf(text + used, sizeof text - (size_t)used, ",size=%.20s", size->text);
	if (mode)
		used += snprintf(text + used, sizeof text - (size_t)used, ",mode=%llo",
				 (unsigned long long)mode->integer);
	if (group)
		snprintf(text + used, sizeof text - (size_t)used, ",gid=%lld", (long long)group->integer);
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

/* The mount as a bind of what the volume is. Whoever says that has a part in it. */
static struct node *as_bind(struct binder *binder, const struct node *mount, const struct node *options)
{
	struct node_pool *pool = &binder->document->pool;
	const struct node *device = node_get(options, "device"), *part = node_at(mount, "volume.subpath");
	const char *path = path_absolute(&binder->normaliser, device, &binder->document->options);
	const char *whole = path && part ? arena_printf(pool->arena, "%s/%s", path, part->text) : path;
	bool read_only = is_true(node_get(mount, "read_only")) || volume_has_word(options, "ro");
	struct node *map = node_new(pool, NODE_MAP, mount->at);
	struct node *members[] = {whole ? node_text(pool, whole, device->at) : NULL,
				  node_text(pool, node_get_text(mount, "target"), mount->at),
				  node_bool(pool, read_only, mount->at), node_copy(pool, options)};
	static const char *const names[] = {"source", "target", "read_only", "options"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (!map || !members[i])
			return NULL;
		node_put(map, names[i], mount->at, members[i]);
	}
	return map;
}

static void bind_bound_volume(struct binder *binder, const struct node *service, const struct node *mount,
			      const struct node *options)
{
	const struct node *bind = as_bind(binder, mount, options);
	if (bind)
		settings_bind(binder, service, bind);
	else
		settings_refuse(binder, mount, "is more than there is memory for, or no path");
}

static void bind_volume(struct binder *binder, const struct node *service, const struct node *mount)
{
	char text[TEXT_MAX];
	const struct node *source = node_get(mount, "source"), *target = node_get(mount, "target");
	const struct node *part = node_at(mount, "volume.subpath");
	const struct node *mode = node_at(mount, "volume.x-berth-mode");
	const struct node *group = node_at(mount, "volume.x-berth-group");
	const struct node *volume =
		source ? node_get(node_get(binder->document->root, "volumes"), source->text) : NULL;
	const char *name = volume ? node_get_text(volume, "name") : NULL;
	if (!fits(binder, target, ":") || !fits(binder, part, ":,"))
		return;
	if (volume && volume_is_bind(node_get(volume, "driver_opts"))) {
		if (node_get(node_get(volume, "driver_opts"), "device")) /* its lack is said elsewhere */
			bind_bound_volume(binder, service, mount, node_get(volume, "driver_opts"));
		return;
	}
	int used = snprintf(text, sizeof text, "%.220s:%.420s:%s%s%s", name ? name : "", target->text,
			    is_true(node_get(mount, "read_only")) ? "ro" : "rw",
			    is_true(node_at(mount, "volume.nocopy")) ? ",nocopy" : "",
			    volume && is_true(node_get(volume, "external")) ? ",external" : "");
	if (mode)
		used += snprintf(text + used, sizeof text - (size_t)used, ",mode=%llo",
				 (unsigned long long)mode->integer);
	if (group)
		used += snprintf(text + used, sizeof text - (size_t)used, ",gid=%lld",
				 (long long)group->integer);
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
			bind_volume(binder, service, mount);
		path_pop(&binder->normaliser, mark);
	}
}
