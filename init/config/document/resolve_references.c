// SPDX-License-Identifier: Apache-2.0
#include "init/config/document/resolve.h"

#include "lib/suggest.h"

#include <string.h>

static const char *nth_member(const void *context, size_t i)
{
	const struct node *map = context;
	const struct node *member = map ? map->first : NULL;
	while (member && i--)
		member = member->next;
	return member ? member->key : NULL;
}

static void missing(struct resolver *resolver, struct position at, const char *kind,
		    const char *name)
{
	const struct node *map = node_get(resolver->root, kind);
	const struct node *left_out = node_get(node_get(resolver->left_out, name), "profiles");
	if (left_out && strcmp(kind, "services") == 0) {
		complain_suggesting(resolver->normaliser, at, NULL,
				    "\"%.60s\" is left out, because its profile \"%.40s\" is not asked for: "
				    "--profile, or berth.config.profiles= in the machine",
				    name, left_out->first->text);
		return;
	}
	complain_suggesting(resolver->normaliser, at, suggest(name, nth_member, map),
			    "\"%.60s\" is not under %s of the document", name, kind);
}

/* The network "default" need not be written down. */
static void check_networks(struct resolver *resolver, struct node *service)
{
	struct node *networks = node_get(service, "networks");
	struct node *known = node_get(resolver->root, "networks");
	resolver_path(resolver, service, "networks");
	for (struct node *item = networks ? networks->first : NULL; item; item = item->next) {
		if (node_get(known, item->key))
			continue;
		if (strcmp(item->key, "default") != 0) {
			missing(resolver, item->key_at, "networks", item->key);
			continue;
		}
		if (!known)
			known = resolver_put_map(resolver, resolver->root, "networks");
		if (known)
			resolver_put_map(resolver, known, "default");
	}
}

static void check_volumes(struct resolver *resolver, struct node *service)
{
	struct node *mounts = node_get(service, "volumes");
	unsigned index = 0;
	for (struct node *mount = mounts ? mounts->first : NULL; mount; mount = mount->next) {
		const char *type = node_get_text(mount, "type");
		struct node *source = node_get(mount, "source");
		resolver_path(resolver, service, "volumes");
		path_push_index(resolver->normaliser, index++);
		if (strcmp(type, "volume") == 0 && source &&
		    !node_get(node_get(resolver->root, "volumes"), source->text))
			missing(resolver, source->at, "volumes", source->text);
	}
}

static void check_grants(struct resolver *resolver, struct node *service, const char *kind)
{
	struct node *grants = node_get(service, kind);
	unsigned index = 0;
	for (struct node *grant = grants ? grants->first : NULL; grant; grant = grant->next) {
		struct node *source = node_get(grant, "source");
		resolver_path(resolver, service, kind);
		path_push_index(resolver->normaliser, index++);
		if (!node_get(node_get(resolver->root, kind), source->text))
			missing(resolver, source->at, kind, source->text);
		const char *target = strcmp(kind, "secrets") == 0 && !node_get(grant, "target")
					     ? arena_printf(&resolver->document->arena,
							    "/run/secrets/%s", source->text)
					     : NULL;
		if (target)
			resolver_put_text(resolver, grant, "target", target);
	}
}

static void check_dependencies(struct resolver *resolver, struct node *service)
{
	struct node *services = node_get(resolver->root, "services");
	struct node *map = node_get(service, "depends_on"), *next;
	resolver_path(resolver, service, "depends_on");
	for (struct node *item = map ? map->first : NULL; item; item = next) {
		const struct node *required = node_get(item, "required");
		next = item->next;
		if (node_get(services, item->key))
			continue;
		if (required && !required->integer)
			node_remove(map, item);
		else
			missing(resolver, item->key_at, "services", item->key);
	}
}

/* What may be another service's: "service:NAME", "container:NAME". */
static const char *const shared_keys[] = {"network_mode", "pid", "ipc"};
enum { SHARED_KEYS = 3 };

const char *service_shared(const struct node *services, const char *text, const char **named)
{
	if (strncmp(text, "service:", 8) == 0) {
		*named = text + 8;
		return node_get(services, *named) ? *named : NULL;
	}
	if (strncmp(text, "container:", 10) != 0)
		return *named = NULL;
	*named = text + 10;
	for (const struct node *at = services->first; at; at = at->next) {
		const char *name = node_get_text(at, "container_name");
		if (strcmp(name ? name : at->key, *named) == 0)
			return at->key;
	}
	return NULL;
}

/* Docker's rule: who does not say that it may be shared is not. */
static void check_donor(struct resolver *resolver, const struct node *mode, const char *name)
{
	const struct node *donor = node_get(node_get(resolver->root, "services"), name);
	const char *own = node_get_text(donor, "ipc");
	if (!own || strcmp(own, "shareable") != 0)
		complain_suggesting(resolver->normaliser, mode->at, NULL,
				    "%.60s does not share its IPC namespace: it has to say ipc: "
				    "shareable", name);
}

static void check_shared(struct resolver *resolver, struct node *service, const char *key)
{
	struct node *services = node_get(resolver->root, "services");
	const struct node *mode = node_get(service, key);
	const char *named = NULL;
	resolver_path(resolver, service, key);
	const char *name = mode ? service_shared(services, mode->text, &named) : NULL;
	if (name && strcmp(key, "ipc") == 0)
		check_donor(resolver, mode, name);
	if (name || !named)
		return;
	if (*mode->text == 's')
		missing(resolver, mode->at, "services", named);
	else
		complain_suggesting(resolver->normaliser, mode->at, NULL,
				    "no service of the document has the container name \"%.60s\"",
				    named);
}

const char *service_donor(const struct node *services, const char *text, char named[NAME_ROOM])
{
	static const char prefix[] = "container:";
	size_t before = strncmp(text, prefix, sizeof prefix - 1) == 0 ? sizeof prefix - 1 : 0;
	snprintf(named, NAME_ROOM, "%.*s", (int)(before + strcspn(text + before, ":")), text);
	const char *mode = text + strlen(named), *found = NULL;
	if (*mode && strcmp(mode, ":ro") != 0 && strcmp(mode, ":rw") != 0)
		return NULL;
	if (before)
		return service_shared(services, named, &found);
	const struct node *service = node_get(services, named);
	return service ? service->key : NULL;
}

static void check_donors(struct resolver *resolver, struct node *service)
{
	struct node *services = node_get(resolver->root, "services");
	const struct node *list = node_get(service, "volumes_from");
	char named[NAME_ROOM];
	unsigned index = 0;
	for (const struct node *item = list ? list->first : NULL; item; item = item->next) {
		resolver_path(resolver, service, "volumes_from");
		path_push_index(resolver->normaliser, index++);
		if (service_donor(services, item->text, named))
			continue;
		if (strchr(named, ':'))
			complain_suggesting(resolver->normaliser, item->at, NULL,
					    "no service of the document has the container name \"%.60s\"",
					    strchr(named, ':') + 1);
		else if (node_get(services, named))
			complain_suggesting(resolver->normaliser, item->at, NULL,
					    "\"%.80s\" is not of the form SERVICE[:ro]", item->text);
		else
			missing(resolver, item->at, "services", named);
	}
}

/* A `link` is "SERVICE[:ALIAS]". */
static void check_service_name(struct resolver *resolver, const struct node *node, const char *name,
			       size_t length)
{
	const char *copy = arena_strndup(&resolver->document->arena, name, length);
	if (copy && !node_get(node_get(resolver->root, "services"), copy))
		missing(resolver, node->at, "services", copy);
}

static void check_names(struct resolver *resolver, struct node *service)
{
	struct node *links = node_get(service, "links");
	resolver_path(resolver, service, "links");
	for (struct node *link = links ? links->first : NULL; link; link = link->next)
		check_service_name(resolver, link, link->text, strcspn(link->text, ":"));
	for (int i = 0; i < SHARED_KEYS; i++)
		check_shared(resolver, service, shared_keys[i]);
	check_donors(resolver, service);
}

enum mark { UNSEEN = 0, OPEN = 1, DONE = 2 };

/* Depth first; a service that is met again while it is open closes a circle. Each has a mark by its
 * number in the document. */
struct search {
	struct resolver *resolver;
	struct node *services;
	unsigned char *marks;
};

static unsigned number_of(const struct search *search, const char *name)
{
	unsigned number = 0;
	for (const struct node *at = search->services->first; at && strcmp(at->key, name) != 0;
	     at = at->next)
		number++;
	return number;
}

static void visit(struct search *search, struct node *service, unsigned depth);

static void follow(struct search *search, struct node *service, const char *key,
		   struct position at, const char *name, unsigned depth)
{
	enum { DEPTH_MAX = 200 };
	struct node *next = node_get(search->services, name);
	bool circle = next && (search->marks[number_of(search, name)] == OPEN || depth >= DEPTH_MAX);
	resolver_path(search->resolver, service, key);
	if (circle)
		complain_suggesting(search->resolver->normaliser, at, NULL,
				    "%.60s waits for %.60s, which waits for it", service->key, name);
	else if (next)
		visit(search, next, depth + 1);
}

static void follow_shared(struct search *search, struct node *service, unsigned depth)
{
	for (int i = 0; i < SHARED_KEYS; i++) {
		const struct node *mode = node_get(service, shared_keys[i]);
		const char *named = NULL;
		const char *name = mode ? service_shared(search->services, mode->text, &named) : NULL;
		if (name)
			follow(search, service, shared_keys[i], mode->at, name, depth);
	}
}

static void follow_donors(struct search *search, struct node *service, unsigned depth)
{
	const struct node *list = node_get(service, "volumes_from");
	char named[NAME_ROOM];
	for (const struct node *item = list ? list->first : NULL; item; item = item->next) {
		const char *name = service_donor(search->services, item->text, named);
		if (name)
			follow(search, service, "volumes_from", item->at, name, depth);
	}
}

/* depends_on, and the services that links, volumes_from and what is shared need. */
static void visit(struct search *search, struct node *service, unsigned depth)
{
	unsigned number = number_of(search, service->key);
	struct node *map = node_get(service, "depends_on"), *links = node_get(service, "links");
	if (search->marks[number] != UNSEEN)
		return;
	search->marks[number] = OPEN;
	for (struct node *item = map ? map->first : NULL; item; item = item->next)
		follow(search, service, "depends_on", item->key_at, item->key, depth);
	for (struct node *link = links ? links->first : NULL; link; link = link->next) {
		const char *name = arena_strndup(&search->resolver->document->arena, link->text,
						 strcspn(link->text, ":"));
		if (name)
			follow(search, service, "links", link->at, name, depth);
	}
	follow_shared(search, service, depth);
	follow_donors(search, service, depth);
	search->marks[number] = DONE;
}

static void check_circles(struct resolver *resolver, struct node *services)
{
	struct search search = {resolver, services, NULL};
	search.marks = arena_alloc(&resolver->document->arena, services->count + 1);
	for (struct node *at = services->first; at && search.marks; at = at->next)
		visit(&search, at, 0);
}

/* As docker compose does: who needs another one for a link, its volumes or a namespace waits for
 * it. */
static void imply_dependency(struct resolver *resolver, struct node *service,
			     const struct node *from, const char *name, bool restart)
{
	struct node_pool *pool = &resolver->document->pool;
	struct node *map = node_get(service, "depends_on");
	const char *copy = arena_strndup(&resolver->document->arena, name, strcspn(name, ":"));
	if (!copy || node_get(map, copy))
		return;
	if (!map)
		map = resolver_put_map(resolver, service, "depends_on");
	struct node *item = map ? resolver_put(resolver, map, copy,
					       node_new(pool, NODE_MAP, from->at))
				: NULL;
	if (!item)
		return;
	resolver_put(resolver, item, "condition", node_text(pool, "service_started", from->at));
	if (restart)
		resolver_put(resolver, item, "restart", node_bool(pool, true, from->at));
	resolver_put(resolver, item, "required", node_bool(pool, true, from->at));
}

static void imply_dependencies(struct resolver *resolver, struct node *service)
{
	const struct node *links = node_get(service, "links");
	for (const struct node *link = links ? links->first : NULL; link; link = link->next)
		imply_dependency(resolver, service, link, link->text, true);
	for (int i = 0; i < SHARED_KEYS; i++) {
		const struct node *mode = node_get(service, shared_keys[i]);
		if (mode && strncmp(mode->text, "service:", 8) == 0)
			imply_dependency(resolver, service, mode, mode->text + 8, true);
	}
	const struct node *donors = node_get(service, "volumes_from");
	for (const struct node *item = donors ? donors->first : NULL; item; item = item->next)
		if (strncmp(item->text, "container:", 10) != 0)
			imply_dependency(resolver, service, item, item->text, false);
}

/* 4, 6, or 0: both. */
static int family_of(const char *address)
{
	return !address || !*address ? 0 : strchr(address, ':') ? 6 : 4;
}

static bool is_any(const char *address)
{
	return strcmp(address, "0.0.0.0") == 0 || strcmp(address, "::") == 0;
}

/* Whether something sent to the machine could be meant for both. */
static bool share_address(const char *a, const char *b)
{
	int one = family_of(a), other = family_of(b);
	if (!one || !other)
		return true;
	return one == other && (is_any(a) || is_any(b) || strcmp(a, b) == 0);
}

static bool same_published(const struct node *a, const struct node *b)
{
	const char *left = node_get_text(a, "published"), *right = node_get_text(b, "published");
	return left && right && strcmp(left, right) == 0 && !strchr(left, '-') &&
	       strcmp(node_get_text(a, "protocol"), node_get_text(b, "protocol")) == 0 &&
	       share_address(node_get_text(a, "host_ip"), node_get_text(b, "host_ip"));
}

static void check_port(struct resolver *resolver, const struct node *port, const struct node *owner)
{
	struct node *services = node_get(resolver->root, "services");
	for (const struct node *other = services->first; other != owner; other = other->next) {
		const struct node *ports = node_get(other, "ports");
		for (const struct node *at = ports ? ports->first : NULL; at; at = at->next) {
			if (!same_published(at, port))
				continue;
			complain_suggesting(
				resolver->normaliser, port->at, NULL,
				"the machine's port %s is published by %.60s too (line %u)",
				node_get_text(port, "published"), other->key, at->at.line);
			return;
		}
	}
}

static void check_ports(struct resolver *resolver, struct node *service)
{
	struct node *ports = node_get(service, "ports");
	resolver_path(resolver, service, "ports");
	for (struct node *port = ports ? ports->first : NULL; port; port = port->next)
		check_port(resolver, port, service);
}

void resolve_references(struct resolver *resolver)
{
	struct node *services = node_get(resolver->root, "services");
	for (struct node *service = services->first; service; service = service->next) {
		check_networks(resolver, service);
		check_volumes(resolver, service);
		check_grants(resolver, service, "secrets");
		check_grants(resolver, service, "configs");
		check_dependencies(resolver, service);
		check_names(resolver, service);
		check_ports(resolver, service);
	}
	check_circles(resolver, services);
	for (struct node *service = services->first; service; service = service->next)
		imply_dependencies(resolver, service);
}
