// SPDX-License-Identifier: Apache-2.0
/*
 * Services of one document as a graph: who waits for whom, and whether what it waits for is there
 * (the Compose Specification's depends_on). Pure: no clocks, no processes.
 */
#ifndef BERTH_INIT_CONFIG_SERVICES_H
#define BERTH_INIT_CONFIG_SERVICES_H

#include "init/config/health.h"
#include "init/config/machine.h"

/* In the order of their strength. */
enum dependency {
	DEPENDENCY_NONE,
	DEPENDENCY_STARTED,
	DEPENDENCY_HEALTHY,   /* runs, and its test says so */
	DEPENDENCY_COMPLETED, /* ended with status 0 */
	DEPENDENCY_OPTIONAL = 0x80, /* beside one of them: a failure is no reason not to start */
};

struct service_graph {
	unsigned count;
	uint8_t edges[MACHINE_SERVICES_MAX][MACHINE_SERVICES_MAX]; /* [who][for whom] */
};

/* The name of a service, network or alias: 1 to 63 letters, digits, _ . and -. */
int service_name_check(const char *text, struct error *err);

/* "db:service_started[:optional]" of `service.depends-on`. */
int parse_dependency(const char *text, char name[64], uint8_t *edge, struct error *err);

/* depends_on, links, shared networks and volumes. A service that is not there, and a circle, are errors that
 * name both. */
int service_graph_build(const struct machine *machine, struct service_graph *out,
			struct error *err);

/* What is known of a service that others wait for. */
struct service_status {
	bool started; /* has executed at least once */
	bool ended;   /* and will not be started again */
	int exit_status;
	enum health_status health; /* of its present run */
};

enum dependency_state { DEPENDENCY_MET, DEPENDENCY_OPEN, DEPENDENCY_FAILED };

/* `why` (of a failure) follows the service's name: "ended with status 3". */
enum dependency_state dependency_judge(uint8_t edge, const struct service_status *status,
				       char *why, size_t capacity);

#endif
