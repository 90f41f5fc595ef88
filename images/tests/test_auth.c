// SPDX-License-Identifier: Apache-2.0
/* The answers to a 401 that need no network. */
#include "images/registry/auth.h"

#include "lib/tap.h"

#include <stdlib.h>
#include <string.h>

static struct error err;
static char authorization[AUTHORIZATION_MAX];
static struct credentials credentials;
static struct http_settings settings;

static int answer(const char *origin_url, const char *challenges, bool has_credentials)
{
	static struct reference reference;
	unsigned lifetime = 1;
	err = (struct error)ERROR_INIT;
	reference_parse("registry.lan/app", &reference, &err);
	const struct auth_request request = {
		.settings = &settings,
		.origin_url = origin_url,
		.challenges = challenges,
		.credentials = &credentials,
		.has_credentials = has_credentials,
		.reference = &reference,
	};
	int result = auth_answer(&request, authorization, &lifetime, &err);
	return result == 0 && lifetime != 0 ? 1 : result;
}

static void is_refused(const char *challenges, bool has_credentials, const char *why)
{
	ok(answer("https://registry.lan/v2/", challenges, has_credentials) < 0 &&
		   strstr(err.text, why), "%s: %s", challenges, err.text);
	ok(!strstr(err.text, "s3cret"), "no secret in it");
}

static void test_basic(void)
{
	strcpy(credentials.user, "alice");
	strcpy(credentials.password, "s3cret:colon");
	ok(answer("https://registry.lan/v2/", "Basic realm=\"x\"", true) == 0, "Basic");
	is(authorization, "Basic YWxpY2U6czNjcmV0OmNvbG9u", "user and password");
	ok(answer("https://registry.lan/v2/", "Negotiate, Basic realm=\"x\"", true) == 0,
	   "what is not known is passed over");
	is_refused("Basic realm=\"x\"", false, "registry.lan wants credentials (401), and there are none");
	is_refused("Digest realm=\"x\"", true, "in a way that is not supported");
	is_refused("", true, "in a way that is not supported");
	strcpy(credentials.helper, "ecr-login");
	is_refused("Basic realm=\"x\"", false, "docker-credential-ecr-login, which Berth does not run");
	credentials.helper[0] = 0;
}

static void test_realms(void)
{
	is_refused("Bearer realm=\"http://auth.lan/token\"", true, "over plain http");
	is_refused("Bearer realm=\"http://registry.lan/token\"", true, "over plain http");
	is_refused("Bearer realm=\"/token\"", true, "token service named by registry.lan");
	is_refused("Bearer realm=\"file:///etc/passwd\"", true, "token service named by registry.lan");
	is_refused("Bearer realm=\"https://a:b@auth.lan/token\"", true, "token service named by");
}

static void test_registry_token(void)
{
	strcpy(credentials.registry_token, "x.y.z");
	authorization[0] = 0;
	ok(answer("https://registry.lan/v2/", "Bearer realm=\"https://auth.lan\"", true) == 0,
	   "a token that is there");
	is(authorization, "Bearer x.y.z", "as it is");
	is_refused("Bearer realm=\"https://auth.lan\"", true, "does not accept the \"registrytoken\"");
	credentials.registry_token[0] = 0;
}

int main(void)
{
	test_basic();
	test_realms();
	test_registry_token();
	return tap_end();
}
