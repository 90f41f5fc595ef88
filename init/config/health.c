// SPDX-License-Identifier: Apache-2.0
#include "init/config/health.h"

#include "lib/cleanup.h"

#include <string.h>

enum {
	INTERVAL_MS = 30000,
	TIMEOUT_MS = 30000,
	START_INTERVAL_MS = 5000,
	RETRIES = 3,
};

static char *default_shell[] = {"/bin/sh", "-c", NULL};

const char *health_status_name(enum health_status status)
{
	static const char *const names[] = {"none", "starting", "healthy", "unhealthy"};
	return names[status];
}

static uint64_t first_said(uint64_t own, uint64_t image, uint64_t otherwise)
{
	return own ? own : image ? image : otherwise;
}

static bool is_kind(const struct string_list *test, const char *kind)
{
	return test->count && strcmp(test->items[0], kind) == 0;
}

int health_test_check(const struct string_list *test, struct error *err)
{
	if (is_kind(test, "NONE") && test->count == 1)
		return 0;
	if (is_kind(test, "CMD") && test->count > 1)
		return 0;
	if (is_kind(test, "CMD-SHELL") && test->count == 2)
		return 0;
	return error_set(err, "\"%.60s\" is not the beginning of a test: NONE alone, CMD with a program "
			      "behind it, or CMD-SHELL with one text behind it",
			 test->count ? test->items[0] : "");
}

/* The words behind the kind. */
static struct string_list words_of(const struct string_list *test)
{
	return (struct string_list){.count = test->count - 1, .capacity = test->count - 1,
				    .items = test->items + 1};
}

int health_plan_make(const struct health_config *own, const struct image_config *image,
		     struct health_plan *out, struct error *err)
{
	const struct health_config *theirs = &image->health;
	const struct string_list *test = own->test.count ? &own->test : &theirs->test;
	*out = (struct health_plan){
		.interval_ms = first_said(own->interval_ms, theirs->interval_ms, INTERVAL_MS),
		.timeout_ms = first_said(own->timeout_ms, theirs->timeout_ms, TIMEOUT_MS),
		.start_period_ms = first_said(own->start_period_ms, theirs->start_period_ms, 0),
		.start_interval_ms = first_said(own->start_interval_ms, theirs->start_interval_ms,
						START_INTERVAL_MS),
		.retries = first_said(own->retries, theirs->retries, RETRIES),
	};
	if (!test->count || is_kind(test, "NONE"))
		return 0;
	if (health_test_check(test, err) < 0)
		return error_context(err, "the image's test of health is not used");
	out->tested = true;
	out->test = words_of(test);
	if (!is_kind(test, "CMD-SHELL"))
		return 0;
	out->shell = image->shell;
	if (!out->shell.count)
		out->shell = (struct string_list){2, 2, default_shell};
	return 0;
}

void health_begin(const struct health_plan *plan, struct health *health, uint64_t now_ns)
{
	*health = (struct health){
		.status = plan->tested ? HEALTH_STARTING : HEALTH_UNTESTED,
		.began_ns = now_ns,
	};
}

static bool in_start_period(const struct health_plan *plan, const struct health *health,
			    uint64_t now_ns)
{
	return health->status == HEALTH_STARTING &&
	       now_ns - health->began_ns < plan->start_period_ms * 1000000;
}

uint64_t health_wait_ms(const struct health_plan *plan, const struct health *health,
			uint64_t now_ns)
{
	return in_start_period(plan, health, now_ns) ? plan->start_interval_ms : plan->interval_ms;
}

bool health_note(const struct health_plan *plan, struct health *health, uint64_t test_began_ns,
		 bool good)
{
	enum health_status before = health->status;
	if (good) {
		health->failing = 0;
		health->status = HEALTH_HEALTHY;
	} else if (!in_start_period(plan, health, test_began_ns) &&
		   ++health->failing >= plan->retries) {
		health->status = HEALTH_UNHEALTHY;
	}
	return health->status != before;
}
