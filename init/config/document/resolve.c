// SPDX-License-Identifier: Apache-2.0
#include "init/config/document/resolve.h"

#include "init/config/document/paths.h"

#include <ctype.h>
#include <string.h>

static const struct position nowhere = {DOCUMENT_LAYERS_MAX, 0, 0};

struct node *resolver_put(struct resolver *resolver, struct node *map, const char *key,
			  struct node *value)
{
	if (!value) {
		complain_no_room(resolver->normaliser, map);
		return NULL;
	}
	node_put(map, key, value->at, value);
	return value;
}

struct node *resolver_put_text(struct resolver *resolver, struct node *map, const char *key,
			       const char *text)
{
	return resolver_put(resolver, map, key,
			    node_text(&resolver->document->pool, text, nowhere));
}

struct node *resolver_put_map(struct resolver *resolver, struct node *map, const char *key)
{
	return resolver_put(resolver, map, key,
			    node_new(&resolver->document->pool, NODE_MAP, nowhere));
}

size_t resolver_path(struct resolver *resolver, const struct node *service, const char *key)
{
	struct normaliser *normaliser = resolver->normaliser;
	normaliser->path[0] = 0;
	path_push(normaliser, "services");
	path_push(normaliser, service->key);
	if (key)
		path_push(normaliser, key);
	return 0;
}

/* "My App" → "myapp": small letters, digits, - and _, as Compose does; "" when there is none in it. */
static const char *simplify(struct resolver *resolver, const char *name)
{
	char out[160];
	size_t used = 0;
	for (const char *c = name; *c && used + 1 < sizeof out; c++) {
		char letter = (char)tolower((unsigned char)*c);
		if (isalnum((unsigned char)letter) || (used && (letter == '_' || letter == '-')))
			out[used++] = letter;
	}
	out[used] = 0;
	return arena_strdup(&resolver->document->arena, out);
}

static const char *name_of_folder(struct resolver *resolver)
{
	const char *folder = resolver->options->folder;
	const char *slash = folder ? strrchr(folder, '/') : NULL;
	const char *name = slash ? simplify(resolver, slash + 1) : NULL;
	return name && *name ? name : "berth";
}

/* What a file says is made simple, and is none when it is empty; what the variable says has to be so. */
static void check_name(struct resolver *resolver, struct node *name, bool is_of_variable)
{
	const char *simple = simplify(resolver, name->text);
	resolver->normaliser->path[0] = 0;
	path_push(resolver->normaliser, "name");
	if (simple && strcmp(simple, name->text) == 0 && *simple)
		return;
	if (!simple || !*simple || is_of_variable) {
		complain(resolver->normaliser, name,
			 "\"%.60s\" is not a project's name: small letters, digits, - and _", name->text);
		return;
	}
	problem_add(resolver->normaliser->problems, PROBLEM_WARNING, name->at, "name", NULL,
		    "\"%.60s\" is read as \"%s\": a project's name has small letters, digits, - and _",
		    name->text, simple);
	name->text = simple;
}

/* The variable COMPOSE_PROJECT_NAME, else what the document says, else after its folder. */
static void name_project(struct resolver *resolver)
{
	struct node *name = node_get(resolver->root, "name");
	const struct variables *variables = &resolver->options->variables;
	const char *stated =
		variables->find ? variables->find(variables->context, "COMPOSE_PROJECT_NAME") : NULL;
	bool is_of_variable = stated && *stated;
	if (name && (is_of_variable || !*name->text)) {
		node_remove(resolver->root, name);
		name = NULL;
	}
	if (!name)
		name = resolver_put_text(resolver, resolver->root, "name",
					 is_of_variable ? stated : name_of_folder(resolver));
	if (name)
		check_name(resolver, name, is_of_variable);
	resolver->project = name ? name->text : "berth";
}

/* Those that are asked for from outside, else those of the document itself. */
static bool is_asked_for(const struct resolver *resolver, const char *profile)
{
	const struct string_list *asked = resolver->options->profiles;
	const struct node *own = node_at(resolver->root, "x-berth.profiles");
	for (size_t i = 0; asked && i < asked->count; i++)
		if (strcmp(asked->items[i], profile) == 0 || strcmp(asked->items[i], "*") == 0)
			return true;
	for (const struct node *at = own && !(asked && asked->count) ? own->first : NULL; at;
	     at = at->next)
		if (strcmp(at->text, profile) == 0 || strcmp(at->text, "*") == 0)
			return true;
	return false;
}

static bool is_active(const struct resolver *resolver, const struct node *service)
{
	const struct node *profiles = node_get(service, "profiles");
	bool active = !profiles || !profiles->count;
	for (const struct node *at = profiles ? profiles->first : NULL; at; at = at->next)
		active |= is_asked_for(resolver, at->text);
	return active;
}

static void drop_profiles(struct resolver *resolver, struct node *services)
{
	struct node *next;
	resolver->left_out = node_new(&resolver->document->pool, NODE_MAP, nowhere);
	for (struct node *service = services->first; service; service = next) {
		next = service->next;
		if (is_active(resolver, service))
			continue;
		node_remove(services, service);
		if (resolver->left_out)
			node_put(resolver->left_out, service->key, service->key_at, service);
	}
}

static bool is_external(const struct node *item)
{
	const struct node *external = node_get(item, "external");
	return external && external->integer;
}

/* Whether it says how what is external is made; docker compose looks at volumes only. */
static bool is_making(const char *kind, const char *key)
{
	if (strcmp(kind, "volumes") == 0)
		return !schema_is_choice("name|external", key) && strncmp(key, "x-", 2) != 0;
	return strcmp(kind, "networks") != 0 && schema_is_choice("file|environment|content", key);
}

static void check_external(struct resolver *resolver, const char *kind, const struct node *item)
{
	resolver->normaliser->path[0] = 0;
	path_push(resolver->normaliser, kind);
	path_push(resolver->normaliser, item->key);
	for (const struct node *member = item->first; member; member = member->next)
		if (is_making(kind, member->key))
			complain_suggesting(resolver->normaliser, member->key_at, NULL,
					    "%.40s does not go together with external, which says "
					    "that it is made elsewhere", member->key);
}

/* volumes: {data: } → {data: {name: PROJECT_data}}. */
static void name_all(struct resolver *resolver, const char *kind)
{
	struct node *map = node_get(resolver->root, kind);
	for (struct node *item = map ? map->first : NULL; item; item = item->next) {
		if (item->kind == NODE_NULL)
			item->kind = NODE_MAP;
		bool foreign = is_external(item);
		const char *name = foreign ? item->key
					   : arena_printf(&resolver->document->arena, "%s_%s",
							  resolver->project, item->key);
		if (item->kind == NODE_MAP && !node_get(item, "name") && name)
			resolver_put_text(resolver, item, "name", name);
		if (foreign)
			check_external(resolver, kind, item);
	}
}

/* A folder beside the document that has a volume's name. docker compose makes its path absolute only beside
 * driver: local, where Docker could not mount it otherwise. */
static void find_bound(struct resolver *resolver, struct node *volumes)
{
	for (struct node *item = volumes ? volumes->first : NULL; item; item = item->next) {
		const struct node *options = node_get(item, "driver_opts");
		struct node *device = options ? node_get(options, "device") : NULL;
		resolver->normaliser->path[0] = 0;
		path_push(resolver->normaliser, "volumes");
		path_push(resolver->normaliser, item->key);
		path_push(resolver->normaliser, "driver_opts");
		const char *driver = node_get_text(item, "driver"), *words = node_get_text(options, "o");
		bool plain = driver && words && strcmp(driver, "local") == 0 && strcmp(words, "bind") == 0;
		const char *path = device && plain && *device->text != '/'
					   ? path_absolute(resolver->normaliser, device, resolver->options)
					   : NULL;
		if (path)
			device->text = path;
	}
}

/* Exactly one of its sources; beside external nothing else is said anyway. */
static void check_value(struct resolver *resolver, const char *kind, struct node *item)
{
	static const char *const sources[] = {"file", "environment", "content", NULL};
	unsigned given = 0;
	if (is_external(item))
		return;
	for (int i = 0; sources[i]; i++)
		given += node_get(item, sources[i]) != NULL;
	resolver->normaliser->path[0] = 0;
	path_push(resolver->normaliser, kind);
	path_push(resolver->normaliser, item->key);
	if (given != 1)
		complain(resolver->normaliser, item,
			 given ? "has more than one source of its value"
			       : "says nowhere what its value is: file, "
				 "environment, content or external");
	struct node *file = node_get(item, "file");
	const char *path =
		file ? path_absolute(resolver->normaliser, file, resolver->options) : NULL;
	if (path)
		file->text = path;
}

static void check_values(struct resolver *resolver, const char *kind)
{
	struct node *map = node_get(resolver->root, kind);
	for (struct node *item = map ? map->first : NULL; item; item = item->next)
		check_value(resolver, kind, item);
}

/* Once all is merged nothing is left for them to take away. */
static void drop_resets(struct node *map)
{
	struct node *next;
	for (struct node *child = map->first; child; child = next) {
		next = child->next;
		if (child->tag == NODE_RESET)
			node_remove(map, child);
		else
			drop_resets(child);
	}
}

/* What an empty "volumes:" left, and the version that has no meaning. */
static void tidy(struct resolver *resolver)
{
	struct node *next, *version = node_get(resolver->root, "version");
	drop_resets(resolver->root);
	for (struct node *member = resolver->root->first; member; member = next) {
		next = member->next;
		if (member->kind == NODE_NULL)
			node_remove(resolver->root, member);
	}
	if (version)
		node_remove(resolver->root, version);
}

void resolve(struct machine_document *document, struct normaliser *normaliser, struct node *root,
	     const struct document_options *options)
{
	struct resolver resolver = {document, normaliser, options, root, NULL, NULL};
	tidy(&resolver);
	name_project(&resolver);
	struct node *services = node_get(root, "services");
	normaliser->path[0] = 0;
	if (!services || !services->count) {
		complain(normaliser, root,
			 "there is no service in the document: services: {NAME: {image: "
			 "…}}");
		return;
	}
	drop_profiles(&resolver, services);
	for (struct node *service = services->first; service; service = service->next)
		resolve_service(&resolver, service);
	resolve_references(&resolver);
	name_all(&resolver, "networks");
	name_all(&resolver, "volumes");
	name_all(&resolver, "secrets");
	name_all(&resolver, "configs");
	find_bound(&resolver, node_get(root, "volumes"));
	check_values(&resolver, "secrets");
	check_values(&resolver, "configs");
	normaliser->path[0] = 0;
}
