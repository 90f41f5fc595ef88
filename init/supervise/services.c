// SPDX-License-Identifier: Apache-2.0
#include "init/supervise/services.h"

#include "init/config/logging.h"
#include "init/config/networks.h"
#include "init/config/services.h"
#include "init/supervise/output.h"
#include "lib/log.h"
#include "lib/loop.h"

#include <stdio.h>
#include <string.h>

enum { STATUS_OVERDUE = 124 }; /* as timeout(1) says it */

static struct {
	const struct machine *machine;
	const struct services_callbacks *callbacks;
	struct instance instances[MACHINE_SERVICES_MAX];
	unsigned count;
	struct service_graph graph;
	const struct pull_result *images[MACHINE_SERVICES_MAX];
	bool asked[MACHINE_SERVICES_MAX]; /* to stop */
	const struct network_bridge *bridges[MACHINE_NETWORKS_MAX];
	bool ready, stopping, busy, again, over, overdue;
	const struct instance *decisive; /* whose status is the machine's, once there is one */
} services;

static void advance(void);

static void on_started(struct instance *started)
{
	(void)started;
	services.callbacks->started();
	advance();
}

static void on_health_changed(struct instance *changed)
{
	(void)changed;
	advance();
}

static bool is_named(const struct instance *instance)
{
	const char *from = services.machine->exit_from, *name = instance->config->service;
	return from && name && strcmp(from, name) == 0;
}

static void on_ended(struct instance *ended)
{
	bool failed = ended->error.text[0] && !ended->settled;
	if ((is_named(ended) && !(services.decisive && is_named(services.decisive))) ||
	    (!services.decisive && ended->exit_status != 0 && !services.machine->exit_from &&
	     !ended->config->companion))
		services.decisive = ended;
	if (services.count > 1 && !services.stopping && (failed || is_named(ended))) {
		if (failed && !services.decisive)
			services.decisive = ended;
		log_info("berth", "10 supervise: %s %s: the other services are stopped",
			 ended->config->name, failed ? "could not be started" : "has ended");
		services.stopping = true;
	}
	advance();
}

static struct service_status status_of(const struct instance *instance)
{
	return (struct service_status){
		.started = instance->settled,
		.ended = instance->state == INSTANCE_ENDED,
		.exit_status = instance->exit_status,
		.health = instance_health(instance),
	};
}

/* The judgement of all that it waits for; `err` is filled when one has failed. */
static enum dependency_state judge(unsigned who, struct error *err)
{
	enum dependency_state worst = DEPENDENCY_MET;
	for (unsigned whom = 0; whom < services.count; whom++) {
		const struct service_status status = status_of(&services.instances[whom]);
		uint8_t edge = services.graph.edges[who][whom];
		char why[80];
		enum dependency_state state =
			edge ? dependency_judge(edge, &status, why, sizeof why) : DEPENDENCY_MET;
		if (state == DEPENDENCY_FAILED && !(edge & DEPENDENCY_OPTIONAL)) {
			error_set(err, "waits for %s, which %s",
				  services.machine->containers[whom]->service, why);
			return state;
		}
		if (state == DEPENDENCY_OPEN)
			worst = state;
	}
	return worst;
}

static void start_if_possible(unsigned i)
{
	struct instance *instance = &services.instances[i];
	struct error err = ERROR_INIT;
	if (!services.ready || services.stopping || instance->state != INSTANCE_WAITING)
		return;
	switch (judge(i, &err)) {
	case DEPENDENCY_MET:
		instance_start(instance, services.images[i]);
		break;
	case DEPENDENCY_FAILED:
		log_error("berth", "9 run: container %s: %s", instance->config->name, err.text);
		instance_give_up(instance, CONTAINER_SETUP_FAILED, &err);
		break;
	case DEPENDENCY_OPEN:
		instance_prepare(instance, services.images[i]);
		break;
	}
}

/* Whoever others wait for stops after them; what does not run stops at once. */
static void stop_if_possible(unsigned i)
{
	struct instance *instance = &services.instances[i];
	bool runs = instance->state != INSTANCE_WAITING && instance->state != INSTANCE_BACKOFF;
	if (!services.stopping || services.asked[i] || instance->state == INSTANCE_ENDED)
		return;
	instance->stop_requested = true; /* it is not started again meanwhile */
	for (unsigned who = 0; runs && who < services.count; who++)
		if (services.graph.edges[who][i] &&
		    services.instances[who].state != INSTANCE_ENDED)
			return;
	services.asked[i] = true;
	instance_stop(instance);
}

static void describe(const struct instance *instance, char *out, size_t capacity)
{
	const char *name = instance->config->name ? instance->config->name : "the machine";
	const char *service = services.count > 1 && instance->error.text[0] ? name : "";
	if (instance->error.text[0])
		snprintf(out, capacity, "%s%s%s", service, *service ? " " : "",
			 instance->error.text);
	else if (instance->oom)
		snprintf(out, capacity, "%s ran out of memory", name);
	else if (instance->signal)
		snprintf(out, capacity, "%s was killed by signal %d", name, instance->signal);
	else
		snprintf(out, capacity, "%s exited with status %d", name, instance->exit_status);
}

static void finish_if_over(void)
{
	char reason[ERROR_TEXT_MAX + 80];
	const struct instance *decisive = services.decisive;
	for (unsigned i = 0; i < services.count; i++)
		if (services.instances[i].state != INSTANCE_ENDED)
			return;
	if (services.over)
		return;
	services.over = true;
	if (services.overdue) {
		snprintf(reason, sizeof reason, "the deadline of %llu s has passed",
			 (unsigned long long)services.machine->deadline_s);
		services.callbacks->ended(STATUS_OVERDUE, reason);
		return;
	}
	if (!decisive && services.count == 1)
		decisive = &services.instances[0];
	if (decisive)
		describe(decisive, reason, sizeof reason);
	else
		snprintf(reason, sizeof reason, "%u services exited with status 0", services.count);
	services.callbacks->ended(decisive ? decisive->exit_status : 0, reason);
}

/* Those that the machine goes on for have all ended: the others are to go, too. */
static void dismiss_companions(void)
{
	bool companions = false, others = false;
	for (unsigned i = 0; i < services.count; i++) {
		bool ended = services.instances[i].state == INSTANCE_ENDED;
		if (!ended && !services.instances[i].config->companion)
			return;
		companions |= !ended;
		others |= !services.instances[i].config->companion;
	}
	services.stopping |= companions && others;
}

/* A step may end in another one's callback, which then only asks for one more round. */
static void advance(void)
{
	if (services.busy) {
		services.again = true;
		return;
	}
	services.busy = true;
	do {
		services.again = false;
		dismiss_companions();
		for (unsigned i = 0; i < services.count; i++)
			start_if_possible(i);
		for (unsigned i = 0; i < services.count; i++)
			stop_if_possible(i);
	} while (services.again);
	services.busy = false;
	finish_if_over();
}

void services_init(const struct machine *machine, const struct services_callbacks *callbacks)
{
	static const struct instance_callbacks own = {on_started, on_health_changed, on_ended};
	struct error err = ERROR_INIT;
	services.machine = machine;
	services.callbacks = callbacks;
	services.count = machine->container_count;
	for (unsigned i = 0; i < services.count; i++)
		instance_init(&services.instances[i], machine, i, &own);
	service_graph_build(machine, &services.graph, &err); /* checked when it was described */
}

int services_open_output(struct error *err)
{
	struct log_route route;
	for (unsigned i = 0; i < services.count; i++) {
		struct instance *instance = &services.instances[i];
		const char *name = instance->config->name ? instance->config->name : "container";
		instance->stdout_fd = output_stream(name, '|', err);
		instance->stderr_fd = output_stream(name, '!', err);
		if (instance->stdout_fd < 0 || instance->stderr_fd < 0)
			return -1;
		log_route_find(services.machine, instance->config, &route);
		output_route(instance->stdout_fd, &route);
		output_route(instance->stderr_fd, &route);
	}
	return 0;
}

static void on_deadline(void *context)
{
	(void)context;
	if (services.stopping || services.over)
		return;
	log_error("berth", "10 supervise: the deadline of %llu s has passed: all services are stopped",
		  (unsigned long long)services.machine->deadline_s);
	services.overdue = services.stopping = true;
	advance();
}

static void set_deadline(void)
{
	struct error err = ERROR_INIT;
	uint64_t seconds = services.machine->deadline_s;
	if (seconds && loop_timer(seconds * 1000, on_deadline, NULL, &err) < 0)
		log_error("berth", "9 run: there is no deadline: %s", err.text);
}

static void set_bridges(void)
{
	const struct machine *machine = services.machine;
	for (unsigned i = 0; i < machine->network_count; i++)
		services.bridges[i] = &machine->networks[i]->bridge;
	if (machine->network_count)
		network_set_bridges(services.bridges, machine->network_count);
}

void services_start(const struct pull_result *const *images)
{
	set_bridges();
	for (unsigned i = 0; i < services.count; i++) {
		services.images[i] = images[i];
		monitor_plan(&services.instances[i], &images[i]->config);
	}
	services.ready = true;
	set_deadline();
	advance();
}

void services_stop(void)
{
	services.stopping = true;
	advance();
}

void services_give_up(int status, const struct error *why)
{
	services.stopping = true;
	services.busy = true;
	for (unsigned i = 0; i < services.count; i++)
		instance_give_up(&services.instances[i], status, why);
	services.busy = false;
	advance();
}

void services_set_resolver(const char *resolv_conf)
{
	for (unsigned i = 0; i < services.count; i++)
		instance_set_resolver(&services.instances[i], resolv_conf);
}

const struct instance *services_all(size_t *count)
{
	*count = services.count;
	return services.instances;
}
