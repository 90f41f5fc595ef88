// SPDX-License-Identifier: Apache-2.0
#include "init/config/document/resolve.h"

#include "init/config/document/forms.h"
#include "init/config/document/merge.h"
#include "init/config/document/paths.h"

#include <string.h>

/* `restart: ${POLICY:-}`: an empty text says nothing, but for what an earlier document said. */
static void drop_unsaid(struct node *service)
{
	struct node *next;
	for (struct node *member = service->first; member; member = next) {
		const struct schema_key *row = schema_find(schema_service.members, member->key);
		next = member->next;
		if (row && (row->flags & SCHEMA_UNSAID) && member->kind == NODE_TEXT &&
		    !*member->text)
			node_remove(service, member);
	}
}

static void check_image_is_there(struct resolver *resolver, struct node *service)
{
	if (node_get(service, "image"))
		return;
	resolver_path(resolver, service, NULL);
	complain(resolver->normaliser, service, "names no image");
}

/* A service that says nothing of networks is on the default one. */
static void join_default(struct resolver *resolver, struct node *service)
{
	struct node *networks = node_get(service, "networks");
	const char *mode = node_get_text(service, "network_mode");
	if (networks && networks->count && mode) {
		resolver_path(resolver, service, "network_mode");
		complain(resolver->normaliser, node_get(service, "network_mode"),
			 "cannot stand beside networks");
		return;
	}
	if (mode || (networks && networks->count))
		return;
	if (!networks)
		networks = resolver_put_map(resolver, service, "networks");
	if (networks)
		resolver_put(resolver, networks, "default",
			     node_new(&resolver->document->pool, NODE_NULL, networks->at));
}

static void complete_ports(struct resolver *resolver, struct node *service)
{
	struct node *ports = node_get(service, "ports");
	const char *mode = node_get_text(service, "network_mode");
	resolver_path(resolver, service, "ports");
	if (ports && ports->count && mode && strcmp(mode, "host") == 0)
		problem_add(resolver->normaliser->problems, PROBLEM_WARNING, ports->at, resolver->normaliser->path,
			    NULL, "on the machine's own network (network_mode: host) nothing is published");
	for (struct node *port = ports ? ports->first : NULL; port; port = port->next) {
		if (!node_get(port, "protocol"))
			resolver_put_text(resolver, port, "protocol", "tcp");
		if (!node_get(port, "mode"))
			resolver_put_text(resolver, port, "mode", "ingress");
	}
}

/* "/data/" is "/data". */
static void trim_slashes(struct resolver *resolver, struct node *path)
{
	size_t length = strlen(path->text);
	while (length > 1 && path->text[length - 1] == '/')
		length--;
	const char *copy = arena_strndup(&resolver->document->arena, path->text, length);
	if (copy)
		path->text = copy;
}

static void complete_mount(struct resolver *resolver, struct node *mount)
{
	const char *type = node_get_text(mount, "type");
	struct node *source = node_get(mount, "source");
	trim_slashes(resolver, node_get(mount, "target"));
	if (strcmp(type, "bind") == 0 && !source)
		complain(resolver->normaliser, mount, "a bind mount needs a source");
	else if (strcmp(type, "tmpfs") == 0 && source)
		complain(resolver->normaliser, source, "a tmpfs has no source");
	if (strcmp(type, "bind") != 0 || !source)
		return;
	const char *path = path_absolute(resolver->normaliser, source, resolver->options);
	if (path && *source->text != '/') /* an absolute one is shown as it was said */
		source->text = path;
}

static void complete_mounts(struct resolver *resolver, struct node *service)
{
	struct node *mounts = node_get(service, "volumes");
	unsigned index = 0;
	for (struct node *mount = mounts ? mounts->first : NULL; mount; mount = mount->next) {
		resolver_path(resolver, service, "volumes");
		path_push_index(resolver->normaliser, index++);
		complete_mount(resolver, mount);
	}
}

static void complete_dependencies(struct resolver *resolver, struct node *service)
{
	struct node *map = node_get(service, "depends_on");
	for (struct node *item = map ? map->first : NULL; item; item = item->next)
		if (!node_get(item, "required"))
			resolver_put(resolver, item, "required",
				     node_bool(&resolver->document->pool, true, item->at));
}

/* One limit in two places must be the same. */
static void check_twice(struct resolver *resolver, struct node *service, const char *key,
			const char *deploy)
{
	struct node *here = node_get(service, key), *there = node_at(service, deploy);
	if (!here || !there || node_equal(here, there))
		return;
	resolver_path(resolver, service, key);
	complain(resolver->normaliser, here, "says something else than %s in line %u", deploy,
		 there->at.line);
}

/* setrlimit(2). */
static void check_ulimit_name(struct resolver *resolver, const struct node *service,
			      const struct node *item)
{
	static const char names[] = "as|core|cpu|data|fsize|locks|memlock|msgqueue|nice|nofile|nproc|"
				    "rss|rtprio|rttime|sigpending|stack";
	char near[40];
	if (schema_is_choice(names, item->key))
		return;
	resolver_path(resolver, service, "ulimits");
	path_push(resolver->normaliser, item->key);
	complain_suggesting(resolver->normaliser, item->key_at,
			    schema_suggest_choice(names, item->key, near),
			    "there is no such limit");
}

static void check_ulimits(struct resolver *resolver, struct node *service)
{
	struct node *map = node_get(service, "ulimits");
	for (struct node *item = map ? map->first : NULL; item; item = item->next) {
		check_ulimit_name(resolver, service, item);
		const struct node *soft = node_get(item, "soft"), *hard = node_get(item, "hard");
		if (!soft || !hard || hard->integer < 0 ||
		    (soft->integer >= 0 && soft->integer <= hard->integer))
			continue;
		resolver_path(resolver, service, "ulimits");
		path_push(resolver->normaliser, item->key);
		complain(resolver->normaliser, soft, "the soft limit is above the hard one");
	}
}

static void check_replicas(struct resolver *resolver, struct node *service)
{
	const struct node *name = node_get(service, "container_name");
	const struct node *scale = node_get(service, "scale");
	if (!scale)
		scale = node_at(service, "deploy.replicas");
	if (!name || !scale || scale->integer <= 1)
		return;
	resolver_path(resolver, service, "container_name");
	complain(resolver->normaliser, name, "cannot be the name of %lld containers",
		 (long long)scale->integer);
}

void resolve_service(struct resolver *resolver, struct node *service)
{
	if (service->kind != NODE_MAP)
		return;
	drop_unsaid(service);
	check_image_is_there(resolver, service);
	join_default(resolver, service);
	complete_ports(resolver, service);
	complete_mounts(resolver, service);
	complete_dependencies(resolver, service);
	merge_twins(service, &schema_service);
	check_twice(resolver, service, "mem_limit", "deploy.resources.limits.memory");
	check_twice(resolver, service, "cpus", "deploy.resources.limits.cpus");
	check_twice(resolver, service, "pids_limit", "deploy.resources.limits.pids");
	check_twice(resolver, service, "mem_reservation", "deploy.resources.reservations.memory");
	check_twice(resolver, service, "scale", "deploy.replicas");
	check_replicas(resolver, service);
	check_ulimits(resolver, service);
	resolve_environment(resolver, service);
}
