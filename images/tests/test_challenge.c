// SPDX-License-Identifier: Apache-2.0
#include "images/registry/challenge.h"

#include "lib/tap.h"

#include <stdlib.h>
#include <string.h>

static struct challenge list[CHALLENGES_MAX];
static struct error err;

static void test_forms(void)
{
	ok(challenge_parse("Bearer realm=\"https://auth.docker.io/token\",service=\"registry.docker.io\","
			   "scope=\"repository:library/nginx:pull\"", list, &err) == 1,
	   "Docker Hub's form");
	ok(list[0].scheme == CHALLENGE_BEARER, "scheme");
	is(list[0].realm, "https://auth.docker.io/token", "realm");
	is(list[0].service, "registry.docker.io", "service");
	is(list[0].scope, "repository:library/nginx:pull", "scope");
	ok(challenge_parse("BASIC Realm = \"a \\\"quoted\\\\ name\"", list, &err) == 1 &&
	   list[0].scheme == CHALLENGE_BASIC, "case and spaces do not matter");
	is(list[0].realm, "a \"quoted\\ name", "escapes");
	ok(challenge_parse("Negotiate YWJj==, Basic realm=x, Bearer realm=\"r\",error=insufficient_scope",
			   list, &err) == 3, "three in one header");
	ok(list[0].scheme == CHALLENGE_OTHER && list[1].scheme == CHALLENGE_BASIC &&
	   list[2].scheme == CHALLENGE_BEARER, "in order");
	is(list[1].realm, "x", "an unquoted value");
	is(list[2].error, "insufficient_scope", "error");
	ok(challenge_parse("Bearer realm=\"r\", scope=\"a,b c\" ,, service=\"s\"", list, &err) == 1,
	   "commas inside quotes and empty elements");
	is(list[0].scope, "a,b c", "scope with a comma");
	ok(challenge_parse("Bearer realm=\"r\",charset=\"UTF-8\",x=y", list, &err) == 1,
	   "unknown parameters are passed over");
	ok(challenge_parse("", list, &err) == 0, "empty");
	ok(challenge_parse("Basic", list, &err) == 1, "a scheme alone");
	ok(challenge_parse("a x=1, b x=1, c x=1, d x=1, e x=1", list, &err) == CHALLENGES_MAX,
	   "more than fit are left out");
}

static void test_refusals(void)
{
	ok(challenge_parse("Bearer realm=\"never ends", list, &err) < 0, "open quote");
	ok(challenge_parse("Bearer realm=\"a\nb\"", list, &err) < 0, "control character");
	static char text[20000];
	memset(text, 'a', 19999);
	ok(challenge_parse(text, list, &err) < 0, "an endless header");
	memcpy(text, "Bearer realm=\"", 14);
	text[2000] = '"';
	text[2001] = 0;
	ok(challenge_parse(text, list, &err) < 0, "an endless realm");
	memcpy(text, "Bearer error=\"", 14);
	text[100] = '"';
	text[101] = 0;
	ok(challenge_parse(text, list, &err) < 0, "a value too long for its field");
}

int main(void)
{
	test_forms();
	test_refusals();
	return tap_end();
}
