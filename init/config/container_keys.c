// SPDX-License-Identifier: Apache-2.0
#include "init/config/container_keys.h"

#include "images/reference.h"
#include "init/config/keys.h"
#include "init/config/words.h"

#include <ctype.h>
#include <string.h>

int set_image(struct machine *machine, const char *value, struct error *err)
{
	struct reference reference;
	if (reference_parse(value, &reference, err) < 0)
		return -1;
	return keep_text(machine, value, &machine->container->image, err);
}

int set_name(struct machine *machine, const char *value, struct error *err)
{
	size_t length = strspn(value, "abcdefghijklmnopqrstuvwxyz0123456789_.-");
	if (length == 0 || length > 63 || value[length] || !isalnum((unsigned char)*value))
		return error_set(err, "\"%.70s\" is not a container name: 1 to 63 of a-z, 0-9, _ . "
				      "and -, beginning with a letter or digit", value);
	return keep_text(machine, value, &machine->container->name, err);
}

/* The words take the place of those that a document gave. */
int set_command(struct machine *machine, const char *value, struct error *err)
{
	machine->container->command = (struct string_list){0};
	machine->container->has_command = true;
	return split_words(value, &machine->arena, &machine->container->command, err);
}

int set_entrypoint(struct machine *machine, const char *value, struct error *err)
{
	machine->container->entrypoint = (struct string_list){0};
	machine->container->has_entrypoint = true;
	return split_words(value, &machine->arena, &machine->container->entrypoint, err);
}

int add_env(struct machine *machine, const char *value, struct error *err)
{
	if (*value == '=' || !strchr(value, '='))
		return error_set(err, "\"%.40s\" is not of the form NAME=VALUE", value);
	return string_list_add(&machine->container->env, &machine->arena, value, err);
}

int set_user(struct machine *machine, const char *value, struct error *err)
{
	return keep_text(machine, value, &machine->container->user, err);
}

int set_working_dir(struct machine *machine, const char *value, struct error *err)
{
	if (*value != '/')
		return error_set(err, "\"%.40s\" is not an absolute path", value);
	return keep_text(machine, value, &machine->container->working_dir, err);
}

int add_port(struct machine *machine, const char *value, struct error *err)
{
	struct container_config *container = machine->container;
	if (container->port_count == NET_PORTS_MAX)
		return error_set(err, "more than %d ports", NET_PORTS_MAX);
	return port_mapping_parse(value, &container->ports[container->port_count], err) < 0
		       ? -1
		       : (container->port_count++, 0);
}

int set_network(struct machine *machine, const char *value, struct error *err)
{
	static const char *const names[] = {"bridge", "host", "none", NULL};
	int mode = parse_choice(value, names, err);
	if (mode >= 0)
		machine->container->network = (enum network_mode)mode;
	return mode < 0 ? -1 : 0;
}

int set_memory(struct machine *machine, const char *value, struct error *err)
{
	enum { LEAST = 512 * 1024 };
	uint64_t *bytes = &machine->container->memory_bytes;
	if (parse_size(value, bytes, err) < 0)
		return -1;
	return *bytes < LEAST ? error_set(err, "\"%.40s\" is less than 512K: no program can start",
					  value)
			      : 0;
}

int set_cpus(struct machine *machine, const char *value, struct error *err)
{
	return parse_cpus(value, &machine->container->cpu_millis, err);
}

int set_pids(struct machine *machine, const char *value, struct error *err)
{
	uint64_t pids;
	if (parse_size(value, &pids, err) < 0 || isalpha((unsigned char)value[strlen(value) - 1]) ||
	    pids > 4194304)
		return error_set(err, "\"%.40s\" is not a number of processes (0 to 4194304)",
				 value);
	machine->container->pids = pids;
	return 0;
}

int set_restart(struct machine *machine, const char *value, struct error *err)
{
	return parse_restart(value, &machine->container->restart, &machine->container->restart_max,
			     err);
}

int set_restart_delay(struct machine *machine, const char *value, struct error *err)
{
	return parse_milliseconds(value, RESTART_LONGEST_MS, &machine->container->restart_delay_ms, err);
}

int set_restart_window(struct machine *machine, const char *value, struct error *err)
{
	return parse_milliseconds(value, RESTART_LONGEST_MS, &machine->container->restart_window_ms, err);
}

int set_stop_timeout(struct machine *machine, const char *value, struct error *err)
{
	uint64_t seconds;
	if (parse_duration(value, 86400, &seconds, err) < 0)
		return -1;
	machine->container->stop_timeout_ms = seconds * 1000;
	return 0;
}
