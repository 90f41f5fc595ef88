// SPDX-License-Identifier: Apache-2.0
#include "images/registry/token.h"

#include "lib/tap.h"

#include <stdlib.h>
#include <string.h>

static struct error err;

static void is_query(const char *realm, const char *service, const char *scope, const char *want)
{
	static char url[HTTP_URL_MAX];
	struct challenge challenge = {0};
	snprintf(challenge.realm, sizeof challenge.realm, "%s", realm);
	snprintf(challenge.service, sizeof challenge.service, "%s", service);
	is(token_query(&challenge, scope, url, &err) == 0 ? url : "refused", want, "query");
}

static void test_queries(void)
{
	is_query("https://auth/token", "r", "repository:a/b:pull",
		 "https://auth/token?service=r&scope=repository:a/b:pull");
	is_query("https://auth/token?x=1", "", "s", "https://auth/token?x=1&scope=s");
	is_query("https://auth/token", "two words", "",
		 "https://auth/token?service=two%20words");
	is_query("https://auth/token", "r", "repository:a:pull  repository:b:pull",
		 "https://auth/token?service=r&scope=repository:a:pull&scope=repository:b:pull");
	is_query("https://auth/token", "r&scope=x", "s",
		 "https://auth/token?service=r%26scope%3Dx&scope=s");
}

static void is_token(const char *json, const char *want, unsigned seconds)
{
	static char authorization[AUTHORIZATION_MAX];
	unsigned lifetime = 0;
	int result = token_parse(json, strlen(json), authorization, &lifetime, &err);
	is(result == 0 ? authorization : "refused", want, json);
	ok(result < 0 || lifetime == seconds, "%u s", lifetime);
}

static void test_answers(void)
{
	is_token("{\"token\":\"a.b\"}", "Bearer a.b", TOKEN_LIFETIME_DEFAULT_S);
	is_token("{\"access_token\":\"a.b\",\"expires_in\":300}", "Bearer a.b", 300);
	is_token("{\"token\":\"a\",\"access_token\":\"b\",\"expires_in\":0}", "Bearer a", 0);
	is_token("{\"token\":\"\",\"access_token\":\"b\"}", "Bearer b", TOKEN_LIFETIME_DEFAULT_S);
	is_token("{\"token\":\"a\",\"expires_in\":-5}", "Bearer a", TOKEN_LIFETIME_DEFAULT_S);
	is_token("{\"token\":\"a\",\"expires_in\":99999999999}", "Bearer a", 365 * 24 * 3600);
	is_token("{\"token\":\"a\\r\\nX-Header: b\"}", "refused", 0);
	is_token("{\"token\":7}", "refused", 0);
	is_token("{}", "refused", 0);
	is_token("nothing", "refused", 0);
}

int main(void)
{
	test_queries();
	test_answers();
	return tap_end();
}
