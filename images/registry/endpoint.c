// SPDX-License-Identifier: Apache-2.0
#include "images/registry/endpoint.h"

#include "images/http/http_url.h"
#include "lib/loop.h"

#include <stdio.h>
#include <string.h>

enum {
	TOKENS_MAX = 16, /* fetched for one call, when each was good for some bytes */
	TOKEN_MARGIN_S = 5,
};

static const char *api_host(const struct endpoint *endpoint)
{
	const char *host = endpoint->reference.registry;
	return strcmp(host, "docker.io") == 0 ? "registry-1.docker.io" : host;
}

static void set_url(const struct endpoint *endpoint, struct exchange *exchange)
{
	const char *original = endpoint->original;
	snprintf(exchange->url, sizeof exchange->url, "%s://%s%s/v2/%s/%s%s%s",
		 endpoint->access.plain ? "http" : "https", api_host(endpoint), endpoint->base,
		 endpoint->reference.repository, exchange->path,
		 !original ? "" : strchr(exchange->path, '?') ? "&ns=" : "?ns=",
		 original ? original : "");
	exchange->request.url = exchange->url;
	exchange->request.impatient = endpoint->mirror && !endpoint->patient;
	exchange->request.authorization =
		*endpoint->access.authorization ? endpoint->access.authorization : NULL;
}

/* The user has marked this registry insecure. */
static bool is_insecure(const struct endpoint *endpoint, const struct exchange *exchange)
{
	struct http_origin origin;
	return http_url_origin(exchange->url, &origin, NULL) == 0 &&
	       http_is_insecure(endpoint->settings, &origin);
}

static void run_pending(struct endpoint *endpoint, struct exchange *exchanges, size_t count)
{
	struct http_request *list[EXCHANGES_MAX] = {0};
	size_t used = 0;
	for (size_t i = 0; i < count; i++) {
		if (!exchanges[i].pending)
			continue;
		set_url(endpoint, &exchanges[i]);
		list[used++] = &exchanges[i].request;
	}
	http_run(endpoint->http, list, used);
	for (size_t i = 0; i < used; i++)
		endpoint->reached |= list[i]->result == 0 ||
				     list[i]->failure == HTTP_FAILURE_OTHER;
}

/* Docker's rule for insecure registries: https first, http when nobody answers in TLS. */
static void decide_scheme(struct endpoint *endpoint, struct exchange *first)
{
	if (endpoint->access.decided)
		return;
	set_url(endpoint, first);
	endpoint->access.decided = true;
	if (!is_insecure(endpoint, first))
		return;
	struct http_request *list[] = {&first->request};
	first->request.once = true;
	http_run(endpoint->http, list, 1);
	first->request.once = false;
	bool has_port = strchr(endpoint->reference.registry, ':') != NULL;
	bool silent = first->request.failure == HTTP_FAILURE_CONNECT && !has_port;
	if (first->request.result < 0 &&
	    (silent || first->request.failure == HTTP_FAILURE_NO_TLS))
		endpoint->access.plain = true;
	else
		first->pending = first->request.result < 0 || first->request.status >= 500;
}

/* The registry was out of reach when the scheme was to be decided, and answered later, not in TLS. */
static void decide_late(struct endpoint *endpoint, struct exchange *exchanges, size_t count)
{
	if (endpoint->access.plain || !is_insecure(endpoint, &exchanges[0]))
		return;
	for (size_t i = 0; i < count; i++) {
		const struct http_request *request = &exchanges[i].request;
		exchanges[i].pending =
			request->result < 0 && request->failure == HTTP_FAILURE_NO_TLS;
		endpoint->access.plain |= exchanges[i].pending;
	}
	if (endpoint->access.plain)
		run_pending(endpoint, exchanges, count);
}

/* A token that has run out is not shown any more: some registries answer 403 to it, which says
 * nothing, but 401 to none. */
static void drop_old_token(struct endpoint *endpoint)
{
	struct registry_access *access = &endpoint->access;
	if (access->expires_at > 0 && monotonic_ns() > access->expires_at)
		access->authorization[0] = 0;
}

/* Marks as pending what was refused for want of a (fresh) token; counts them. */
static size_t mark_unauthorized(struct exchange *exchanges, size_t count,
				const struct exchange **refused)
{
	size_t pending = 0;
	for (size_t i = 0; i < count; i++) {
		exchanges[i].pending =
			exchanges[i].request.result == 0 && exchanges[i].request.status == 401;
		if (exchanges[i].pending)
			*refused = &exchanges[i];
		pending += exchanges[i].pending;
	}
	return pending;
}

static uint64_t received(const struct exchange *exchanges, size_t count)
{
	uint64_t total = 0;
	for (size_t i = 0; i < count; i++)
		total += exchanges[i].request.received;
	return total;
}

static int answer(struct endpoint *endpoint, const struct exchange *refused, struct error *err)
{
	struct registry_access *access = &endpoint->access;
	const struct auth_request request = {
		.http = endpoint->http,
		.settings = endpoint->settings,
		.origin_url = refused->url,
		.challenges = refused->request.challenge,
		.credentials = &endpoint->credentials,
		.has_credentials = endpoint->has_credentials,
		.reference = &endpoint->reference,
	};
	unsigned lifetime = 0;
	if (auth_answer(&request, access->authorization, &lifetime, err) < 0)
		return -1;
	uint64_t kept = lifetime > 2 * TOKEN_MARGIN_S ? lifetime - TOKEN_MARGIN_S : lifetime;
	access->expires_at = lifetime > 0 ? monotonic_ns() + kept * 1000000000ULL : 0;
	return 0;
}

/* Answers 401 once, once more when the first token was too narrow, and again whenever a token has
 * run out after it was good for a part of a blob. */
int endpoint_send(struct endpoint *endpoint, struct exchange *exchanges, size_t count,
		  struct error *err)
{
	uint64_t before = received(exchanges, count);
	bool fresh = false, widened = false;
	endpoint->reached = false;
	for (size_t i = 0; i < count; i++)
		exchanges[i].pending = true;
	drop_old_token(endpoint);
	decide_scheme(endpoint, &exchanges[0]);
	run_pending(endpoint, exchanges, count);
	decide_late(endpoint, exchanges, count);
	for (unsigned tokens = 0; tokens < TOKENS_MAX; tokens++) {
		const struct exchange *refused = NULL;
		if (mark_unauthorized(exchanges, count, &refused) == 0)
			return 0;
		uint64_t now = received(exchanges, count);
		bool narrow = strstr(refused->request.challenge, "insufficient_scope") != NULL;
		if (fresh && now == before && (!narrow || widened))
			return 0;
		widened |= fresh && narrow;
		fresh = true;
		before = now;
		if (answer(endpoint, refused, err) < 0)
			return -1;
		run_pending(endpoint, exchanges, count);
	}
	return 0;
}

bool endpoint_failed_for_good(const struct http_request *request)
{
	if (request->result == 0 || request->failure == HTTP_FAILURE_SINK)
		return request->result < 0;
	return request->err.kind == ERROR_PERMANENT && request->failure != HTTP_FAILURE_CONNECT &&
	       request->failure != HTTP_FAILURE_NO_TLS &&
	       request->failure != HTTP_FAILURE_CERTIFICATE;
}
