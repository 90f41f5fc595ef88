// SPDX-License-Identifier: Apache-2.0
#include "init/supervise/restart.h"

enum {
	BACKOFF_FIRST_MS = 100,
	BACKOFF_MOST_MS = 60000,
	STEADY_NS_SECONDS = 10, /* a run this long resets the back-off */
};

bool restart_is_wanted(const struct instance *instance)
{
	const struct container_config *config = instance->config;
	if (instance->stop_requested)
		return false;
	switch (config->restart) {
	case RESTART_ON_FAILURE:
		return (instance->exit_status != 0 || instance->failed) &&
		       (!config->restart_max || instance->restarts < config->restart_max);
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
	if (instance->ended_ns - instance->started_ns > STEADY_NS_SECONDS * 1000000000ULL)
		instance->failures = 0;
	unsigned shift = instance->failures < 10 ? instance->failures : 10;
	uint64_t wait = (uint64_t)BACKOFF_FIRST_MS << shift;
	instance->failures++;
	return wait > BACKOFF_MOST_MS ? BACKOFF_MOST_MS : wait;
}
