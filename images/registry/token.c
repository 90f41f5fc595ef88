// SPDX-License-Identifier: Apache-2.0
#include "images/registry/token.h"

#include "lib/cleanup.h"
#include "lib/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	TOKEN_BODY_MAX = 64 * 1024,
	JSON_MEMORY_MAX = 2 * 1024 * 1024,
	FORM_MAX = 8 * CREDENTIAL_MAX + 8192,
	LIFETIME_MAX_S = 365 * 24 * 3600,
};

/* One question to the service; too large for the stack. */
struct inquiry {
	struct http_request request;
	char url[HTTP_URL_MAX], form[FORM_MAX], body[TOKEN_BODY_MAX];
	char basic[AUTHORIZATION_MAX];
};

/* Percent-encodes what is not unreserved (RFC 3986) onto the end of out. */
static int append(char *out, size_t capacity, const char *name, const char *value, size_t length,
		  struct error *err)
{
	static const char hex[] = "0123456789ABCDEF";
	size_t used = strlen(out);
	used += (size_t)snprintf(out + used, capacity - used, "%s=", name);
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)value[i];
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

static int append_field(char *out, size_t capacity, const char *name, const char *value,
			struct error *err)
{
	size_t used = strlen(out);
	if (used + strlen(name) + 8 >= capacity)
		return error_set(err, "token request is longer than %zu bytes", capacity);
	if (used > 0 && !strchr("?&", out[used - 1]))
		memcpy(out + used, "&", 2);
	return append(out, capacity, name, value, strlen(value), err);
}

int token_query(const struct challenge *challenge, const char *scope, char *out, struct error *err)
{
	const char *realm = challenge->realm;
	snprintf(out, HTTP_URL_MAX, "%s%s", realm, strchr(realm, '?') ? "&" : "?");
	if (*challenge->service &&
	    append_field(out, HTTP_URL_MAX, "service", challenge->service, err) < 0)
		return -1;
	for (const char *at = scope; *(at += strspn(at, " "));) {
		char word[sizeof challenge->scope];
		size_t length = strcspn(at, " ");
		snprintf(word, sizeof word, "%.*s", (int)length, at);
		if (append_field(out, HTTP_URL_MAX, "scope", word, err) < 0)
			return -1;
		at += length;
	}
	return 0;
}

/* The OAuth2 form of both kinds. */
static int build_form(const struct token_request *request, const char *scope, char *form,
		      struct error *err)
{
	const struct credentials *credentials = request->credentials;
	bool refresh = *credentials->identity_token;
	*form = 0;
	if (append_field(form, FORM_MAX, "grant_type", refresh ? "refresh_token" : "password", err) <
		    0 ||
	    append_field(form, FORM_MAX, "client_id", "berth", err) < 0 ||
	    append_field(form, FORM_MAX, "service", request->challenge->service, err) < 0 ||
	    append_field(form, FORM_MAX, "scope", scope, err) < 0)
		return -1;
	if (refresh)
		return append_field(form, FORM_MAX, "refresh_token", credentials->identity_token, err);
	if (append_field(form, FORM_MAX, "username", credentials->user, err) < 0)
		return -1;
	return append_field(form, FORM_MAX, "password", credentials->password, err);
}

/* A header value must be visible ASCII, or the token service could add headers of its own. */
static bool is_header_safe(const char *token)
{
	for (; *token; token++)
		if (*token <= 0x20 || *token >= 0x7f)
			return false;
	return true;
}

int token_parse(const char *body, size_t size, char *authorization, unsigned *lifetime,
		struct error *err)
{
	struct json json;
	uint64_t seconds = TOKEN_LIFETIME_DEFAULT_S;
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
		json_u64(json_root(&json), "expires_in", &seconds);
	}
	*lifetime = seconds > LIFETIME_MAX_S ? LIFETIME_MAX_S : (unsigned)seconds;
	json_close(&json);
	return result;
}

static int refused(const struct token_request *request, long status, struct error *err)
{
	const char *registry = request->auth->reference->registry;
	if ((status == 401 || status == 403) && request->credentials)
		return error_set(err, "%s does not accept the credentials (its token service answers "
				 "%ld)", registry, status);
	if (status == 401 || status == 403)
		return auth_no_credentials(request->auth, status, err);
	error_set(err, "token service of %s answers %ld", registry, status);
	if (err && (status == 429 || status >= 500))
		err->kind = ERROR_TEMPORARY;
	return -1;
}

/* Sends the inquiry; the status, or -1. */
static long inquire(const struct token_request *request, struct inquiry *inquiry, bool post,
		    struct error *err)
{
	const struct challenge *challenge = request->challenge;
	struct http_request *http = &inquiry->request;
	char fallback[sizeof challenge->scope];
	snprintf(fallback, sizeof fallback, "repository:%s:pull",
		 request->auth->reference->repository);
	const char *scope = *challenge->scope ? challenge->scope : fallback;
	*http = (struct http_request){.url = inquiry->url, .public_only = true,
				      .named_by = request->auth->origin_url,
				      .size = HTTP_SIZE_UNKNOWN, .buffer = inquiry->body,
				      .capacity = TOKEN_BODY_MAX};
	if (post) {
		snprintf(inquiry->url, sizeof inquiry->url, "%s", challenge->realm);
		http->form = inquiry->form;
		if (build_form(request, scope, inquiry->form, err) < 0)
			return -1;
	} else if (token_query(challenge, scope, inquiry->url, err) < 0) {
		return -1;
	} else if (request->credentials) {
		http->authorization = inquiry->basic;
		if (auth_basic(request->credentials, inquiry->basic, err) < 0)
			return -1;
	}
	struct http_request *const list[] = {http};
	http_run(request->auth->http, list, 1);
	if (http->result == 0)
		return http->status;
	*err = http->err;
	return error_context(err, "token service of %s", request->auth->reference->registry);
}

int token_fetch(const struct token_request *request, char *authorization, unsigned *lifetime,
		struct error *err)
{
	_cleanup_free_ struct inquiry *inquiry = calloc(1, sizeof *inquiry);
	if (!inquiry)
		return error_temporary(err, "no memory for a token request");
	const struct credentials *credentials = request->credentials;
	bool post = credentials && *credentials->identity_token;
	bool both = credentials && *credentials->password;
	long status = inquire(request, inquiry, post, err);
	/* Not every service has both forms. */
	if (both && (status == 404 || status == 405))
		status = inquire(request, inquiry, !post, err);
	if (status < 0)
		return -1;
	if (status != 200)
		return refused(request, status, err);
	return token_parse(inquiry->body, (size_t)inquiry->request.received, authorization,
			   lifetime, err);
}
