// SPDX-License-Identifier: Apache-2.0
#include "init/config/services.h"

#include "init/config/sharing.h"
#include "init/config/volumes.h"
#include "lib/cleanup.h"

#include <stdio.h>
#include <string.h>

static const char *const conditions[] = {
	[DEPENDENCY_STARTED] = "service_started",
	[DEPENDENCY_HEALTHY] = "service_healthy",
	[DEPENDENCY_COMPLETED] = "service_completed_successfully",
};

int parse_dependency(const char *text, char name[64], uint8_t *edge, struct error *err)
{
	size_t length = strcspn(text, ":");
	const char *rest = text + length + (text[length] == ':');
	size_t word = strcspn(rest, ":");
	if (length == 0 || length > 63)
		return error_set(err, "\"%.70s\" names no service", text);
	memcpy(name, text, length);
	name[length] = 0;
	*edge = DEPENDENCY_NONE;
	for (size_t i = DEPENDENCY_STARTED; i < countof(conditions); i++)
		if (strlen(conditions[i]) == word && strncmp(conditions[i], rest, word) == 0)
			*edge = (uint8_t)i;
	if (*edge && strcmp(rest + word, ":optional") == 0)
		*edge |= DEPENDENCY_OPTIONAL;
	else if (!*edge || rest[word])
		return error_set(err, "\"%.100s\" is not of the form SERVICE:CONDITION[:optional]",
				 text);
	return 0;
}

static bool is_of(const struct container_config *container, const char *service)
{
	return container->service && strcmp(container->service, service) == 0;
}

static bool is_there(const struct machine *machine, const char *service)
{
	for (unsigned i = 0; i < machine->container_count; i++)
		if (is_of(machine->containers[i], service))
			return true;
	return false;
}

/* One that came without a document has no name there. */
static const char *name_of(const struct machine *machine, unsigned number)
{
	const struct container_config *container = machine->containers[number];
	return container->service ? container->service : container->name;
}

/* Of two reasons to wait the stronger one counts; one that must hold is not optional. */
static void add_edge(uint8_t *there, uint8_t edge)
{
	uint8_t kind = edge & 0x7f, known = *there & 0x7f;
	uint8_t optional = *there ? *there & edge & DEPENDENCY_OPTIONAL : edge & DEPENDENCY_OPTIONAL;
	*there = (uint8_t)((kind > known ? kind : known) | optional);
}

/* For all containers of the service. */
static int add(const struct machine *machine, struct service_graph *graph, unsigned who,
	       const char *name, uint8_t edge, struct error *err)
{
	if (!is_there(machine, name))
		return error_set(err, "services.%s waits for %.60s, and there is no such service",
				 name_of(machine, who), name);
	for (unsigned whom = 0; whom < machine->container_count; whom++)
		if (is_of(machine->containers[whom], name))
			add_edge(&graph->edges[who][whom], edge);
	return 0;
}

static int add_all(const struct machine *machine, struct service_graph *graph, unsigned who,
		   struct error *err)
{
	const struct container_config *container = machine->containers[who];
	char name[64];
	uint8_t edge;
	for (size_t i = 0; i < container->depends_on.count; i++)
		if (parse_dependency(container->depends_on.items[i], name, &edge, err) < 0 ||
		    add(machine, graph, who, name, edge, err) < 0)
			return -1;
	for (size_t i = 0; i < container->links.count; i++) {
		snprintf(name, sizeof name, "%.*s", (int)strcspn(container->links.items[i], ":"),
			 container->links.items[i]);
		if (add(machine, graph, who, name, DEPENDENCY_STARTED, err) < 0)
			return -1;
	}
	const char *const shared[] = {container->pid, container->ipc};
	for (size_t i = 0; i < countof(shared); i++) {
		const char *service = NULL;
		if (share_of(shared[i], &service) == SHARE_SERVICE &&
		    add(machine, graph, who, service, DEPENDENCY_STARTED, err) < 0)
			return -1;
	}
	for (size_t i = 0; i < container->volumes_from.count; i++)
		if (parse_donor(container->volumes_from.items[i], name, NULL, err) < 0 ||
		    add(machine, graph, who, name, DEPENDENCY_STARTED, err) < 0)
			return -1;
	return container->network == NETWORK_SERVICE
		       ? add(machine, graph, who, container->network_of, DEPENDENCY_STARTED, err)
		       : 0;
}

enum mark { UNSEEN, OPEN, DONE };

/* Depth first; at most as deep as there are services. */
static int visit(const struct machine *machine, const struct service_graph *graph, unsigned who,
		 unsigned char *marks, struct error *err)
{
	marks[who] = OPEN;
	for (unsigned whom = 0; whom < graph->count; whom++) {
		if (!graph->edges[who][whom] || marks[whom] == DONE)
			continue;
		if (marks[whom] == OPEN)
			return error_set(err, "services.%s waits for %s, which waits for it",
					 name_of(machine, who), name_of(machine, whom));
		if (visit(machine, graph, whom, marks, err) < 0)
			return -1;
	}
	marks[who] = DONE;
	return 0;
}

int service_graph_build(const struct machine *machine, struct service_graph *out,
			struct error *err)
{
	unsigned char marks[MACHINE_SERVICES_MAX] = {0};
	out->count = machine->container_count;
	for (unsigned i = 0; i < out->count; i++)
		memset(out->edges[i], 0, out->count);
	for (unsigned i = 0; i < out->count; i++)
		if (add_all(machine, out, i, err) < 0)
			return -1;
	for (unsigned i = 0; i < out->count; i++)
		if (marks[i] == UNSEEN && visit(machine, out, i, marks, err) < 0)
			return -1;
	if (machine->exit_from && !is_there(machine, machine->exit_from))
		return error_set(err, "x-berth.exit-code-from: there is no service %.60s",
				 machine->exit_from);
	return 0;
}

static bool is_met(uint8_t kind, const struct service_status *status)
{
	if (kind == DEPENDENCY_STARTED)
		return status->started;
	if (kind == DEPENDENCY_HEALTHY)
		return status->started && !status->ended && status->health == HEALTH_HEALTHY;
	return status->started && status->ended && status->exit_status == 0;
}

enum dependency_state dependency_judge(uint8_t edge, const struct service_status *status,
				       char *why, size_t capacity)
{
	uint8_t kind = edge & 0x7f;
	if (is_met(kind, status))
		return DEPENDENCY_MET;
	if (status->ended && !status->started)
		snprintf(why, capacity, "could not be started");
	else if (status->ended)
		snprintf(why, capacity, "ended with status %d", status->exit_status);
	else if (kind == DEPENDENCY_HEALTHY && status->health == HEALTH_UNTESTED)
		snprintf(why, capacity, "has no test of its health");
	else if (kind == DEPENDENCY_HEALTHY && status->health == HEALTH_UNHEALTHY)
		snprintf(why, capacity, "is unhealthy");
	else
		return DEPENDENCY_OPEN;
	return DEPENDENCY_FAILED;
}
