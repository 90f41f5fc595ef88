// SPDX-License-Identifier: Apache-2.0
/* From the normal form to settings: every value either becomes one, needs none, or is reported. */
#include "init/config/document/document.h"

#include "init/config/document/normalise.h"
#include "init/config/document/schema_parts.h"
#include "init/config/document/settings.h"

#include <string.h>

uint32_t settings_layers(const struct node *node)
{
	uint32_t layers = node->at.file < 32 ? UINT32_C(1) << node->at.file : 0;
	for (const struct node *child = node->first; child; child = child->next)
		layers |= settings_layers(child);
	return layers;
}

void settings_add(struct binder *binder, const struct node *from, const struct schema_key *row,
		  const char *key, const char *value)
{
	struct setting_list *out = binder->out;
	struct arena *arena = &binder->document->arena;
	const char *copy = value ? arena_strdup(arena, value) : NULL;
	const char *path = arena_strdup(arena, binder->normaliser.path);
	if (!copy || !path || out->count == SETTINGS_MAX) {
		settings_refuse(binder, from, "is more than the machine has room for");
		return;
	}
	out->items[out->count++] = (struct setting){key,
						    copy,
						    path,
						    from->at,
						    row && (row->flags & SCHEMA_DANGEROUS),
						    settings_layers(from),
						    binder->service};
}

void settings_refuse(struct binder *binder, const struct node *from, const char *why)
{
	problem_add(&binder->document->problems, PROBLEM_UNSUPPORTED, from->at,
		    binder->normaliser.path, NULL, "%s", why);
}

static void bind_map(struct binder *binder, const struct node *map, const struct schema_key *row);

static void bind_list(struct binder *binder, const struct node *list, const struct schema_key *row)
{
	unsigned index = 0;
	for (const struct node *item = list->first; item; item = item->next) {
		size_t mark = path_push_index(&binder->normaliser, index++);
		bind_map(binder, item, row);
		path_pop(&binder->normaliser, mark);
	}
}

/* Is there a row below that a setting or nothing at all does? Otherwise one line says so for all.
 */
static bool has_settings(const struct schema_key *row)
{
	const struct schema_key *below = row->members ? row->members
					 : row->item  ? row->item->members
						      : NULL;
	if (row->setting)
		return true;
	for (; below && below->name; below++)
		if (has_settings(below))
			return true;
	return false;
}

static void bind_names(struct binder *binder, const struct node *map, const struct schema_key *row)
{
	for (const struct node *item = map->first; item; item = item->next) {
		size_t mark = path_push(&binder->normaliser, item->key);
		bind_map(binder, item, row);
		path_pop(&binder->normaliser, mark);
	}
}

static bool says_something(const struct node *node)
{
	if (node->kind == NODE_BOOL)
		return node->integer;
	return node->kind != NODE_NULL && (node_is_scalar(node) || node->count);
}

static void bind_value(struct binder *binder, const struct node *node, const struct schema_key *row,
		       const struct node *parent)
{
	if (row->flags & (SCHEMA_NO_EFFECT | SCHEMA_OF_SERVICES))
		return;
	if (strcmp(row->name, "volumes") == 0 && row->type == SCHEMA_LIST)
		settings_mounts(binder, node, parent);
	else if (row->members == schema_logging)
		settings_logging(binder, node);
	else if (row->setting)
		settings_value(binder, node, row, parent);
	else if (!has_settings(row)) {
		if (says_something(node))
			settings_refuse(binder, node, "this version of the machine does not do it");
	} else if (row->type == SCHEMA_MAP)
		bind_map(binder, node, row);
	else if (row->type == SCHEMA_NAMED)
		bind_names(binder, node, row->item);
	else
		bind_list(binder, node, row->item);
}

static void bind_map(struct binder *binder, const struct node *map, const struct schema_key *row)
{
	for (const struct node *member = map->first; member; member = member->next) {
		const struct schema_key *below = schema_find(row->members, member->key);
		if (!below)
			continue;
		size_t mark = path_push(&binder->normaliser, member->key);
		bind_value(binder, member, below, map);
		path_pop(&binder->normaliser, mark);
	}
}

unsigned settings_replicas(const struct node *service)
{
	const struct node *scale = node_get(service, "scale");
	const struct node *replicas = node_at(service, "deploy.replicas");
	const struct node *given = scale ? scale : replicas;
	return given ? (unsigned)given->integer : 1;
}

/* NAME, or of several containers NAME-1, NAME-2 … */
static void name_container(struct binder *binder, const struct node *service)
{
	char name[128];
	if (node_get(service, "container_name"))
		return;
	if (binder->replicas == 1)
		snprintf(name, sizeof name, "%.100s", service->key);
	else
		snprintf(name, sizeof name, "%.100s-%u", service->key, binder->replica + 1);
	settings_add(binder, service, NULL, "berth.name", name);
}

static void bind_container(struct binder *binder, const struct node *service)
{
	size_t outer = path_push(&binder->normaliser, "services");
	size_t mark = path_push(&binder->normaliser, service->key);
	name_container(binder, service);
	bind_map(binder, service, &schema_service);
	settings_files(binder, service);
	settings_services(binder, service);
	settings_hooks(binder, service);
	settings_conflicts(binder, service);
	path_pop(&binder->normaliser, mark);
	path_pop(&binder->normaliser, outer);
}

/* What is wrong with one of its containers is wrong with all. */
static void bind_service(struct binder *binder, const struct node *service)
{
	const unsigned *problems = binder->document->problems.count;
	binder->replicas = settings_replicas(service);
	for (binder->replica = 0; binder->replica < binder->replicas; binder->replica++) {
		unsigned before = problems[PROBLEM_UNSUPPORTED];
		bind_container(binder, service);
		binder->service++;
		if (problems[PROBLEM_UNSUPPORTED] != before)
			return;
	}
}

static unsigned count_containers(const struct node *services)
{
	unsigned count = 0;
	for (const struct node *at = services->first; at; at = at->next)
		count += settings_replicas(at);
	return count;
}

int document_settings(struct machine_document *document, struct setting_list *out)
{
	struct binder binder = {document,
				out,
				{.pool = &document->pool,
				 .problems = &document->problems,
				 .folders = document->folders,
				 .path = ""},
				0,
				false,
				0,
				0,
				false,
				false,
				false};
	const struct schema_key host = {"x-berth", SCHEMA_MAP, .members = schema_host};
	const struct node *services = node_get(document->root, "services");
	const struct node *machine = node_get(document->root, "x-berth");
	unsigned count = count_containers(services);
	out->count = 0;
	if (machine) {
		const struct node *exit_from = node_get(machine, "exit-code-from");
		size_t mark = path_push(&binder.normaliser, "x-berth");
		bind_map(&binder, machine, &host);
		settings_images(&binder, machine);
		if (exit_from && count > 1)
			settings_add(&binder, exit_from, NULL, "service.exit-code-from",
				     exit_from->text);
		path_pop(&binder.normaliser, mark);
	}
	settings_contents(&binder);
	settings_volumes(&binder);
	binder.several = count > 1;
	path_push(&binder.normaliser, "services");
	if (!count)
		settings_refuse(&binder, services,
				services->count
					? "no service has a container: each says scale: 0"
					: "no service is left: those there are have profiles, "
					  "and none was asked for");
	binder.normaliser.path[0] = 0;
	settings_networks(&binder);
	settings_known_ports(&binder);
	for (const struct node *at = services->first; at; at = at->next)
		bind_service(&binder, at);
	return document->problems.count[PROBLEM_UNSUPPORTED] ||
			       document->problems.count[PROBLEM_ERROR]
		       ? -1
		       : 0;
}
