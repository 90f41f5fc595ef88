// SPDX-License-Identifier: Apache-2.0
#include "init/config/health.h"

#include "init/config/keys.h"
#include "lib/cleanup.h"

#include <arpa/inet.h>
#include <stdio.h>
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

static const struct {
	const char *word;
	enum test_kind kind;
} kinds[] = {
	{"CMD", TEST_COMMAND},	     {"CMD-SHELL", TEST_COMMAND}, {"X-BERTH-HTTP", TEST_HTTP},
	{"X-BERTH-TCP", TEST_TCP}, {"X-BERTH-SLEEP", TEST_SLEEP},
};

static bool is_kind(const struct string_list *test, const char *kind)
{
	return test->count && strcmp(test->items[0], kind) == 0;
}

int test_kind_of(const struct string_list *text)
{
	for (size_t i = 0; i < countof(kinds); i++)
		if (is_kind(text, kinds[i].word))
			return kinds[i].kind;
	return -1;
}

/* "[ADDRESS]:PORT" with whatever is behind it; an address of IPv6 is in brackets. */
static bool is_address(const char *text, const char *behind)
{
	char host[64];
	unsigned char out[16];
	bool six = *text == '[';
	size_t length = strcspn(text += six, six ? "]" : ":/");
	snprintf(host, sizeof host, "%.*s", (int)(length < 63 ? length : 63), text);
	const char *port = text + length + six;
	if (length > 63 || (length && inet_pton(six ? AF_INET6 : AF_INET, host, out) != 1) ||
	    (six && !length) || *port != ':')
		return false;
	size_t digits = strspn(++port, "0123456789");
	long number = digits && digits < 6 ? strtol(port, NULL, 10) : 0;
	return number > 0 && number < 65536 && (port[digits] == 0 || strchr(behind, port[digits]));
}

static bool is_url(const char *text)
{
	bool tls = strncmp(text, "https://", 8) == 0;
	for (const char *at = text; *at; at++)
		if ((unsigned char)*at <= ' ' || *at == 0x7f)
			return false;
	return (tls || strncmp(text, "http://", 7) == 0) && is_address(text + (tls ? 8 : 7), "/?");
}

static bool is_header(const char *text)
{
	size_t name = strcspn(text, ": ");
	for (const char *at = text; *at; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			return false;
	return name && text[name] == ':';
}

int test_words_check(enum test_kind kind, const struct string_list *words, struct error *err)
{
	const char *first = words->count ? words->items[0] : "";
	uint64_t time;
	switch (kind) {
	case TEST_COMMAND:
		break;
	case TEST_HTTP:
		if (!is_url(first))
			return error_set(err, "\"%.80s\" is not http://[ADDRESS]:PORT/PATH or the same with "
					      "https; without an address it is the container's", first);
		for (size_t i = 1; i < words->count; i++)
			if (!is_header(words->items[i]))
				return error_set(err, "\"%.80s\" is not a header: NAME: VALUE",
						 words->items[i]);
		return 0;
	case TEST_TCP:
		if (words->count != 1 || !is_address(first, ""))
			return error_set(err, "\"%.80s\" is not [ADDRESS]:PORT; without an address it is the "
					      "container's", first);
		return 0;
	case TEST_SLEEP:
		return words->count == 1 ? parse_milliseconds(first, HEALTH_LONGEST_MS, &time, err)
					 : error_set(err, "one time is slept");
	}
	return words->count ? 0 : error_set(err, "there is no program");
}

/* The words behind the kind. */
static struct string_list words_of(const struct string_list *test)
{
	return (struct string_list){.count = test->count - 1, .capacity = test->count - 1,
				    .items = test->items + 1};
}

int health_test_check(const struct string_list *test, struct error *err)
{
	int kind = test_kind_of(test);
	if (is_kind(test, "NONE") && test->count == 1)
		return 0;
	if (kind == TEST_HTTP || kind == TEST_TCP) {
		struct string_list words = words_of(test);
		return test_words_check((enum test_kind)kind, &words, err);
	}
	if (kind == TEST_COMMAND && test->count > 1 && (is_kind(test, "CMD") || test->count == 2))
		return 0;
	return error_set(err, "\"%.60s\" is not the beginning of a test: NONE alone, CMD with a program "
			      "behind it, or CMD-SHELL with one text behind it",
			 test->count ? test->items[0] : "");
}

void test_make(const struct string_list *text, const struct string_list *shell, struct test *out)
{
	*out = (struct test){.kind = (enum test_kind)test_kind_of(text), .words = words_of(text)};
	if (!is_kind(text, "CMD-SHELL"))
		return;
	out->shell = *shell;
	if (!out->shell.count)
		out->shell = (struct string_list){2, 2, default_shell};
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
		.delay_ms = own->delay_ms,
		.successes = own->successes,
	};
	if (!test->count || is_kind(test, "NONE"))
		return 0;
	if (health_test_check(test, err) < 0)
		return error_context(err, "the image's test of health is not used");
	out->tested = true;
	test_make(test, &image->shell, &out->test);
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
	if (!health->tests && plan->delay_ms)
		return plan->delay_ms;
	return in_start_period(plan, health, now_ns) ? plan->start_interval_ms : plan->interval_ms;
}

bool health_note(const struct health_plan *plan, struct health *health, uint64_t test_began_ns,
		 bool good)
{
	enum health_status before = health->status;
	health->tests++;
	if (good) {
		health->failing = 0;
		if (++health->good >= plan->successes)
			health->status = HEALTH_HEALTHY;
		return health->status != before;
	}
	health->good = 0;
	if (!in_start_period(plan, health, test_began_ns) && ++health->failing >= plan->retries)
		health->status = HEALTH_UNHEALTHY;
	return health->status != before;
}
