// SPDX-License-Identifier: Apache-2.0
/* The keys of a container's health. */
#include "init/config/health.h"

#include "init/config/keys.h"
#include "init/config/words.h"
#include "lib/cleanup.h"

#include <stddef.h>
#include <stdlib.h>
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

int set_health_on_failure(struct machine *machine, const char *value, struct error *err)
{
	bool stop = strcmp(value, "stop") == 0;
	if (!stop && strcmp(value, "none") != 0)
		return error_set(err, "\"%.20s\" is neither none nor stop", value);
	machine->container->stop_unhealthy = stop;
	return 0;
}

int set_health_delay(struct machine *machine, const char *value, struct error *err)
{
	uint64_t *delay = &machine->container->health.delay_ms;
	if (parse_milliseconds(value, HEALTH_LONGEST_MS, delay, err) < 0)
		return -1;
	*delay += *delay == 0; /* 0 stands for what is not said */
	return 0;
}

static int parse_number(const char *value, uint64_t *out, struct error *err)
{
	size_t digits = strspn(value, "0123456789");
	*out = digits && digits < 8 ? strtoull(value, NULL, 10) : HEALTH_RETRIES_MAX + 1;
	return value[digits] || *out > HEALTH_RETRIES_MAX
		       ? error_set(err, "\"%.20s\" is not a number of tests (0 to %d)", value,
				   (int)HEALTH_RETRIES_MAX)
		       : 0;
}

int set_health_retries(struct machine *machine, const char *value, struct error *err)
{
	return parse_number(value, &machine->container->health.retries, err);
}

int set_health_successes(struct machine *machine, const char *value, struct error *err)
{
	return parse_number(value, &machine->container->health.successes, err);
}

static const char *const check_names[CHECK_COUNT] = {"health", "startup", "liveness"};

const char *health_check_name(enum check check)
{
	return check_names[check];
}

static int parse_pair(const char *pair, struct health_config *out, struct error *err)
{
	static const struct {
		const char *name;
		size_t offset;
		bool time;
	} numbers[] = {
		{"interval", offsetof(struct health_config, interval_ms), true},
		{"timeout", offsetof(struct health_config, timeout_ms), true},
		{"start-period", offsetof(struct health_config, start_period_ms), true},
		{"start-interval", offsetof(struct health_config, start_interval_ms), true},
		{"delay", offsetof(struct health_config, delay_ms), true},
		{"retries", offsetof(struct health_config, retries), false},
		{"successes", offsetof(struct health_config, successes), false},
	};
	size_t length = strcspn(pair, "=");
	for (size_t i = 0; i < countof(numbers); i++) {
		uint64_t *number = (uint64_t *)((char *)out + numbers[i].offset);
		if (strlen(numbers[i].name) != length || strncmp(numbers[i].name, pair, length) != 0)
			continue;
		return numbers[i].time ? parse_milliseconds(pair + length + 1, HEALTH_LONGEST_MS,
							    number, err)
				       : parse_number(pair + length + 1, number, err);
	}
	return error_set(err, "\"%.40s\" says nothing about a test", pair);
}

int parse_check(const char *text, struct arena *arena, enum check *which, struct health_config *out,
		struct error *err)
{
	struct string_list words = {0};
	size_t at = 1;
	*out = (struct health_config){0};
	*which = CHECK_STARTUP;
	if (strlen(text) > CHECK_TEXT_MAX)
		return error_set(err, "is longer than %d bytes", CHECK_TEXT_MAX);
	if (split_words(text, arena, &words, err) < 0)
		return -1;
	while (*which < CHECK_COUNT &&
	       (!words.count || strcmp(check_names[*which], words.items[0]) != 0))
		++*which;
	if (*which == CHECK_COUNT)
		return error_set(err, "\"%.40s\" is neither startup nor liveness", text);
	for (; at < words.count && strchr(words.items[at], '='); at++)
		if (parse_pair(words.items[at], out, err) < 0)
			return -1;
	out->delay_ms += out->delay_ms == 0;
	out->test = (struct string_list){words.count - at, words.count - at, words.items + at};
	if (test_kind_of(&out->test) < 0)
		return error_set(err, "there is no test");
	return health_test_check(&out->test, err);
}

int add_check(struct machine *machine, const char *value, struct error *err)
{
	struct string_list *list = &machine->container->checks;
	struct health_config health;
	enum check which;
	static char block[CHECK_ARENA];
	struct arena arena; /* parsed for the sake of its check */
	arena_init(&arena, block, sizeof block);
	if (parse_check(value, &arena, &which, &health, err) < 0)
		return -1;
	if (list->count == CHECK_COUNT - 1)
		return error_set(err, "more than one test of a kind");
	return string_list_add(list, &machine->arena, value, err);
}
