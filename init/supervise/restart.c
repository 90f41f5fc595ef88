// SPDX-License-Identifier: Apache-2.0
#include "init/supervise/restart.h"

enum {
	BACKOFF_FIRST_MS = 100,
	BACKOFF_MOST_MS = 60000,
	STEADY_MS = 10000, /* a run this long resets the back-off */
};

static uint64_t run_ms(const struct instance *instance)
{
	return instance->started_ns ? (instance->ended_ns - instance->started_ns) / 1000000 : 0;
}

static unsigned attempts(const struct instance *instance)
{
	uint64_t window = instance->config->restart_window_ms;
	return window && run_ms(instance) >= window ? 0 : instance->attempts;
}

bool restart_is_wanted(const struct instance *instance)
{
	const struct container_config *config = instance->config;
	if (instance->stop_requested)
		return false;
	switch (config->restart) {
	case RESTART_ON_FAILURE:
		return (instance->exit_status != 0 || instance->failed) &&
		       (!config->restart_max || attempts(instance) < config->restart_max);
	case RESTART_ALWAYS:
	case RESTART_UNLESS_STOPPED:
		return true;
	case RESTART_NO:
		break;
	}
	return false;
}

uint64_t restart_wait_ms(struct instance *instance)
{
	instance->attempts = attempts(instance) + 1;
	uint64_t delay = instance->config->restart_delay_ms;
	if (delay)
		return delay > BACKOFF_FIRST_MS ? delay : BACKOFF_FIRST_MS;
	if (run_ms(instance) > STEADY_MS)
		instance->failures = 0;
	unsigned shift = instance->failures < 10 ? instance->failures : 10;
	uint64_t wait = (uint64_t)BACKOFF_FIRST_MS << shift;
	instance->failures++;
	return wait > BACKOFF_MOST_MS ? BACKOFF_MOST_MS : wait;
}
