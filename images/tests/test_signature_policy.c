// SPDX-License-Identifier: Apache-2.0
#include "images/signatures/signature_policy.h"

#include "images/tests/signature_vectors.h"
#include "lib/cleanup.h"
#include "lib/tap.h"

#include <stdlib.h>

static struct settings_file file;
static struct signature_rule rule;
static struct error err;

/* A JSON text with real line ends in PEM as \n. */
static void write_settings(const char *rules)
{
	size_t used = (size_t)snprintf(file.text, sizeof file.text, "{\"signatures\":");
	for (; *rules; rules++) {
		if (*rules == '\n')
			file.text[used++] = '\\';
		file.text[used++] = *rules == '\n' ? 'n' : *rules;
	}
	file.text[used++] = '}';
	file.text[used] = 0;
	file.size = used;
}

static int find(const char *rules, const char *image)
{
	static char block[64 * 1024];
	struct arena arena;
	struct reference reference;
	arena_init(&arena, block, sizeof block);
	err = (struct error)ERROR_INIT;
	write_settings(rules);
	reference_parse(image, &reference, NULL);
	int result = signature_rule_find(&file, &reference, &arena, &rule, &err);
	signature_rule_close(&rule);
	return result;
}

#define REQUIRE(more) "{\"policy\":\"require\",\"keys\":[\"" P256_PUBLIC "\"]" more "}"

static void test_match(void)
{
	static const char rules[] =
		"{\"default\":{\"policy\":\"reject\"},"
		"\"registry.example\":{\"policy\":\"accept\"},"
		"\"registry.example/team\":" REQUIRE("") ","
		"\"registry.example/team/tools\":{\"policy\":\"accept\"},"
		"\"docker.io/library/nginx\":" REQUIRE("") ","
		"\"docker.io/library\":{\"policy\":\"accept\"}}";
	static const struct {
		const char *image, *scope;
	} images[] = {
		{"other.example/app", "default"},
		{"registry.example/app", "registry.example"},
		{"registry.example:5000/app", "default"},
		{"registry.example/teamwork", "registry.example"},
		{"registry.example/team", "registry.example/team"},
		{"registry.example/team/app:1", "registry.example/team"},
		{"registry.example/team/tools/x@" SUBJECT, "registry.example/team/tools"},
		{"busybox", "docker.io/library"},
		{"nginx:1.27", "docker.io/library/nginx"},
		{"nginx/nginx-ingress", "default"},
		{"Registry.EXAMPLE/app", "registry.example"},
		{"registry.example:443/team/app", "registry.example/team"},
		{"Index.docker.io/library/nginx", "docker.io/library/nginx"},
		{"registry-1.docker.io/library/nginx", "docker.io/library/nginx"},
	};
	for (size_t i = 0; i < countof(images); i++) {
		ok(find(rules, images[i].image) == 0, "%s: %s", images[i].image, err.text);
		is(rule.scope, images[i].scope, images[i].image);
	}
	ok(find("{\"a.example\":{\"policy\":\"reject\"}}", "b.example/x") == 0 &&
	   rule.action == SIGNATURE_ACCEPT && !*rule.scope, "without a rule all is accepted");
	file.size = 0;
	struct reference reference;
	reference_parse("nginx", &reference, NULL);
	ok(signature_rule_find(&file, &reference, NULL, &rule, &err) == 0 &&
	   rule.action == SIGNATURE_ACCEPT, "without a file too");
}

static void test_identity(void)
{
	ok(find("{\"registry.example/team\":" REQUIRE("") "}", "registry.example/team/app:2") == 0,
	   "own name");
	is(rule.identity, "registry.example/team/app", "the image's own repository");
	ok(find("{\"mirror.example/hub\":" REQUIRE(",\"identity\":\"docker.io\"") "}",
		"mirror.example/hub/library/nginx") == 0, "another registry: %s", err.text);
	is(rule.identity, "docker.io/library/nginx", "what follows the scope is kept");
	ok(find("{\"mirror.example/nginx\":" REQUIRE(",\"identity\":\"docker.io/library/nginx\"") "}",
		"mirror.example/nginx") == 0, "another repository: %s", err.text);
	is(rule.identity, "docker.io/library/nginx", "exactly this one");
	ok(find("{\"default\":" REQUIRE(",\"identity\":\"any\"") "}", "nginx") == 0 &&
	   rule.any_identity, "any");
}

static void test_annotations(void)
{
	ok(find("{\"default\":" REQUIRE(",\"annotations\":{\"a\":\"1\",\"b\":\"2\"}") "}", "nginx") == 0,
	   "annotations");
	ok(rule.names.count == 2 && rule.values.count == 2, "two");
	is(rule.names.items[1], "b", "name");
	is(rule.values.items[1], "2", "value");
}

static void test_refusals(void)
{
	static const struct {
		const char *rules, *reason;
	} bad[] = {
		{"[]", "not an object"},
		{"{\"default\":true}", "\"default\": not an object"},
		{"{\"default\":{}}", "\"policy\" must be"},
		{"{\"default\":{\"policy\":\"required\"}}", "\"policy\" must be"},
		{"{\"default\":{\"policy\":\"require\"}}", "needs \"keys\""},
		{"{\"default\":{\"policy\":\"require\",\"keys\":[]}}", "needs \"keys\""},
		{"{\"default\":{\"policy\":\"require\",\"keys\":[1]}}", "not a text"},
		{"{\"default\":{\"policy\":\"require\",\"keys\":[\"x\"]}}", "key 1: not a public key"},
		{"{\"default\":{\"policy\":\"accept\",\"keys\":[]}}", "only \"require\" takes"},
		{"{\"default\":{\"policy\":\"require\",\"key\":\"x\"}}", "did you mean \"keys\"?"},
		{"{\"default\":" REQUIRE(",\"identity\":\"docker.io\"") "}", "must be \"any\""},
		{"{\"default\":" REQUIRE(",\"identity\":1") "}", "must be \"any\""},
		{"{\"a.example\":" REQUIRE(",\"identity\":\"a.example/x:1\"") "}", "in full"},
		{"{\"a.example\":" REQUIRE(",\"annotations\":[]") "}", "not an object"},
		{"{\"a.example\":" REQUIRE(",\"annotations\":{\"a\":1}") "}", "not a text"},
		{"{\"nginx\":{\"policy\":\"accept\"}}", "\"docker.io/library/nginx\""},
		{"{\"a.example/app:1\":{\"policy\":\"accept\"}}", "\"a.example/app\""},
		{"{\"a.example/\":{\"policy\":\"accept\"}}", "a.example/"},
		{"{\"\":{\"policy\":\"accept\"}}", "not \"default\""},
		{"{\"a.example\":{\"policy\":\"accept\"},\"b\":{}}", "\"b\""},
		{"{\"A.example/x\":{\"policy\":\"accept\"}}", "\"a.example/x\""},
		{"{\"a.example:443\":{\"policy\":\"accept\"}}", "in full"},
		{"{\"index.docker.io/x\":{\"policy\":\"accept\"}}", "\"docker.io/library/x\""},
		{"{\"a.b\":{\"policy\":\"reject\"},\"a.b\":{\"policy\":\"accept\"}}", "written twice"},
		{"{\"other.example\":{\"policy\":\"\"},\"default\":{\"policy\":\"accept\"}}", "other"},
	};
	for (size_t i = 0; i < countof(bad); i++)
		ok(find(bad[i].rules, "nginx") < 0 && strstr(err.text, bad[i].reason),
		   "refused: %s", err.text);
}

int main(void)
{
	test_match();
	test_identity();
	test_annotations();
	test_refusals();
	return tap_end();
}
