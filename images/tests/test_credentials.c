// SPDX-License-Identifier: Apache-2.0
#include "images/registry/auth.h"

#include "lib/cleanup.h"
#include "lib/tap.h"

#include <string.h>

static struct credentials found;
static struct error err;

static int find(const char *json, const char *text)
{
	struct reference reference;
	err = (struct error)ERROR_INIT;
	reference_parse(text, &reference, &err);
	return credentials_find(json, strlen(json), &reference, &found, &err);
}

/* alice:s3cret:colon, bob:pw, hub:pw */
static const char file[] =
	"{\"auths\":{"
	"\"localhost:5000\":{\"auth\":\"YWxpY2U6czNjcmV0OmNvbG9u\"},"
	"\"https://old.example/v1/\":{\"auth\":\"Ym9iOnB3\"},"
	"\"https://index.docker.io/v1/\":{\"auth\":\"aHViOnB3\"},"
	"\"plain.example\":{\"username\":\"carol\",\"password\":\"clear\"},"
	"\"paths.example\":{\"auth\":\"Ym9iOnB3\"},"
	"\"paths.example/team\":{\"auth\":\"YWxpY2U6czNjcmV0OmNvbG9u\"},"
	"\"token.example\":{\"auth\":\"MDA6\",\"identitytoken\":\"refresh\"},"
	"\"helper.example\":{}},\"credHelpers\":{\"x\":\"y\"}}";

static void test_lookup(void)
{
	ok(find(file, "localhost:5000/app") == 1, "by host and port");
	is(found.user, "alice", "user");
	is(found.password, "s3cret:colon", "a password with a colon");
	ok(find(file, "localhost:5001/app") == 0, "another port is another registry");
	ok(find(file, "localhost/app") == 0, "no port is another registry");
	ok(find(file, "old.example/app") == 1 && strcmp(found.user, "bob") == 0, "by an old URL");
	ok(find(file, "nginx") == 1 && strcmp(found.user, "hub") == 0, "Docker Hub");
	ok(find(file, "plain.example/x") == 1 && strcmp(found.password, "clear") == 0,
	   "username and password in clear");
	ok(find(file, "paths.example/other/x") == 1 && strcmp(found.user, "bob") == 0, "by host");
	ok(find(file, "paths.example/team/x") == 1 && strcmp(found.user, "alice") == 0,
	   "the longer path wins");
	ok(find(file, "paths.example/teamwork/x") == 1 && strcmp(found.user, "bob") == 0,
	   "a path matches by whole components");
	ok(find(file, "token.example/x") == 1, "identity token");
	is(found.identity_token, "refresh", "the token");
	ok(find(file, "helper.example/x") == 0, "an empty entry is none");
	is(found.helper, "", "and nobody keeps it");
	ok(find("{\"credsStore\":\"desktop\",\"auths\":{\"a.b\":{}}}", "a.b/c") == 0, "a store");
	is(found.helper, "desktop", "which one");
	ok(find("{\"credsStore\":\"desktop\"}", "a.b/c") == 0 && !*found.helper,
	   "a store that does not have it");
	ok(find("{\"credHelpers\":{\"a.b\":\"ecr-login\"}}", "a.b/c") == 0, "a helper");
	is(found.helper, "ecr-login", "which one");
	ok(find("{\"auths\":{\"a.b\":{\"registrytoken\":\"x.y\"}}}", "a.b/c") == 1, "a token");
	is(found.registry_token, "x.y", "as it is");
	ok(find("{}", "nginx") == 0 && find("{\"auths\":null}", "nginx") == 0, "no entries at all");
	ok(find("{\"auths\":{\"\":{\"auth\":\"Ym9iOnB3\"},\"/\":{\"auth\":\"Ym9iOnB3\"}}}", "nginx") == 0,
	   "an empty key matches nothing");
}

static void test_refusals(void)
{
	static const char *const bad[] = {
		"{", "[]", "{\"auths\":{\"a.b\":{\"auth\":\"!!!\"}}}",
		"{\"auths\":{\"a.b\":{\"auth\":\"Ym9i\"}}}", "{\"auths\":{\"a.b\":{\"auth\":\"YQBiOmM=\"}}}",
		"{\"auths\":{\"a.b\":{\"registrytoken\":\"x\\ny\"}}}",
	};
	for (size_t i = 0; i < countof(bad); i++)
		ok(find(bad[i], "a.b/c") < 0, "%s is refused: %s", bad[i], err.text);
	ok(!strstr(err.text, "YQBi"), "no secret in the message");
}

int main(void)
{
	test_lookup();
	test_refusals();
	return tap_end();
}
