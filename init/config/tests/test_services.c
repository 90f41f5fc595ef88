// SPDX-License-Identifier: Apache-2.0
#include "init/config/services.h"

#include "init/config/keys.h"
#include "lib/tap.h"

#include <string.h>

static struct machine machine;
static struct service_graph graph;

static void service(const char *name, const char *key, const char *value)
{
	struct error err = ERROR_INIT;
	if (machine.container->service)
		machine_add_container(&machine, &err);
	setting_key_find("service.name")->apply(&machine, name, &err);
	setting_key_find("berth.name")->apply(&machine, name, &err);
	setting_key_find("berth.image")->apply(&machine, "x", &err);
	if (key)
		ok(setting_key_find(key)->apply(&machine, value, &err) == 0, "%s=%s: %s", key, value,
		   err.text);
}

static void edges(void)
{
	struct error err = ERROR_INIT;
	machine_init(&machine);
	service("web", "service.depends-on", "db:service_started:optional");
	setting_key_find("service.link")->apply(&machine, "db:base", &err);
	service("db", NULL, NULL);
	service("side", "service.network-of", "web");
	service("backup", "service.volumes-from", "db:ro");
	ok(service_graph_build(&machine, &graph, &err) == 0, "a graph: %s", err.text);
	ok(graph.edges[0][1] == DEPENDENCY_STARTED, "what must hold is not optional");
	ok(graph.edges[2][0] == DEPENDENCY_STARTED, "a shared network is waited for");
	ok(graph.edges[3][1] == DEPENDENCY_STARTED && !graph.edges[3][0], "and whose volumes it has");
	ok(!graph.edges[1][0] && !graph.edges[0][2], "in one direction");
}

/* A service of two containers is waited for as both. */
static void replicas(void)
{
	struct error err = ERROR_INIT;
	machine_init(&machine);
	service("web", "service.depends-on", "db:service_healthy");
	service("db", NULL, NULL);
	service("db", NULL, NULL);
	ok(service_graph_build(&machine, &graph, &err) == 0, "a graph: %s", err.text);
	ok(graph.edges[0][1] == DEPENDENCY_HEALTHY && graph.edges[0][2] == DEPENDENCY_HEALTHY,
	   "for each of the two");
	ok(!graph.edges[1][2] && !graph.edges[2][1], "which do not wait for each other");
}

static void refusals(void)
{
	struct error err = ERROR_INIT;
	machine_init(&machine);
	service("a", "service.depends-on", "b:service_started");
	service("b", "service.depends-on", "c:service_completed_successfully");
	service("c", "service.link", "a");
	ok(service_graph_build(&machine, &graph, &err) < 0, "a circle is refused");
	is(err.text, "services.c waits for a, which waits for it", "with both names");
	machine_init(&machine);
	service("a", "service.depends-on", "b:service_started");
	ok(service_graph_build(&machine, &graph, &err) < 0 && strstr(err.text, "no such service"),
	   "and who is not there: %s", err.text);
	ok(parse_dependency("b:service_healthy:optional", (char[64]){0}, &(uint8_t){0}, &err) == 0,
	   "a service that is healthy is one");
	ok(setting_key_find("service.depends-on")->apply(&machine, "b:soon", &err) < 0,
	   "and no condition: %s", err.text);
}

static void judgements(void)
{
	static const struct {
		uint8_t edge;
		struct service_status status;
		enum dependency_state state;
		const char *why;
	} table[] = {
		{DEPENDENCY_STARTED, {false, false, 0, HEALTH_UNTESTED}, DEPENDENCY_OPEN, ""},
		{DEPENDENCY_STARTED, {true, false, 0, HEALTH_UNTESTED}, DEPENDENCY_MET, ""},
		{DEPENDENCY_STARTED, {true, true, 4, HEALTH_UNTESTED}, DEPENDENCY_MET, ""},
		{DEPENDENCY_STARTED, {false, true, 127, HEALTH_UNTESTED},
		 DEPENDENCY_FAILED, "could not be started"},
		{DEPENDENCY_COMPLETED, {true, false, 0, HEALTH_UNTESTED}, DEPENDENCY_OPEN, ""},
		{DEPENDENCY_COMPLETED, {true, true, 0, HEALTH_UNTESTED}, DEPENDENCY_MET, ""},
		{DEPENDENCY_COMPLETED, {true, true, 4, HEALTH_UNTESTED},
		 DEPENDENCY_FAILED, "ended with status 4"},
		{DEPENDENCY_COMPLETED, {false, true, 0, HEALTH_UNTESTED},
		 DEPENDENCY_FAILED, "could not be started"},
		{DEPENDENCY_HEALTHY, {false, false, 0, HEALTH_STARTING}, DEPENDENCY_OPEN, ""},
		{DEPENDENCY_HEALTHY, {true, false, 0, HEALTH_STARTING}, DEPENDENCY_OPEN, ""},
		{DEPENDENCY_HEALTHY, {true, false, 0, HEALTH_HEALTHY}, DEPENDENCY_MET, ""},
		{DEPENDENCY_HEALTHY, {true, false, 0, HEALTH_UNHEALTHY}, DEPENDENCY_FAILED, "is unhealthy"},
		{DEPENDENCY_HEALTHY, {false, false, 0, HEALTH_UNTESTED}, DEPENDENCY_FAILED,
		 "has no test of its health"},
		{DEPENDENCY_HEALTHY, {true, true, 0, HEALTH_HEALTHY}, DEPENDENCY_FAILED,
		 "ended with status 0"},
		{DEPENDENCY_HEALTHY, {false, true, 127, HEALTH_STARTING}, DEPENDENCY_FAILED,
		 "could not be started"},
		{DEPENDENCY_STARTED, {true, false, 0, HEALTH_UNHEALTHY}, DEPENDENCY_MET, ""},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		char why[80] = "";
		ok(dependency_judge(table[i].edge, &table[i].status, why, sizeof why) ==
			   table[i].state,
		   "row %zu", i);
		is(why, table[i].why, "its reason");
	}
}

int main(void)
{
	edges();
	replicas();
	refusals();
	judgements();
	return tap_end();
}
