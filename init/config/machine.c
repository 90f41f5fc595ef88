// SPDX-License-Identifier: Apache-2.0
#include "init/config/machine.h"

#include "images/pull/deadline.h"
#include "images/reference.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { DEFAULT_PIDS = 2048, DEFAULT_STOP_TIMEOUT_MS = 10000, DEFAULT_CONFIG_TIMEOUT_S = 30 };

void machine_init(struct machine *machine)
{
	memset(machine, 0, sizeof *machine);
	arena_init(&machine->arena, machine->block, sizeof machine->block);
	machine->container.pids = DEFAULT_PIDS;
	machine->pull_deadline_s = DEADLINE_DEFAULT_S;
	machine->config.trust = TRUST_COMMAND_LINE;
	machine->config.timeout_s = DEFAULT_CONFIG_TIMEOUT_S;
	machine->container.stop_timeout_ms = DEFAULT_STOP_TIMEOUT_MS;
}

/* The last part of the repository, as a container name: "registry/library/Web_1" → "web_1". */
static int name_from_image(struct machine *machine, struct error *err)
{
	struct reference reference;
	if (reference_parse(machine->container.image, &reference, err) < 0)
		return error_context(err, "berth.image");
	const char *slash = strrchr(reference.repository, '/');
	char *name = arena_strdup(&machine->arena, slash ? slash + 1 : reference.repository);
	if (!name)
		return error_set(err, "berth.image: no room for the container name");
	if (strlen(name) > 63)
		name[63] = 0;
	machine->container.name = name;
	return 0;
}

int machine_complete(struct machine *machine, struct error *err)
{
	struct container_config *container = &machine->container;
	if (!container->image || !*container->image)
		return error_set(err, "no image to run: give berth.image=REFERENCE on the kernel "
				      "command line, or a metadata file (docs/sources.md)");
	if (!container->name && name_from_image(machine, err) < 0)
		return -1;
	if (container->port_count && container->network == NETWORK_NONE)
		return error_set(err, "berth.port needs a network: drop it or berth.network=none");
	for (size_t i = 0; i < container->sysctls.count; i++)
		if (container->network == NETWORK_HOST &&
		    strncmp(container->sysctls.items[i], "net", 3) == 0)
			return error_set(err, "berth.sysctl %.60s: the container is on the machine's own "
					      "network, whose settings it cannot have for itself",
					 container->sysctls.items[i]);
	if (!machine->hostname[0])
		snprintf(machine->hostname, sizeof machine->hostname, "%s",
			 machine->ip.hostname[0] ? machine->ip.hostname : "berth");
	return 0;
}
