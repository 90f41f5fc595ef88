// SPDX-License-Identifier: Apache-2.0
/*
 * Whether a container is healthy, as Docker tells it: what its test is, when it runs, and what its
 * results mean. Pure: no clocks, no processes; init/supervise/monitor.h has those.
 *
 * A container is starting until its first good test, or until `retries` tests in a row have failed.
 * Failures of tests that began within the start period do not count as long as it is starting. The
 * first test comes one interval after the start, each next one an interval after the end of the one
 * before; in the start period, until the first good one, the interval is the start interval.
 */
#ifndef BERTH_INIT_CONFIG_HEALTH_H
#define BERTH_INIT_CONFIG_HEALTH_H

#include "images/pull/pull.h"

#include <stdbool.h>
#include <stdint.h>

enum health_status { HEALTH_UNTESTED, HEALTH_STARTING, HEALTH_HEALTHY, HEALTH_UNHEALTHY };

/* "none", "starting", "healthy", "unhealthy". */
const char *health_status_name(enum health_status status);

/* What holds for one container. The texts are borrowed. */
struct health_plan {
	bool tested;
	struct string_list shell; /* of the test, which is then one text; empty: it is a command */
	struct string_list test;
	uint64_t interval_ms, timeout_ms, start_period_ms, start_interval_ms;
	uint64_t retries;
};

/* The container's own settings, what they do not say from the image, and then Docker's defaults. An
 * image's test of a kind that nobody knows is none: -1, and err says so; *out is complete. */
int health_plan_make(const struct health_config *own, const struct image_config *image,
		     struct health_plan *out, struct error *err);

struct health {
	enum health_status status;
	uint64_t began_ns; /* of the container's present run */
	uint64_t failing;  /* tests in a row that failed and count */
};

/* The container runs. */
void health_begin(const struct health_plan *plan, struct health *health, uint64_t now_ns);
/* How long to wait for the next test. */
uint64_t health_wait_ms(const struct health_plan *plan, const struct health *health,
			uint64_t now_ns);
/* A test that began at that time has ended. True: the status has changed. */
bool health_note(const struct health_plan *plan, struct health *health, uint64_t test_began_ns,
		 bool good);

/* NONE; CMD and a program; CMD-SHELL and one text. */
int health_test_check(const struct string_list *test, struct error *err);

/* Setters for the table of keys. */
struct machine;
typedef int health_setter(struct machine *machine, const char *value, struct error *err);
health_setter set_health_test, set_health_interval, set_health_timeout, set_health_retries,
	set_health_start_period, set_health_start_interval, set_health_on_failure;

#endif
