// SPDX-License-Identifier: Apache-2.0
#include "images/registry/auth.h"

#include "images/http/http_url.h"
#include "images/registry/token.h"

#include <mbedtls/base64.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

int auth_basic(const struct credentials *credentials, char *out, struct error *err)
{
	char text[2 * CREDENTIAL_MAX + 1];
	size_t length = 0;
	int size = snprintf(text, sizeof text, "%s:%s", credentials->user, credentials->password);
	memcpy(out, "Basic ", 6);
	if (mbedtls_base64_encode((unsigned char *)out + 6, AUTHORIZATION_MAX - 6, &length,
				  (const unsigned char *)text, (size_t)size) != 0)
		return error_set(err, "the credentials for the registry are too long");
	return 0;
}

int auth_no_credentials(const struct auth_request *request, long status, struct error *err)
{
	const char *registry = request->reference->registry;
	const char *helper = request->credentials->helper;
	if (*helper)
		return error_set(err, "%s wants credentials (%ld), and those for it are kept by the "
				 "helper docker-credential-%s, which Berth does not run: write a user "
				 "and a password into the credentials file", registry, status, helper);
	return error_set(err, "%s wants credentials (%ld), and there are none for it", registry,
			 status);
}

/* An insecure registry may name only itself, or a host the user has listed, to get the password. */
static int check_realm(const struct auth_request *request, const char *realm,
		       bool *send_credentials, struct error *err)
{
	const struct http_settings *settings = request->settings;
	struct http_origin registry, service;
	if (http_url_origin(request->origin_url, &registry, err) < 0)
		return -1;
	if (http_url_origin(realm, &service, err) < 0)
		return error_context(err, "token service named by %s", registry.host);
	bool insecure = !registry.tls || http_is_insecure(settings, &registry);
	bool same_host = strcasecmp(registry.host, service.host) == 0;
	bool listed = http_option(settings, &service) || http_peer(settings, &service);
	if (!service.tls && !insecure)
		return error_set(err, "%s wants its token fetched over plain http (%.120s): refused",
				 registry.host, realm);
	*send_credentials = !insecure || same_host || listed;
	return 0;
}

/* A token that somebody else has fetched and put into the file. It cannot be renewed. */
static int use_registry_token(const struct auth_request *request, char *authorization,
			      struct error *err)
{
	char value[CREDENTIAL_MAX + 8];
	snprintf(value, sizeof value, "Bearer %s", request->credentials->registry_token);
	if (strcmp(value, authorization) == 0)
		return error_set(err, "%s does not accept the \"registrytoken\" of the credentials "
				 "file (401)", request->reference->registry);
	memcpy(authorization, value, strlen(value) + 1);
	return 0;
}

static int answer_bearer(const struct auth_request *request, const struct challenge *challenge,
			 char *authorization, unsigned *lifetime, struct error *err)
{
	bool send_credentials = false;
	if (request->has_credentials && *request->credentials->registry_token)
		return use_registry_token(request, authorization, err);
	if (check_realm(request, challenge->realm, &send_credentials, err) < 0)
		return -1;
	const struct token_request token = {
		.auth = request,
		.challenge = challenge,
		.credentials = request->has_credentials && send_credentials ? request->credentials
									   : NULL,
	};
	return token_fetch(&token, authorization, lifetime, err);
}

static int answer_basic(const struct auth_request *request, char *authorization,
			struct error *err)
{
	if (!request->has_credentials || !*request->credentials->user)
		return auth_no_credentials(request, 401, err);
	return auth_basic(request->credentials, authorization, err);
}

int auth_answer(const struct auth_request *request, char *authorization, unsigned *lifetime,
		struct error *err)
{
	struct challenge list[CHALLENGES_MAX];
	const char *registry = request->reference->registry;
	int count = challenge_parse(request->challenges, list, err);
	*lifetime = 0;
	if (count < 0)
		return error_context(err, "%s", registry);
	for (int i = 0; i < count; i++)
		if (list[i].scheme == CHALLENGE_BEARER && *list[i].realm)
			return answer_bearer(request, &list[i], authorization, lifetime, err);
	for (int i = 0; i < count; i++)
		if (list[i].scheme == CHALLENGE_BASIC)
			return answer_basic(request, authorization, err);
	return error_set(err, "%s refuses access (401) in a way that is not supported: \"%.120s\"",
			 registry, request->challenges);
}
