// SPDX-License-Identifier: Apache-2.0
#include "init/supervise/instance_lines.h"

#include "init/supervise/ledger.h"
#include "lib/log.h"

#include <stdio.h>

void instance_tell_start(const struct instance *instance)
{
	char made[48] = "";
	unsigned long long tenths = (instance->decided_ns - instance->prepared_ns) / 100000;
	if (instance->prepared_ns)
		snprintf(made, sizeof made, ", made %llu.%llu ms before", tenths / 10, tenths % 10);
	ledger_end(STEP_RUN, 0, "runtime", "%s started%s%s%s", instance->config->name,
		   instance->address[0] ? ", address " : "", instance->address, made);
}

void instance_tell_end(const struct instance *instance)
{
	const char *name = instance->config->name;
	if (instance->error.text[0])
		log_error("berth", "9 run: container %s: %s", name, instance->error.text);
	else if (instance->oom)
		ledger_end(STEP_SUPERVISE, 0, "kernel", "%s ran out of memory and was killed (status %d)",
			   name, instance->exit_status);
	else if (instance->signal)
		ledger_end(STEP_SUPERVISE, 0, "kernel", "%s was killed by signal %d (status %d)", name,
			   instance->signal, instance->exit_status);
	else
		ledger_end(STEP_SUPERVISE, 0, "kernel", "%s exited with status %d", name,
			   instance->exit_status);
}
