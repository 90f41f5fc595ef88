// SPDX-License-Identifier: Apache-2.0
#include "init/supervise/stop_signal.h"

#include "lib/log.h"

#include <signal.h>

void stop_signal_send(struct instance *instance)
{
	const char *own = instance->config->stop_signal;
	const char *name = own ? own : instance->image->config.stop_signal;
	int signal = name && *name ? container_signal_number(name) : SIGTERM;
	struct error err = ERROR_INIT;
	log_info("berth", "10 supervise: stopping %s with signal %d", instance->config->name,
		 signal > 0 ? signal : SIGTERM);
	if (container_signal(&instance->process, signal > 0 ? signal : SIGTERM, &err) < 0)
		log_warning("berth", "10 supervise: %s: %s", instance->config->name, err.text);
}

void stop_signal_kill(struct instance *instance)
{
	struct error err = ERROR_INIT;
	if (container_kill(&instance->process, &err) == 0)
		return;
	log_error("berth", "10 supervise: %s: %s", instance->config->name, err.text);
	/* With the first process all others of its PID namespace go; that takes no descriptor. */
	if (container_signal(&instance->process, SIGKILL, &err) < 0)
		log_error("berth", "10 supervise: %s: %s", instance->config->name, err.text);
}
