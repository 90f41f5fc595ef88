// SPDX-License-Identifier: Apache-2.0
/* The keys of a container's health. */
#include "init/config/health.h"

#include "init/config/keys.h"
#include "init/config/words.h"

#include <string.h>

/* The words take the place of those that a document gave. */
int set_health_test(struct machine *machine, const char *value, struct error *err)
{
	struct string_list *test = &machine->container->health.test;
	*test = (struct string_list){0};
	return split_words(value, &machine->arena, test, err) < 0 ? -1
								  : health_test_check(test, err);
}

int set_health_interval(struct machine *machine, const char *value, struct error *err)
{
	return parse_milliseconds(value, HEALTH_LONGEST_MS, &machine->container->health.interval_ms,
				  err);
}

int set_health_timeout(struct machine *machine, const char *value, struct error *err)
{
	return parse_milliseconds(value, HEALTH_LONGEST_MS, &machine->container->health.timeout_ms,
				  err);
}

int set_health_start_period(struct machine *machine, const char *value, struct error *err)
{
	return parse_milliseconds(value, HEALTH_LONGEST_MS,
				  &machine->container->health.start_period_ms, err);
}

int set_health_start_interval(struct machine *machine, const char *value, struct error *err)
{
	return parse_milliseconds(value, HEALTH_LONGEST_MS,
				  &machine->container->health.start_interval_ms, err);
}

int set_health_retries(struct machine *machine, const char *value, struct error *err)
{
	size_t digits = strspn(value, "0123456789");
	uint64_t number = 0;
	for (size_t i = 0; i < digits && number <= HEALTH_RETRIES_MAX; i++)
		number = number * 10 + (uint64_t)(value[i] - '0');
	if (!digits || value[digits] || number > HEALTH_RETRIES_MAX)
		return error_set(err, "\"%.20s\" is not a number of tests (0 to %d)", value,
				 (int)HEALTH_RETRIES_MAX);
	machine->container->health.retries = number;
	return 0;
}

int set_health_on_failure(struct machine *machine, const char *value, struct error *err)
{
	bool stop = strcmp(value, "stop") == 0;
	if (!stop && strcmp(value, "none") != 0)
		return error_set(err, "\"%.20s\" is neither none nor stop", value);
	machine->container->stop_unhealthy = stop;
	return 0;
}
