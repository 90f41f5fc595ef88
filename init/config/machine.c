// SPDX-License-Identifier: Apache-2.0
#include "init/config/machine.h"

#include "images/pull/deadline.h"
#include "images/reference.h"
#include "init/config/files.h"
#include "init/config/logging.h"
#include "init/config/networks.h"
#include "init/config/resources.h"
#include "init/config/security.h"
#include "init/config/services.h"
#include "init/config/sharing.h"
#include "init/config/volumes.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum { DEFAULT_PIDS = 2048, DEFAULT_STOP_TIMEOUT_MS = 10000, DEFAULT_CONFIG_TIMEOUT_S = 30 };

void machine_init(struct machine *machine)
{
	memset(machine, 0, offsetof(struct machine, block)); /* memory that is not used is not had */
	arena_init(&machine->arena, machine->block, sizeof machine->block);
	machine_add_container(machine, NULL); /* for which there is room */
	machine->pull_deadline_s = DEADLINE_DEFAULT_S;
	machine->config.trust = TRUST_COMMAND_LINE;
	machine->config.timeout_s = DEFAULT_CONFIG_TIMEOUT_S;
}

int machine_add_container(struct machine *machine, struct error *err)
{
	struct container_config *container = arena_alloc(&machine->arena, sizeof *container);
	if (!container || machine->container_count == MACHINE_SERVICES_MAX)
		return error_set(err, "more than %d services, or more than %d KiB of settings",
				 MACHINE_SERVICES_MAX, MACHINE_ARENA / 1024);
	container->pids = DEFAULT_PIDS;
	container->stop_timeout_ms = DEFAULT_STOP_TIMEOUT_MS;
	machine->containers[machine->container_count++] = machine->container = container;
	return 0;
}

void machine_take(struct machine *to, const struct machine *from)
{
	memcpy(to, from, offsetof(struct machine, block));
}

/* The last part of the repository, as a container name: "registry/library/Web_1" → "web_1". */
static int name_from_image(struct machine *machine, struct container_config *container,
			   struct error *err)
{
	struct reference reference;
	if (reference_parse(container->image, &reference, err) < 0)
		return error_context(err, "berth.image");
	const char *slash = strrchr(reference.repository, '/');
	char *name = arena_strdup(&machine->arena, slash ? slash + 1 : reference.repository);
	if (!name)
		return error_set(err, "berth.image: no room for the container name");
	if (strlen(name) > 63)
		name[63] = 0;
	container->name = name;
	return 0;
}

static int complete_container(struct machine *machine, struct container_config *container,
			      struct error *err)
{
	if (!container->image || !*container->image)
		return error_set(err, "no image to run: give berth.image=REFERENCE on the kernel "
				      "command line, or a metadata file (docs/sources.md)");
	if (!container->name && name_from_image(machine, container, err) < 0)
		return -1;
	if (container->port_count && container->network == NETWORK_NONE)
		return error_set(err, "berth.port needs a network: drop it or berth.network=none");
	if (container->port_count && container->network == NETWORK_SERVICE)
		return error_set(err, "the network is that of %.60s: publish the port there",
				 container->network_of);
	if (volumes_check(container, err) < 0 || files_check(machine, container, err) < 0 ||
	    security_check(machine, container, err) < 0 || resources_check(container, err) < 0 ||
	    logging_check(machine, container, err) < 0)
		return -1;
	return sharing_check(machine, container, err);
}

/* Names are folders, cgroups and lines of the console. */
static int check_names(const struct machine *machine, struct error *err)
{
	for (unsigned i = 0; i < machine->container_count; i++)
		for (unsigned k = 0; k < i; k++)
			if (strcmp(machine->containers[i]->name, machine->containers[k]->name) == 0)
				return error_set(err, "two containers have the name %s",
						 machine->containers[i]->name);
	return 0;
}

/* One of the ports before it is at the same place. */
static bool publishes(const struct container_config *container, unsigned before,
		      const struct port_mapping *port)
{
	for (unsigned i = 0; i < before && container->network == NETWORK_BRIDGE; i++)
		if (port_mapping_clashes(&container->ports[i], port))
			return true;
	return false;
}

/* Who publishes the port of the machine as well, of the containers before and of its own ports before; or
 * NULL. */
static const struct container_config *who_publishes(const struct machine *machine, unsigned number,
						    unsigned index)
{
	const struct container_config *own = machine->containers[number];
	for (unsigned i = 0; i < number; i++) {
		const struct container_config *container = machine->containers[i];
		if (publishes(container, container->port_count, &own->ports[index]))
			return container;
	}
	return publishes(own, index, &own->ports[index]) ? own : NULL;
}

static int check_ports(const struct machine *machine, struct error *err)
{
	for (unsigned i = 0; i < machine->container_count; i++) {
		const struct container_config *container = machine->containers[i], *other = NULL;
		unsigned k = 0;
		for (; k < container->port_count && container->network == NETWORK_BRIDGE && !other; k++)
			other = who_publishes(machine, i, k);
		if (other)
			return error_set(err, "%s and %s publish one port of the machine, %u",
					 other->name, container->name, container->ports[k - 1].machine);
	}
	return 0;
}

int machine_complete(struct machine *machine, struct error *err)
{
	static struct service_graph graph;
	for (unsigned i = 0; i < machine->container_count; i++) {
		struct container_config *container = machine->containers[i];
		if (complete_container(machine, container, err) == 0)
			continue;
		return container->service
			       ? error_context(err, "services.%s", container->service)
			       : -1;
	}
	if (check_names(machine, err) < 0 || check_ports(machine, err) < 0 ||
	    service_graph_build(machine, &graph, err) < 0 ||
	    networks_complete(machine, err) < 0)
		return -1;
	if (!machine->hostname[0])
		snprintf(machine->hostname, sizeof machine->hostname, "%s",
			 machine->ip.hostname[0] ? machine->ip.hostname : "berth");
	return 0;
}
