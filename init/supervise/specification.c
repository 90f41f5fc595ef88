// SPDX-License-Identifier: Apache-2.0
#include "init/supervise/specification.h"

#include "init/supervise/hosts.h"
#include "init/supervise/sharing.h"
#include "init/supervise/specification_options.h"
#include "init/supervise/specification_resources.h"
#include "init/supervise/specification_security.h"
#include "init/supervise/user_namespace.h"
#include "init/supervise/volumes.h"
#include "runtime/defaults.h"

#include <string.h>

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

/* Programs ask what they may send to it; as with Docker, unless it is said. */
static int name_terminal(struct string_list *env, struct arena *arena, struct error *err)
{
	for (size_t i = 0; i < env->count; i++)
		if (strncmp(env->items[i], "TERM=", 5) == 0)
			return 0;
	return string_list_add(env, arena, "TERM=xterm", err);
}

/* What only the machine knows. */
static int add_variables(const struct instance *instance, struct arena *arena, struct string_list *env,
			 struct error *err)
{
	static const struct string_list none;
	const struct string_list *variables = &instance->config->variables;
	struct string_list own = {0};
	for (size_t i = 0; i < variables->count; i++) {
		const char *text = variables->items[i], *what = strrchr(text, '=') + 1;
		const char *value = strcmp(what, "hostname") == 0 ? instance->machine->hostname
								  : instance->address;
		const char *pair = arena_printf(arena, "%.*s%s", (int)(what - text), text, value);
		if (!pair || string_list_add(&own, arena, pair, err) < 0)
			return error_set(err, "the container's settings are too large");
	}
	return build_env(&none, &own, arena, env, err);
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
	if (instance->config->uts_host)
		return machine->hostname;
	if (machine->container_count > 1 && instance->config->network != NETWORK_HOST)
		return instance->config->name;
	bool own = strcmp(machine->hostname, "berth") == 0 &&
		   instance->config->network != NETWORK_HOST;
	return own ? instance->config->name : machine->hostname;
}

int specification_build(const struct instance *instance, struct arena *arena,
			struct container_spec *spec, struct error *err)
{
	const struct container_config *config = instance->config;
	const struct image_config *image = &instance->image->config;
	defaults_fill(spec);
	spec->id = config->name;
	spec->hostname = container_hostname(instance);
	spec->domainname = config->domainname;
	spec->layers = instance->image->layers;
	spec->state_dir = arena_printf(arena, "/var/lib/berth/containers/%s", config->name);
	spec->resolv_conf = instance->resolv_conf;
	spec->hosts = hosts_file(instance, spec->hostname, arena);
	struct process_spec *process = &spec->process;
	process->working_dir = config->working_dir ? config->working_dir : image->working_dir;
	process->non_root = config->non_root;
	process->user = config->user ? config->user : image->user ? image->user : "";
	defaults_join_network(spec, instance->netns_fd);
	const struct simple_limits limits = {config->memory_bytes, config->cpu_millis,
					     config->pids};
	if (defaults_limit(spec, &limits, arena, err) < 0 ||
	    specification_resources(config, arena, spec, err) < 0 ||
	    specification_options(config, arena, spec, err) < 0 ||
	    volumes_mount(instance, "/var/lib/berth", arena, spec, err) < 0 ||
	    specification_security(instance->machine, config, arena, spec, err) < 0 ||
	    sharing_specify(instance, arena, spec, err) < 0 ||
	    volumes_files(instance->machine, config, arena, spec, err) < 0 ||
	    user_namespace_specify(instance, arena, spec, err) < 0)
		return -1;
	if (!spec->state_dir || !spec->hosts)
		return error_set(err, "container %s: settings larger than %zu bytes", config->name,
				 arena->size);
	if (build_env(&image->env, &config->env, arena, &process->env, err) < 0 ||
	    add_variables(instance, arena, &process->env, err) < 0 ||
	    (config->tty && name_terminal(&process->env, arena, err) < 0))
		return -1;
	return build_args(config, image, arena, &process->args, err);
}
