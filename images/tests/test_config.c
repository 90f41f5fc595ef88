// SPDX-License-Identifier: Apache-2.0
#include "images/config.h"

#include "images/image.h"
#include "lib/cleanup.h"
#include "lib/tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ID "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define HEAD \
	"{\"os\":\"linux\",\"architecture\":\"amd64\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":["
#define CONFIG(settings) HEAD "\"" ID "\"]},\"config\":{" settings "}}"

static char block[IMAGE_SETTINGS_MAX];
static struct config_file file;
static struct error err;

static int parse(const char *text)
{
	struct arena arena;
	arena_init(&arena, block, sizeof block);
	err = (struct error)ERROR_INIT;
	return config_parse(text, strlen(text), &arena, &file, &err);
}

static void test_settings(void)
{
	ok(parse(CONFIG("\"User\":\"1000:100\",\"WorkingDir\":\"/srv\",\"StopSignal\":\"SIGQUIT\","
			"\"Entrypoint\":[\"/e\",\"-x\"],\"Cmd\":[\"a b\",\"\"],"
			"\"Env\":[\"PATH=/bin\",\"EMPTY=\"],\"ExposedPorts\":{\"80/tcp\":{},\"53/udp\":{}},"
			"\"Volumes\":{\"/data\":{}},\"Labels\":{\"berth.memory\":\"1\"},"
			"\"Shell\":[\"/bin/ash\",\"-c\"],\"Healthcheck\":{\"Test\":[\"CMD\",\"x y\"],"
			"\"Interval\":1500000000,\"Timeout\":1,\"StartPeriod\":-5,\"Retries\":2}")) == 0,
	   "settings: %s", err.text);
	const struct image_config *config = &file.config;
	is(config->health.test.items[1], "x y", "a test of health");
	is(config->shell.items[0], "/bin/ash", "the shell");
	ok(config->health.interval_ms == 1500 && config->health.timeout_ms == 1 &&
		   config->health.start_period_ms == 0 && config->health.start_interval_ms == 0 &&
		   config->health.retries == 2,
	   "its times: a part of a millisecond is one, what is below 0 is not said");
	is(config->user, "1000:100", "user");
	is(config->working_dir, "/srv", "working directory");
	is(config->stop_signal, "SIGQUIT", "stop signal");
	ok(config->entrypoint.count == 2 && config->entrypoint.items[2] == NULL, "entrypoint is an argv");
	is(config->cmd.items[0], "a b", "a word with a space");
	is(config->cmd.items[1], "", "an empty word");
	is(config->env.items[1], "EMPTY=", "an empty variable");
	is(config->exposed_ports.items[1], "53/udp", "exposed ports");
	is(config->volumes.items[0], "/data", "volumes");
	ok(file.diff_id_count == 1, "diff IDs");
	is(file.diff_ids[0].text, ID, "the diff ID");
	ok(parse(CONFIG("\"Cmd\":null,\"Entrypoint\":null,\"Env\":null,\"Volumes\":null")) == 0 &&
	   file.config.cmd.count == 0, "nulls: %s", err.text);
	ok(parse(CONFIG("\"Cmd\":\"one\"")) == 0 && file.config.cmd.count == 1, "a single text as Cmd");
	ok(parse(HEAD "]}}") == 0 && file.diff_id_count == 0 && file.config.env.count == 0,
	   "no settings at all: %s", err.text);
	is(file.config.user, "", "no user");
	ok(parse(HEAD "]},\"config\":null,\"variant\":\"v2\"}") == 0, "config: null");
	is(file.platform.variant, "v2", "variant");
}

static const struct {
	const char *name, *text, *reason;
} bad[] = {
	{"no rootfs", "{\"os\":\"linux\",\"architecture\":\"amd64\"}", "rootfs"},
	{"no platform", "{\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}", "architecture"},
	{"a bad diff ID", HEAD "\"sha256:xyz\"]}}", "diff ID 1"},
	{"a diff ID that is a number", HEAD "5]}}", "diff ID 1"},
	{"a number in a test of health", CONFIG("\"Healthcheck\":{\"Test\":[1]}"), "Test"},
	{"a number in Cmd", CONFIG("\"Cmd\":[1]"), "Cmd"},
	{"an object as Env", CONFIG("\"Env\":{}"), "Env"},
	{"a variable without =", CONFIG("\"Env\":[\"PATH\"]"), "NAME=VALUE"},
	{"a variable without a name", CONFIG("\"Env\":[\"=x\"]"), "NAME=VALUE"},
	{"a NUL in a word", CONFIG("\"Cmd\":[\"a\\u0000b\"]"), "Cmd"},
	{"a list of ports", CONFIG("\"ExposedPorts\":[\"80\"]"), "ExposedPorts"},
	{"bad UTF-8", CONFIG("\"Cmd\":[\"\xff\"]"), "JSON"},
};

static void test_refusals(void)
{
	for (size_t i = 0; i < countof(bad); i++)
		ok(parse(bad[i].text) < 0 && strstr(err.text, bad[i].reason), "%s is refused: %s",
		   bad[i].name, err.text);
	size_t size = 200 * 1024;
	char *text = malloc(size + 1000), *value = malloc(size + 1);
	memset(value, 'x', size);
	value[size] = 0;
	sprintf(text, HEAD "]},\"config\":{\"Env\":[\"A=%s\"]}}", value);
	ok(parse(text) < 0 && strstr(err.text, "no room"), "200 KiB of settings are refused: %s",
	   err.text);
	sprintf(text, HEAD "]},\"config\":{\"User\":\"%s\"}}", value);
	ok(parse(text) < 0 && strstr(err.text, "no room"), "and as one text: %s", err.text);
	free(value);
	free(text);
}

int main(void)
{
	test_settings();
	test_refusals();
	return tap_end();
}
