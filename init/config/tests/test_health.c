// SPDX-License-Identifier: Apache-2.0
/* Docker's meanings of a test of health, moment by moment. */
#include "init/config/health.h"

#include "init/config/keys.h"
#include "lib/cleanup.h"
#include "lib/tap.h"

#include <string.h>

static const uint64_t MS = 1000000;
static struct image_config image;
static struct health_config own;
static struct health_plan plan;
static struct health health;
static struct error err;

static struct string_list words(char **items)
{
	struct string_list list = {.items = items};
	while (items[list.count])
		list.count++;
	return list;
}

static char *shell_test[] = {(char *)"CMD-SHELL", (char *)"a b", NULL};
static char *command_test[] = {(char *)"CMD", (char *)"c", (char *)"d", NULL};
static char *no_test[] = {(char *)"NONE", NULL};
static char *odd_test[] = {(char *)"HTTP", (char *)"/", NULL};
static char *ash[] = {(char *)"/bin/ash", (char *)"-ec", NULL};

static void plans(void)
{
	ok(health_plan_make(&own, &image, &plan, &err) == 0 && !plan.tested, "nobody says anything");
	image.health.test = words(command_test);
	image.health.interval_ms = 700;
	image.health.retries = 9;
	ok(health_plan_make(&own, &image, &plan, &err) == 0 && plan.tested, "the image's own");
	ok(plan.test.words.count == 2 && !plan.test.shell.count, "a command");
	ok(plan.interval_ms == 700 && plan.timeout_ms == 30000 && plan.start_period_ms == 0 &&
		   plan.start_interval_ms == 5000 && plan.retries == 9,
	   "its times, and Docker's defaults for the others");
	own.timeout_ms = 20;
	own.retries = 2;
	health_plan_make(&own, &image, &plan, &err);
	ok(plan.tested && plan.interval_ms == 700 && plan.timeout_ms == 20 && plan.retries == 2,
	   "single settings over the image's test");
	own.test = words(shell_test);
	health_plan_make(&own, &image, &plan, &err);
	ok(plan.test.words.count == 1 && strcmp(plan.test.shell.items[0], "/bin/sh") == 0, "a text for a shell");
	image.shell = words(ash);
	health_plan_make(&own, &image, &plan, &err);
	is(plan.test.shell.items[1], "-ec", "the image's shell");
	own.test = words(no_test);
	ok(health_plan_make(&own, &image, &plan, &err) == 0 && !plan.tested, "turned off");
	own = (struct health_config){0};
	image.health.test = words(odd_test);
	ok(health_plan_make(&own, &image, &plan, &err) < 0 && !plan.tested,
	   "an image's test that nobody knows is none: %s", err.text);
}

static void begin(uint64_t start_period_ms, uint64_t retries)
{
	plan = (struct health_plan){.tested = true, .interval_ms = 100, .timeout_ms = 50,
				    .start_period_ms = start_period_ms, .start_interval_ms = 10,
				    .retries = retries};
	health_begin(&plan, &health, 1000 * MS);
}

static void failures_count(void)
{
	begin(0, 3);
	ok(health.status == HEALTH_STARTING, "it is starting");
	ok(health_wait_ms(&plan, &health, 1000 * MS) == 100, "the first test comes after an interval");
	ok(!health_note(&plan, &health, 1100 * MS, false) && !health_note(&plan, &health, 1200 * MS, false),
	   "two failures of three change nothing");
	ok(health_note(&plan, &health, 1300 * MS, false) && health.status == HEALTH_UNHEALTHY,
	   "the third one does");
	ok(!health_note(&plan, &health, 1400 * MS, false) && health.failing == 4, "a fourth is counted");
	ok(health_note(&plan, &health, 1500 * MS, true) && health.status == HEALTH_HEALTHY &&
		   health.failing == 0, "a good one makes it healthy");
	ok(!health_note(&plan, &health, 1600 * MS, true), "another one changes nothing");
	health_note(&plan, &health, 1700 * MS, false);
	health_note(&plan, &health, 1800 * MS, false);
	health_note(&plan, &health, 1900 * MS, true);
	ok(!health_note(&plan, &health, 2000 * MS, false) && health.failing == 1,
	   "only failures in a row count");
}

/* What only a document says. */
static void delay_and_successes(void)
{
	begin(0, 1);
	plan.delay_ms = 7;
	plan.successes = 2;
	ok(health_wait_ms(&plan, &health, 1000 * MS) == 7, "the first test comes after its delay");
	ok(!health_note(&plan, &health, 1007 * MS, true) && health.status == HEALTH_STARTING,
	   "one good test of two is not enough");
	ok(health_wait_ms(&plan, &health, 1010 * MS) == 100, "then the intervals");
	ok(health_note(&plan, &health, 1110 * MS, false), "a failure makes it unhealthy");
	ok(!health_note(&plan, &health, 1210 * MS, true), "again the first of two");
	ok(health_note(&plan, &health, 1310 * MS, true) && health.status == HEALTH_HEALTHY, "two in a row");
}

static void start_period(void)
{
	begin(500, 1);
	ok(health_wait_ms(&plan, &health, 1000 * MS) == 10, "the start interval");
	ok(!health_note(&plan, &health, 1010 * MS, false) && health.failing == 0,
	   "a failure in the start period does not count");
	ok(!health_note(&plan, &health, 1499 * MS, false), "nor one that began in it");
	ok(health_wait_ms(&plan, &health, 1499 * MS) == 10, "its last moment");
	ok(health_wait_ms(&plan, &health, 1500 * MS) == 100, "then the usual interval");
	ok(health_note(&plan, &health, 1500 * MS, false) && health.status == HEALTH_UNHEALTHY,
	   "and failures count");
	begin(500, 1);
	ok(health_note(&plan, &health, 1010 * MS, true), "a good one ends the start");
	ok(health_wait_ms(&plan, &health, 1020 * MS) == 100, "with its interval");
	ok(health_note(&plan, &health, 1120 * MS, false) && health.status == HEALTH_UNHEALTHY,
	   "and what comes then counts, though the period is not over");
	health_begin(&plan, &health, 3000 * MS);
	ok(health.status == HEALTH_STARTING && !health.failing, "a restart begins anew");
}

static void keys(void)
{
	static struct machine machine;
	static const struct {
		const char *key, *value;
		bool good;
	} table[] = {
		{"test", "CMD check -x", true},     {"test", "CMD-SHELL 'a || b'", true},
		{"test", "NONE", true},             {"test", "NONE x", false},
		{"test", "CMD", false},             {"test", "CMD-SHELL a b", false},
		{"test", "curl localhost", false},  {"test", "''", false},
		{"interval", "500ms", true},        {"interval", "1h", true},
		{"interval", "0", true},            {"interval", "-1s", false},
		{"interval", "1m30s", false},       {"interval", "10000h", false},
		{"retries", "3", true},             {"retries", "1000001", false},
		{"retries", "3x", false},           {"retries", "99999999999999999999999", false},
		{"on-failure", "stop", true},       {"on-failure", "restart", false},
		{"delay", "0", true},               {"delay", "soon", false},
		{"successes", "2", true},           {"successes", "-1", false},
		{"test", "X-BERTH-TCP :80", true},  {"test", "X-BERTH-TCP 80", false},
		{"test", "X-BERTH-HTTP http://:80/ 'A: b'", true},
		{"test", "X-BERTH-SLEEP 5s", false},
	};
	for (size_t i = 0; i < countof(table); i++) {
		char name[40];
		machine_init(&machine);
		snprintf(name, sizeof name, "berth.health.%s", table[i].key);
		err = (struct error)ERROR_INIT;
		ok((config_key_find(name)->apply(&machine, table[i].value, &err) == 0) == table[i].good,
		   "%s=%s %s", name, table[i].value, err.text);
	}
}

int main(void)
{
	plans();
	failures_count();
	delay_and_successes();
	start_period();
	keys();
	return tap_end();
}
