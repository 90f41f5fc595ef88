// SPDX-License-Identifier: Apache-2.0
#include "init/supervise/machine_settings.h"

#include "init/supervise/ledger.h"
#include "init/supervise/watchdog.h"
#include "lib/log.h"
#include "runtime/sysctl.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

void machine_set_hostname(const struct machine *machine)
{
	if (sethostname(machine->hostname, strlen(machine->hostname)) < 0)
		log_warning("berth", "6 devices: the host name %s was refused", machine->hostname);
}

int machine_set_sysctls(const struct machine *machine, struct error *err)
{
	char name[256];
	for (size_t i = 0; i < machine->sysctls.count; i++) {
		const char *text = machine->sysctls.items[i], *equals = strchr(text, '=');
		snprintf(name, sizeof name, "%.*s", equals ? (int)(equals - text) : 0, text);
		const struct sysctl setting = {name, equals ? equals + 1 : ""};
		if (sysctl_apply(&setting, 1, err) < 0)
			return error_context(err, "berth.machine-sysctl");
	}
	return 0;
}

int machine_start_watchdog(const struct machine *machine, struct error *err)
{
	char before[120];
	snprintf(before, sizeof before, "%s", watchdog_describe());
	ledger_begin(STEP_DEVICES);
	if (watchdog_start(machine->watchdog_s,
			   machine->watchdog_device ? machine->watchdog_device : "auto", err) < 0)
		return error_context(err, "berth.watchdog");
	if (strcmp(before, watchdog_describe()) != 0)
		ledger_end(STEP_DEVICES, 0, "watchdog", "%s", watchdog_describe());
	return 0;
}
