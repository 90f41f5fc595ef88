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

/* What a test does. The machine itself asks over the network (init/supervise/network_test.h). */
enum test_kind {
	TEST_COMMAND, /* "CMD" and words; "CMD-SHELL" and one text for the shell */
	TEST_HTTP,    /* "X-BERTH-HTTP", a URL, and headers: whether the answer is 200 to 399 */
	TEST_TCP,     /* "X-BERTH-TCP", [ADDRESS]:PORT: whether it can be connected to */
	TEST_SLEEP,   /* "X-BERTH-SLEEP" and a time: of hooks */
};

/* The texts are borrowed. */
struct test {
	enum test_kind kind;
	struct string_list shell; /* before the words, which are then one text; or empty */
	struct string_list words; /* behind the kind */
};

/* What holds for one container. */
struct health_plan {
	bool tested;
	struct test test;
	uint64_t interval_ms, timeout_ms, start_period_ms, start_interval_ms;
	uint64_t retries, delay_ms, successes;
};

/* The container's own settings, what they do not say from the image, and then Docker's defaults. An
 * image's test of a kind that nobody knows is none: -1, and err says so; *out is complete. */
int health_plan_make(const struct health_config *own, const struct image_config *image,
		     struct health_plan *out, struct error *err);

struct health {
	enum health_status status;
	uint64_t tests;    /* that have ended in this run */
	uint64_t good;     /* of those in a row, before it is healthy */
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

/* NONE, or as in enum test_kind without the sleep. */
int health_test_check(const struct string_list *test, struct error *err);
/* "http://[ADDRESS]:PORT/PATH" (or https), "[ADDRESS]:PORT", "5s". */
int test_words_check(enum test_kind kind, const struct string_list *words, struct error *err);
/* The kind and the words of a text that has been checked; the image's shell is for CMD-SHELL. */
void test_make(const struct string_list *text, const struct string_list *shell, struct test *out);
/* The kind that the first word is; -1: none. */
int test_kind_of(const struct string_list *text);

/* A container has up to three tests: of its health, whether it has started (before that the others
 * wait), and whether it lives. The latter two stop a container that fails them. As a text:
 * "liveness interval=10s … KIND WORDS", NAME=TIME or NUMBER. */
enum check { CHECK_HEALTH, CHECK_STARTUP, CHECK_LIVENESS, CHECK_COUNT };
enum { CHECK_TEXT_MAX = 4000, CHECK_ARENA = 24 * 1024 }; /* the latter suffices to parse one */
const char *health_check_name(enum check check);
int parse_check(const char *text, struct arena *arena, enum check *which, struct health_config *out,
		struct error *err);

/* Setters for the table of keys. */
struct machine;
typedef int health_setter(struct machine *machine, const char *value, struct error *err);
health_setter set_health_test, set_health_interval, set_health_timeout, set_health_retries,
	set_health_start_period, set_health_start_interval, set_health_on_failure, set_health_delay,
	set_health_successes, add_check;

#endif
