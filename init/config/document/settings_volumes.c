// SPDX-License-Identifier: Apache-2.0
/* Volumes that are no folders of the store: what driver_opts of Docker's driver `local` say. */
#include "init/config/document/paths.h"
#include "init/config/document/settings.h"
#include "init/config/volume_sources.h"

#include <string.h>

enum { TEXT_MAX = 1400 };

static int mistake(struct binder *binder, const struct node *node, const char *why)
{
	return problem_add(&binder->document->problems, PROBLEM_ERROR, node->at,
			   binder->normaliser.path, NULL, "%s", why);
}

/* The three options that there are, and no others. */
static int check_names(struct binder *binder, const struct node *options)
{
	static const char *const needed[] = {"type", "device"};
	int result = 0;
	for (const struct node *at = options->first; at; at = at->next) {
		size_t mark = path_push(&binder->normaliser, at->key);
		if (strcmp(at->key, "size") == 0)
			result = mistake(
				binder, at,
				"the machine's file systems have no quotas: of a tmpfs the size is "
				"said in o");
		else if (!schema_is_choice("type|o|device", at->key))
			result = mistake(binder, at,
					 "the driver local has no such option: type, o, device");
		path_pop(&binder->normaliser, mark);
	}
	for (size_t i = 0; i < sizeof needed / sizeof *needed && result == 0; i++)
		if (!node_get_text(options, needed[i]) || !*node_get_text(options, needed[i]))
			result = mistake(binder, options,
					 i ? "lacks the key device" : "lacks the key type");
	return result;
}

typedef int check_part(const char *type, const char *text, struct error *err);

static int check_type(const char *type, const char *text, struct error *err)
{
	enum volume_kind kind;
	(void)type;
	return volume_type_parse(text, &kind, err);
}

static int check_device(const char *type, const char *text, struct error *err)
{
	enum volume_kind kind;
	return volume_type_parse(type, &kind, err) < 0 ? 0 : volume_device_check(kind, text, err);
}

/* Each with its own place. */
static int check_parts(struct binder *binder, const struct node *options)
{
	static const struct {
		const char *key;
		check_part *check;
	} parts[] = {{"type", check_type}, {"device", check_device}, {"o", volume_options_check}};
	const char *type = node_get_text(options, "type");
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		const struct node *part = node_get(options, parts[i].key);
		struct error err = ERROR_INIT;
		if (!part || parts[i].check(type, part->text, &err) == 0)
			continue;
		size_t mark = path_push(&binder->normaliser, parts[i].key);
		settings_refuse(binder, part, err.text);
		path_pop(&binder->normaliser, mark);
		return -1;
	}
	return 0;
}

static void add_volume(struct binder *binder, const struct node *volume, const struct node *options)
{
	char text[TEXT_MAX];
	const char *words = node_get_text(options, "o");
	if (check_names(binder, options) < 0)
		return;
	if (volume_is_bind(options) || check_parts(binder, options) < 0)
		return; /* a bind is mounted as one */
	snprintf(text, sizeof text, "%.220s,%.20s,%.130s%s%s", node_get_text(volume, "name"),
		 node_get_text(options, "type"), node_get_text(options, "device"),
		 words && *words ? "," : "", words ? words : "");
	settings_add(binder, options, NULL, "machine.volume", text);
}

static bool is_mounted(const struct node *service, const char *name)
{
	const struct node *mounts = node_get(service, "volumes");
	for (const struct node *at = mounts ? mounts->first : NULL; at; at = at->next) {
		const char *source = node_get_text(at, "source");
		if (strcmp(node_get_text(at, "type"), "volume") == 0 && source &&
		    strcmp(source, name) == 0)
			return true;
	}
	return false;
}

static bool is_used(const struct binder *binder, const char *name)
{
	const struct node *services = node_get(binder->document->root, "services");
	for (const struct node *service = services->first; service; service = service->next)
		if (settings_replicas(service) && is_mounted(service, name))
			return true;
	return false;
}

void settings_volumes(struct binder *binder)
{
	const struct node *volumes = node_get(binder->document->root, "volumes");
	size_t outer = path_push(&binder->normaliser, "volumes");
	for (const struct node *at = volumes ? volumes->first : NULL; at; at = at->next) {
		const struct node *options = node_get(at, "driver_opts");
		if (!options || !options->count || !is_used(binder, at->key))
			continue;
		size_t mark = path_push(&binder->normaliser, at->key);
		path_push(&binder->normaliser, "driver_opts");
		add_volume(binder, at, options);
		path_pop(&binder->normaliser, mark);
	}
	path_pop(&binder->normaliser, outer);
}
