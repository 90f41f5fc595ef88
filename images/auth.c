// SPDX-License-Identifier: Apache-2.0
#include "images/auth.h"

#include "images/http_url.h"
#include "lib/cleanup.h"
#include "lib/json.h"

#include <mbedtls/base64.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
	TOKEN_BODY_MAX = 64 * 1024,
	JSON_MEMORY_MAX = 2 * 1024 * 1024,
	FORM_MAX = 4 * CREDENTIAL_MAX + 8192,
};

struct token_request {
	struct http *http;
	const struct challenge *challenge;
	const struct credentials *credentials; /* NULL: anonymous */
	const struct reference *reference;
	char scope[1024];
};

static int basic(const struct credentials *credentials, char *out, struct error *err)
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

/* Percent-encodes what is not unreserved (RFC 3986) onto the end of out. */
static int append_encoded(char *out, size_t capacity, const char *name, const char *value,
			  struct error *err)
{
	static const char hex[] = "0123456789ABCDEF";
	size_t used = strlen(out);
	int length = snprintf(out + used, capacity - used, "%s=", name);
	used += length > 0 ? (size_t)length : 0;
	for (; *value; value++) {
		unsigned char c = (unsigned char)*value;
		if (used + 4 >= capacity)
			return error_set(err, "token request is longer than %zu bytes", capacity);
		if ((c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') ||
		    strchr("-._~/:,", c)) {
			out[used++] = (char)c;
		} else {
			out[used++] = '%';
			out[used++] = hex[c >> 4];
			out[used++] = hex[c & 15];
		}
	}
	out[used] = 0;
	return 0;
}

/* REALM?service=…&scope=… */
static int build_query(const struct token_request *request, char *url, struct error *err)
{
	const char *realm = request->challenge->realm;
	snprintf(url, HTTP_URL_MAX, "%s%s", realm, strchr(realm, '?') ? "&" : "?");
	if (*request->challenge->service &&
	    (append_encoded(url, HTTP_URL_MAX - 2, "service", request->challenge->service, err) < 0 ||
	     !strcat(url, "&")))
		return -1;
	return append_encoded(url, HTTP_URL_MAX, "scope", request->scope, err);
}

/* The OAuth2 form: an identity token is exchanged for an access token. */
static int build_form(const struct token_request *request, char *form, struct error *err)
{
	snprintf(form, FORM_MAX, "grant_type=refresh_token&client_id=berth&");
	if (append_encoded(form, FORM_MAX - 2, "service", request->challenge->service, err) < 0 ||
	    !strcat(form, "&") || append_encoded(form, FORM_MAX - 2, "scope", request->scope, err) < 0 ||
	    !strcat(form, "&"))
		return -1;
	return append_encoded(form, FORM_MAX, "refresh_token", request->credentials->identity_token,
			      err);
}

/* A header value must be visible ASCII, or the token service could add headers of its own. */
static bool is_header_safe(const char *token)
{
	for (; *token; token++)
		if (*token <= 0x20 || *token >= 0x7f)
			return false;
	return true;
}

static int read_token(const char *body, size_t size, char *authorization, struct error *err)
{
	struct json json;
	int result = json_open(&json, "token", body, size, JSON_MEMORY_MAX, err);
	if (result == 0) {
		const char *token = json_text_or_empty(json_root(&json), "token");
		if (!*token)
			token = json_text_or_empty(json_root(&json), "access_token");
		if (!*token || !is_header_safe(token))
			result = error_set(err, "the token service sent no usable token");
		else if (snprintf(authorization, AUTHORIZATION_MAX, "Bearer %s", token) >=
			 AUTHORIZATION_MAX)
			result = error_set(err, "the token is longer than %d bytes",
					   AUTHORIZATION_MAX - 8);
	}
	json_close(&json);
	return result;
}

static int token_refused(const struct http_request *answer, const struct token_request *request,
			 struct error *err)
{
	const char *registry = request->reference->registry;
	if (answer->status == 401 || answer->status == 403)
		return error_set(err, "%s %s (its token service answers %ld)", registry,
				 request->credentials ? "does not accept the credentials"
						      : "wants credentials, and none are for it",
				 answer->status);
	error_set(err, "token service of %s answers %ld", registry, answer->status);
	if (err && (answer->status == 429 || answer->status >= 500))
		err->kind = ERROR_TEMPORARY;
	return -1;
}

static int fetch_token(const struct token_request *request, char *authorization, struct error *err)
{
	_cleanup_free_ char *url = malloc(HTTP_URL_MAX), *form = malloc(FORM_MAX);
	_cleanup_free_ char *body = malloc(TOKEN_BODY_MAX), *header = malloc(AUTHORIZATION_MAX);
	_cleanup_free_ struct http_request *get = calloc(1, sizeof *get);
	if (!url || !form || !body || !header || !get)
		return error_temporary(err, "no memory for a token request");
	bool exchange = request->credentials && *request->credentials->identity_token;
	*get = (struct http_request){.url = url, .public_only = true, .size = HTTP_SIZE_UNKNOWN,
				     .buffer = body, .capacity = TOKEN_BODY_MAX};
	if (exchange) {
		if (build_form(request, form, err) < 0)
			return -1;
		memcpy(url, request->challenge->realm, strlen(request->challenge->realm) + 1);
		get->form = form;
	} else if (build_query(request, url, err) < 0) {
		return -1;
	}
	if (request->credentials && !exchange) {
		if (basic(request->credentials, header, err) < 0)
			return -1;
		get->authorization = header;
	}
	struct http_request *const list[] = {get};
	http_run(request->http, list, 1);
	if (get->result < 0) {
		*err = get->err;
		return error_context(err, "token service of %s", request->reference->registry);
	}
	if (get->status != 200)
		return token_refused(get, request, err);
	return read_token(body, (size_t)get->received, authorization, err);
}

/* An insecure registry may name only itself, or a host the user has listed, to get the password. */
static int check_realm(const struct http_settings *settings, const char *origin_url,
		       const char *realm, bool *send_credentials, struct error *err)
{
	struct http_origin registry, service;
	if (http_url_origin(origin_url, &registry, err) < 0)
		return -1;
	if (http_url_origin(realm, &service, err) < 0)
		return error_context(err, "token service named by %s", registry.host);
	const struct registry_option *option = http_option(settings, &registry);
	bool insecure = !registry.tls || (option && option->insecure);
	bool same_host = strcasecmp(registry.host, service.host) == 0;
	bool listed = http_option(settings, &service) != NULL;
	if (!service.tls && !insecure)
		return error_set(err, "%s wants its token fetched over plain http (%.120s): refused",
				 registry.host, realm);
	*send_credentials = !insecure || same_host || listed;
	return 0;
}

static int answer_bearer(struct token_request *request, const struct http_settings *settings,
			 const char *origin_url, char *authorization, struct error *err)
{
	bool send_credentials = false;
	const struct challenge *challenge = request->challenge;
	if (check_realm(settings, origin_url, challenge->realm, &send_credentials, err) < 0)
		return -1;
	if (!send_credentials)
		request->credentials = NULL;
	if (*challenge->scope)
		memcpy(request->scope, challenge->scope, sizeof request->scope);
	else
		snprintf(request->scope, sizeof request->scope, "repository:%s:pull",
			 request->reference->repository);
	return fetch_token(request, authorization, err);
}

int auth_answer(struct http *http, const struct http_settings *settings, const char *origin_url,
		const char *challenges, const struct credentials *credentials,
		const struct reference *reference, char *authorization, struct error *err)
{
	struct challenge list[CHALLENGES_MAX];
	int count = challenge_parse(challenges, list, err);
	if (count < 0)
		return error_context(err, "%s", reference->registry);
	for (int i = 0; i < count; i++) {
		if (list[i].scheme != CHALLENGE_BEARER || !*list[i].realm)
			continue;
		struct token_request request = {.http = http, .challenge = &list[i],
						.credentials = credentials, .reference = reference};
		return answer_bearer(&request, settings, origin_url, authorization, err);
	}
	for (int i = 0; i < count; i++) {
		if (list[i].scheme != CHALLENGE_BASIC)
			continue;
		if (!credentials || !*credentials->user)
			return error_set(err, "%s asks for a user and a password (401), and there are no "
					 "credentials for it", reference->registry);
		return basic(credentials, authorization, err);
	}
	return error_set(err, "%s refuses access (401) in a way that is not supported: \"%.120s\"",
			 reference->registry, challenges);
}
