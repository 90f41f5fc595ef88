// SPDX-License-Identifier: Apache-2.0
/* Hooks, and tests of a container's start and life, as the texts that a document becomes. */
#include "init/config/hooks.h"

#include "init/config/machine.h"
#include "lib/tap.h"

#include <string.h>

static char block[HOOK_ARENA];
static struct arena arena;
static struct error err;

static bool hook(const char *text, struct hook *out)
{
	arena_init(&arena, block, sizeof block);
	err = (struct error){0};
	return parse_hook(text, &arena, out, &err) == 0;
}

static void hooks(void)
{
	struct hook out;
	ok(hook("start user=root workdir=/x env=A=b 'env=C=d e' privileged restart CMD sh -c 'a b'",
		&out),
	   "all options: %s", err.text);
	ok(!out.stop && out.privileged && out.restart, "flags");
	is(out.user, "root", "its user");
	is(out.working_dir, "/x", "its folder");
	ok(out.env.count == 2 && strcmp(out.env.items[1], "C=d e") == 0, "its variables");
	ok(out.test.count == 4 && strcmp(out.test.items[3], "a b") == 0, "its words");
	ok(hook("stop X-BERTH-SLEEP 5s", &out) && out.stop && !out.user, "a sleep");
	ok(hook("stop X-BERTH-HTTP http://:80/", &out), "a question");
	ok(hook("stop CMD privileged", &out) && !out.privileged,
	   "words behind the kind are no options");
	ok(!hook("pause CMD x", &out), "%s", err.text);
	ok(!hook("start", &out), "%s", err.text);
	ok(!hook("start CMD", &out), "%s", err.text);
	ok(!hook("start NONE", &out), "%s", err.text);
	ok(!hook("start workdir=x CMD a", &out), "%s", err.text);
	ok(!hook("start env=x CMD a", &out), "%s", err.text);
	ok(!hook("stop X-BERTH-SLEEP soon", &out), "%s", err.text);
	ok(!hook("start CMD 'a", &out), "%s", err.text);
}

static bool check(const char *text, enum check *which, struct health_config *out)
{
	arena_init(&arena, block, sizeof block);
	err = (struct error){0};
	return parse_check(text, &arena, which, out, &err) == 0;
}

static void checks(void)
{
	struct health_config out;
	enum check which;
	ok(check("liveness interval=10s timeout=500ms retries=4 delay=0s CMD a=b", &which, &out) &&
		   which == CHECK_LIVENESS,
	   "a test of life: %s", err.text);
	ok(out.interval_ms == 10000 && out.timeout_ms == 500 && out.retries == 4, "its numbers");
	ok(out.delay_ms == 1, "no time before the first one is not the same as none said");
	ok(out.test.count == 2, "its words");
	ok(check("startup X-BERTH-TCP :80", &which, &out) && which == CHECK_STARTUP,
	   "one of the start");
	ok(!check("health CMD a", &which, &out), "%s", err.text);
	ok(!check("startup NONE", &which, &out), "%s", err.text);
	ok(!check("startup X-BERTH-SLEEP 5s", &which, &out), "%s", err.text);
	ok(!check("startup colour=red CMD a", &which, &out), "%s", err.text);
	ok(!check("startup retries=x CMD a", &which, &out), "%s", err.text);
}

/* What is asked over the network. */
static void questions(void)
{
	static const char *const good[] = {"http://:80/", "https://127.0.0.1:8443/a?b=c",
					   "http://[::1]:1/", "http://:80", "http://:65535/%20"};
	static const char *const bad[] = {"http://x:80/",
					  "ftp://:80/",
					  "http://:0/",
					  "http://:65536/",
					  "http:///",
					  "http://:80x/",
					  "http://[::1:80/",
					  "http://[]:80/",
					  "http://:80/a b",
					  "http://1.2.3.4/",
					  "http://user@:80/",
					  ":80",
					  ""};
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		char *words[] = {(char *)good[i], NULL};
		const struct string_list list = {1, 1, words};
		ok(test_words_check(TEST_HTTP, &list, &err) == 0, "%s", good[i]);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		char *words[] = {(char *)bad[i], NULL};
		const struct string_list list = {1, 1, words};
		ok(test_words_check(TEST_HTTP, &list, &err) < 0, "refused: %s", bad[i]);
	}
	char *headers[] = {(char *)"http://:80/", (char *)"Host: x", (char *)"no header", NULL};
	const struct string_list two = {2, 2, headers}, three = {3, 3, headers};
	ok(test_words_check(TEST_HTTP, &two, &err) == 0, "a header");
	ok(test_words_check(TEST_HTTP, &three, &err) < 0, "%s", err.text);
	char *socket[] = {(char *)"127.0.0.1:5", (char *)":6/x", NULL};
	const struct string_list tcp = {1, 1, socket}, odd = {1, 1, socket + 1};
	ok(test_words_check(TEST_TCP, &tcp, &err) == 0, "a port");
	ok(test_words_check(TEST_TCP, &odd, &err) < 0, "%s", err.text);
}

int main(void)
{
	hooks();
	checks();
	questions();
	return tap_end();
}
