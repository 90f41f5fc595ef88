// SPDX-License-Identifier: Apache-2.0
#include "init/supervise/network_step.h"

#include "init/clock/clock.h"
#include "init/config/network_keys.h"
#include "init/supervise/configurator.h"
#include "init/supervise/ledger.h"
#include "init/supervise/log_sinks.h"
#include "init/supervise/puller.h"
#include "init/supervise/services.h"

enum { NETWORK_TIMEOUT_MS = 15000 };

static struct {
	const struct machine *machine; /* NULL: not begun */
	const struct network_state *up;
	bool settled, failed, configured;
} step;

/* Those of the description, else the one that the network's own configuration names. */
static void ask_time_servers(const char *named)
{
	static struct ntp_round servers;
	const struct string_list *own = &step.machine->time_servers;
	servers = (struct ntp_round){.count = 0};
	for (size_t i = 0; i < own->count && servers.count < NTP_SERVERS_MAX; i++)
		servers.count += ntp_server_parse(own->items[i], &servers.servers[servers.count],
						  NULL) == 0;
	if (!step.machine->time_servers_given && *named)
		servers.count = ntp_server_parse(named, &servers.servers[0], NULL) == 0;
	ntp_start(&servers);
}

static void tell_network(const struct network_state *state)
{
	if (state->up)
		ledger_end(STEP_NETWORK, 0, state->source, "%s has %s, gateway %s", state->device,
			   state->address, state->gateway[0] ? state->gateway : "none");
	else
		ledger_end(STEP_NETWORK, 0, state->source, "turned off by ip=off");
}

static void on_network(const struct network_state *state, const struct error *failure,
		       void *context)
{
	(void)context;
	step.settled = true;
	if (failure) {
		ledger_fail(STEP_NETWORK, 0, "", failure->text);
	} else {
		services_set_resolver(state->resolv_conf);
		tell_network(state);
		step.up = state->up ? state : NULL;
		if (step.up && step.configured)
			log_sinks_network_up();
		if (step.up && step.configured)
			ask_time_servers(state->ntp);
	}
	struct error off = ERROR_INIT;
	if (!failure && !state->up)
		error_set(&off, "turned off by ip=off");
	puller_network_changed(off.text[0] ? &off : failure);
	configurator_network_changed(state, failure);
}

void network_step_begin(const struct machine *machine)
{
	static struct network_plan plan;
	struct error err = ERROR_INIT;
	if (step.machine)
		return;
	step.machine = machine;
	machine_network_plan(machine, &plan);
	network_use_plan(&plan);
	ledger_begin(STEP_NETWORK);
	if (network_start(&machine->ip, NETWORK_TIMEOUT_MS, on_network, NULL, &err) == 0)
		return;
	ledger_fail(STEP_NETWORK, 0, "", err.text);
	step.failed = step.settled = true;
	puller_network_changed(&err);
	configurator_network_changed(NULL, &err);
}

void network_step_configured(void)
{
	step.configured = true;
}

void network_step_ask_time(void)
{
	if (step.up)
		ask_time_servers(step.up->ntp);
}

bool network_step_is_settled(void)
{
	return step.settled;
}

bool network_step_is_up(void)
{
	return step.up;
}

bool network_step_has_failed(void)
{
	return step.failed;
}
