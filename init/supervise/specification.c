// SPDX-License-Identifier: Apache-2.0
#include "init/supervise/specification.h"

#include "init/supervise/specification_options.h"
#include "init/supervise/volumes.h"
#include "runtime/defaults.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { HOSTS_MAX = 32 * 1024 };

/* The image's variables, with those of the description added or in their place. */
static int build_env(const struct string_list *image, const struct string_list *own,
		     struct arena *arena, struct string_list *out, struct error *err)
{
	if (string_list_extend(out, arena, image, err) < 0)
		return -1;
	for (size_t i = 0; i < own->count; i++) {
		size_t name = strcspn(own->items[i], "=") + 1, at = 0;
		while (at < out->count && strncmp(out->items[at], own->items[i], name) != 0)
			at++;
		if (at < out->count)
			out->items[at] = own->items[i];
		else if (string_list_add(out, arena, own->items[i], err) < 0)
			return -1;
	}
	return 0;
}

/* Docker's rule: an entry point given by the user also drops the image's command. */
static int build_args(const struct container_config *config, const struct image_config *image,
		      struct arena *arena, struct string_list *out, struct error *err)
{
	static const struct string_list none;
	const struct string_list *entrypoint =
		config->has_entrypoint ? &config->entrypoint : &image->entrypoint;
	const struct string_list *command = config->has_command    ? &config->command
					    : config->has_entrypoint ? &none
								     : &image->cmd;
	if (string_list_extend(out, arena, entrypoint, err) < 0 ||
	    string_list_extend(out, arena, command, err) < 0)
		return -1;
	if (out->count == 0)
		return error_set(err, "%s has neither an entry point nor a command: give one with "
				      "berth.cmd= or after \"--\"", config->image);
	return 0;
}

static const char *container_hostname(const struct instance *instance)
{
	const struct machine *machine = instance->machine;
	if (instance->config->hostname)
		return instance->config->hostname;
	if (machine->container_count > 1 && instance->config->network != NETWORK_HOST)
		return instance->config->name;
	bool own = strcmp(machine->hostname, "berth") == 0 &&
		   instance->config->network != NETWORK_HOST;
	return own ? instance->config->name : machine->hostname;
}

struct hosts {
	size_t used;
	char text[HOSTS_MAX];
};

static void add(struct hosts *hosts, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* What does not fit shows in `used`. */
static void add(struct hosts *hosts, const char *format, ...)
{
	va_list ap;
	if (hosts->used >= sizeof hosts->text)
		return;
	va_start(ap, format);
	int length = vsnprintf(hosts->text + hosts->used, sizeof hosts->text - hosts->used, format,
			       ap);
	va_end(ap);
	hosts->used += length > 0 ? (size_t)length : 0;
}

static void add_name(struct hosts *hosts, const char *name, const char *but)
{
	if (name && (!but || strcmp(name, but) != 0))
		add(hosts, " %s", name);
}

/* All names that a container goes by, but the one that stands already. */
static void add_names(struct hosts *hosts, const struct container_config *config, const char *but)
{
	add_name(hosts, config->service, but);
	if (config->service && strcmp(config->name, config->service) != 0)
		add_name(hosts, config->name, but);
	add_name(hosts, config->hostname, but);
	for (size_t i = 0; i < config->aliases.count; i++)
		add_name(hosts, config->aliases.items[i], but);
}

static void add_links(struct hosts *hosts, const struct container_config *own,
		      const struct container_config *other)
{
	for (size_t i = 0; i < own->links.count; i++) {
		const char *link = own->links.items[i], *colon = strchr(link, ':');
		if (colon && strlen(other->service) == (size_t)(colon - link) &&
		    strncmp(link, other->service, (size_t)(colon - link)) == 0)
			add(hosts, " %s", colon + 1);
	}
}

/* Whose address the names of a container mean: its own, or that of whose network it shares. -1: it
 * has none that others reach. */
static int address_owner(const struct machine *machine, unsigned number)
{
	for (unsigned depth = 0; depth < machine->container_count; depth++) {
		const struct container_config *config = machine->containers[number];
		if (config->network != NETWORK_SERVICE)
			return config->network == NETWORK_BRIDGE ? (int)number : -1;
		for (unsigned i = 0; i < machine->container_count; i++)
			if (strcmp(machine->containers[i]->service, config->network_of) == 0)
				number = i;
	}
	return -1;
}

/* Addresses are known before any container has started. */
static void add_others(struct hosts *hosts, const struct instance *instance)
{
	const struct machine *machine = instance->machine;
	char address[NET_TEXT];
	for (unsigned i = 0; i < machine->container_count; i++) {
		int owner = i == instance->number ? -1 : address_owner(machine, i);
		if (owner < 0 || instance->config->network == NETWORK_NONE)
			continue;
		network_container_address(1 + (unsigned)owner, address);
		add(hosts, "%s", address);
		add_names(hosts, machine->containers[i], NULL);
		add_links(hosts, instance->config, machine->containers[i]);
		add(hosts, "\n");
	}
}

static const char *hosts_file(const struct instance *instance, struct arena *arena)
{
	static struct hosts hosts;
	const char *address = instance->address[0] ? instance->address : "127.0.1.1";
	const char *own = container_hostname(instance);
	const struct string_list *more = &instance->config->hosts;
	hosts.used = 0;
	add(&hosts, "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n%.*s\t%s",
	    (int)strcspn(address, "/"), address, own);
	if (instance->machine->container_count > 1)
		add_names(&hosts, instance->config, own);
	add(&hosts, "\n");
	if (instance->machine->container_count > 1)
		add_others(&hosts, instance);
	for (size_t i = 0; i < more->count; i++) {
		size_t name = strcspn(more->items[i], "=");
		add(&hosts, "%s\t%.*s\n", more->items[i] + name + 1, (int)name, more->items[i]);
	}
	return hosts.used < sizeof hosts.text ? arena_strdup(arena, hosts.text) : NULL;
}

int specification_build(const struct instance *instance, struct arena *arena,
			struct container_spec *spec, struct error *err)
{
	const struct container_config *config = instance->config;
	const struct image_config *image = &instance->image->config;
	defaults_fill(spec);
	spec->id = config->name;
	spec->hostname = container_hostname(instance);
	spec->layers = instance->image->layers;
	spec->state_dir = arena_printf(arena, "/var/lib/berth/containers/%s", config->name);
	spec->resolv_conf = instance->resolv_conf;
	spec->hosts = hosts_file(instance, arena);
	struct process_spec *process = &spec->process;
	process->working_dir = config->working_dir ? config->working_dir : image->working_dir;
	process->user = config->user ? config->user : image->user ? image->user : "";
	process->stdout_fd = instance->stdout_fd;
	process->stderr_fd = instance->stderr_fd;
	defaults_join_network(spec, instance->netns_fd);
	const struct simple_limits limits = {config->memory_bytes, config->cpu_millis,
					     config->pids};
	if (defaults_limit(spec, &limits, arena, err) < 0 ||
	    specification_options(config, arena, spec, err) < 0 ||
	    volumes_files(instance->machine, config, arena, spec, err) < 0)
		return -1;
	if (!spec->state_dir || !spec->hosts)
		return error_set(err, "container %s: settings larger than %zu bytes", config->name,
				 arena->size);
	if (build_env(&image->env, &config->env, arena, &process->env, err) < 0)
		return -1;
	return build_args(config, image, arena, &process->args, err);
}
