// SPDX-License-Identifier: Apache-2.0
#include "images/registry.h"

#include "images/http_url.h"
#include "images/registry_error.h"
#include "lib/cleanup.h"
#include "lib/loop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	WORTH_ANOTHER = 64 * 1024,   /* so many bytes more are a reason to go on after a refusal */
	SPLIT_REST_MIN = 16 << 20,   /* less is not worth more connections */
	SPLIT_WINDOW_NS = 500000000,
};

/* A request together with the storage of its address. */
struct exchange {
	struct http_request request;
	char path[REGISTRY_PATH_MAX];
	char url[2 * REFERENCE_NAME_MAX + 512];
	bool pending;
};

static const char *api_host(const struct registry *registry)
{
	const char *host = registry->reference->registry;
	return strcmp(host, "docker.io") == 0 ? "registry-1.docker.io" : host;
}

static void set_url(const struct registry *registry, struct exchange *exchange)
{
	snprintf(exchange->url, sizeof exchange->url, "%s://%s/v2/%s/%s",
		 registry->access.plain ? "http" : "https", api_host(registry),
		 registry->reference->repository, exchange->path);
	exchange->request.url = exchange->url;
	exchange->request.authorization =
		*registry->access.authorization ? registry->access.authorization : NULL;
}

/* The user has marked this registry insecure. */
static bool is_insecure(const struct registry *registry, const struct exchange *exchange)
{
	struct http_origin origin;
	if (http_url_origin(exchange->url, &origin, NULL) < 0)
		return false;
	const struct registry_option *option = http_option(registry->settings, &origin);
	return option && option->insecure;
}

static void run_pending(struct registry *registry, struct exchange *exchanges, size_t count)
{
	struct http_request *list[REGISTRY_PIECES_MAX + 1];
	size_t used = 0;
	for (size_t i = 0; i < count; i++) {
		if (!exchanges[i].pending)
			continue;
		set_url(registry, &exchanges[i]);
		list[used++] = &exchanges[i].request;
	}
	http_run(registry->http, list, used);
}

/* Docker's rule for insecure registries: https first, http when nobody answers in TLS. */
static void decide_scheme(struct registry *registry, struct exchange *first)
{
	if (registry->access.decided)
		return;
	set_url(registry, first);
	registry->access.decided = true;
	if (!is_insecure(registry, first))
		return;
	struct http_request *list[] = {&first->request};
	first->request.once = true;
	http_run(registry->http, list, 1);
	first->request.once = false;
	bool has_port = strchr(registry->reference->registry, ':') != NULL;
	bool silent = first->request.failure == HTTP_FAILURE_CONNECT && !has_port;
	if (first->request.result < 0 &&
	    (silent || first->request.failure == HTTP_FAILURE_NO_TLS))
		registry->access.plain = true;
	else
		first->pending = first->request.result < 0 || first->request.status >= 500;
}

/* The registry was out of reach when the scheme was to be decided, and answered later, not in TLS. */
static void decide_late(struct registry *registry, struct exchange *exchanges, size_t count)
{
	if (registry->access.plain || !is_insecure(registry, &exchanges[0]))
		return;
	for (size_t i = 0; i < count; i++) {
		const struct http_request *request = &exchanges[i].request;
		exchanges[i].pending =
			request->result < 0 && request->failure == HTTP_FAILURE_NO_TLS;
		registry->access.plain |= exchanges[i].pending;
	}
	if (registry->access.plain)
		run_pending(registry, exchanges, count);
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

/* Runs all exchanges; answers a 401 once, and once more when the first token was too narrow. */
static int send_all(struct registry *registry, struct exchange *exchanges, size_t count,
		    struct error *err)
{
	for (size_t i = 0; i < count; i++)
		exchanges[i].pending = true;
	decide_scheme(registry, &exchanges[0]);
	run_pending(registry, exchanges, count);
	decide_late(registry, exchanges, count);
	for (unsigned tries = 0; tries < 2; tries++) {
		const struct exchange *refused = NULL;
		if (mark_unauthorized(exchanges, count, &refused) == 0)
			return 0;
		if (tries == 1 && !strstr(refused->request.challenge, "insufficient_scope"))
			return 0;
		if (auth_answer(registry->http, registry->settings, refused->url,
				refused->request.challenge, registry->credentials,
				registry->reference, registry->access.authorization, err) < 0)
			return -1;
		run_pending(registry, exchanges, count);
	}
	return 0;
}

/* For a 404: does the repository exist at all? */
static int explain_missing(struct registry *registry, const char *target,
			   const struct http_request *refused, struct error *err)
{
	_cleanup_free_ struct exchange *exchange = calloc(1, sizeof *exchange);
	enum { LIST_MAX = 64 * 1024 };
	_cleanup_free_ char *body = malloc(LIST_MAX);
	if (!exchange || !body)
		return registry_refused(registry, target, refused, err);
	snprintf(exchange->path, sizeof exchange->path, "tags/list?n=12");
	exchange->request = (struct http_request){.size = HTTP_SIZE_UNKNOWN, .buffer = body,
						  .capacity = LIST_MAX};
	struct error ignored = ERROR_INIT;
	if (send_all(registry, exchange, 1, &ignored) < 0 || exchange->request.result < 0)
		return registry_refused(registry, target, refused, err);
	if (exchange->request.status == 404)
		return error_set(err, "%s has no repository \"%s\" (404)",
				 registry->reference->registry, registry->reference->repository);
	if (exchange->request.status != 200)
		return registry_refused(registry, target, refused, err);
	return registry_no_tag(registry, target, body, (size_t)exchange->request.received, err);
}

int registry_manifest(struct registry *registry, const char *target, char *body, size_t capacity,
		      size_t *size, char content_type[MEDIA_TYPE_MAX], struct error *err)
{
	_cleanup_free_ struct exchange *exchange = calloc(1, sizeof *exchange);
	if (!exchange)
		return error_temporary(err, "no memory for a request");
	struct http_request *request = &exchange->request;
	snprintf(exchange->path, sizeof exchange->path, "manifests/%s", target);
	*request = (struct http_request){.accept = manifest_accept, .size = HTTP_SIZE_UNKNOWN,
					 .buffer = body, .capacity = capacity};
	if (send_all(registry, exchange, 1, err) < 0)
		return -1;
	if (request->result < 0) {
		*err = request->err;
		return error_context(err, "manifest of %s", registry->reference->repository);
	}
	if (request->status == 404)
		return explain_missing(registry, target, request, err);
	if (request->status != 200)
		return registry_refused(registry, target, request, err);
	*size = (size_t)request->received;
	snprintf(content_type, MEDIA_TYPE_MAX, "%s", request->content_type);
	return 0;
}

/* The page behind this one, as `<URL>; rel="next"` states it. Only what stands behind our own path is
 * taken, so that the answer cannot lead elsewhere. */
static void find_next(const char *link, const char *path, char next[REGISTRY_PATH_MAX])
{
	size_t length = strcspn(path, "?");
	char own[REGISTRY_PATH_MAX];
	snprintf(own, sizeof own, "%.*s?", (int)length, path);
	const char *end = strchr(link, '>'), *begin = strstr(link, own);
	*next = 0;
	if (end && begin && begin < end && (strstr(end, "\"next\"") || strstr(end, "=next")) &&
	    (size_t)(end - begin) < REGISTRY_PATH_MAX)
		snprintf(next, REGISTRY_PATH_MAX, "%.*s", (int)(end - begin), begin);
}

int registry_optional(struct registry *registry, const char *path, const char *accept, char *body,
		      size_t capacity, size_t *size, char next[REGISTRY_PATH_MAX],
		      struct error *err)
{
	_cleanup_free_ struct exchange *exchange = calloc(1, sizeof *exchange);
	if (!exchange)
		return error_temporary(err, "no memory for a request");
	struct http_request *request = &exchange->request;
	snprintf(exchange->path, sizeof exchange->path, "%s", path);
	*request = (struct http_request){.accept = accept, .size = HTTP_SIZE_UNKNOWN,
					 .buffer = body, .capacity = capacity};
	if (send_all(registry, exchange, 1, err) < 0)
		return -1;
	if (request->result < 0) {
		*err = request->err;
		return error_context(err, "%s of %s", path, registry->reference->repository);
	}
	if (request->status == 404 || request->status == 400 || request->status == 405)
		return 0;
	if (request->status != 200)
		return registry_refused(registry, path, request, err);
	*size = (size_t)request->received;
	if (next)
		find_next(request->link, path, next);
	return 1;
}

static int check_blob(const struct registry *registry, const struct http_request *request,
		      const struct descriptor *blob, struct error *err)
{
	if (request->result < 0) {
		*err = request->err;
		return -1;
	}
	if (request->status == 404)
		return error_set(err, "%s does not have it (404), although the manifest names it",
				 registry->reference->registry);
	if (request->status == 416)
		return error_set(err, "%s has fewer than its %llu bytes (416)",
				 registry->reference->registry, (unsigned long long)blob->size);
	if (request->status != 200 && request->status != 206)
		return registry_refused(registry, blob->digest.text, request, err);
	return 0;
}

/* A blob on its way to the sink, first in one stream. Splitting it is of use only where one connection
 * is what everything waits for, so that is watched. */
struct blob_stream {
	const struct descriptor *blob;
	struct chunk_plan plan;
	http_sink *sink;
	void *context;
	uint64_t received;
	struct exchange exchange;
	bool may_split, split; /* split: the stream was broken off for that */
	uint64_t window_began, busy_ns; /* of this window: time in the sink */
	char landed[HTTP_URL_MAX];
};

/* At the end of a window: has the sink been idle for most of it, with much still to come? */
static bool is_worth_splitting(struct blob_stream *stream)
{
	uint64_t now = monotonic_ns(), passed = now - stream->window_began;
	if (!stream->may_split || passed < SPLIT_WINDOW_NS)
		return false;
	bool idle = stream->window_began > 0 && stream->busy_ns < passed / 2;
	stream->window_began = now;
	stream->busy_ns = 0;
	return idle && stream->exchange.request.accepts_ranges &&
	       stream->blob->size - stream->received >= SPLIT_REST_MIN;
}

static int on_stream(void *context, const void *data, size_t size, struct error *err)
{
	struct blob_stream *stream = context;
	uint64_t before = monotonic_ns();
	if (stream->sink(stream->context, data, size, err) < 0)
		return -1;
	stream->received += size;
	stream->busy_ns += monotonic_ns() - before;
	stream->split = is_worth_splitting(stream);
	return stream->split ? error_set(err, "to be split") : 0;
}

static int run_stream(struct registry *registry, struct blob_stream *stream, struct error *err)
{
	const struct descriptor *blob = stream->blob;
	struct exchange *exchange = &stream->exchange;
	stream->may_split = stream->plan.connections > 1;
	stream->split = false;
	stream->window_began = 0;
	snprintf(exchange->path, sizeof exchange->path, "blobs/%s", blob->digest.text);
	exchange->request = (struct http_request){.size = blob->size, .sink = on_stream,
						  .context = stream, .received = stream->received,
						  .landed = stream->landed};
	return send_all(registry, exchange, 1, err);
}

/* Fetches the rest side by side. -1 only when the sink refuses: another failure leaves the rest to
 * one stream, unless some of it came. */
static int run_chunks(struct registry *registry, struct blob_stream *stream, struct error *err)
{
	bool sink_failed;
	struct error ignored = ERROR_INIT;
	struct chunks chunks = {
		.http = registry->http,
		.url = stream->exchange.url,
		.authorization = stream->exchange.request.authorization,
		.landed = stream->landed,
		.size = stream->blob->size,
		.delivered = stream->received,
		.plan = stream->plan,
		.sink = stream->sink,
		.context = stream->context,
	};
	int result = chunks_run(&chunks, &sink_failed, &ignored);
	uint64_t came = chunks.delivered - stream->received;
	stream->received = chunks.delivered;
	if (result < 0 && sink_failed) {
		*err = ignored;
		return -1;
	}
	if (result < 0 && came < WORTH_ANOTHER)
		stream->plan.connections = 1;
	return 0;
}

/* Each round begins with the plain way in, where a token that has run out is renewed. */
static int run_blob(struct registry *registry, struct blob_stream *stream, struct error *err)
{
	const struct http_request *request = &stream->exchange.request;
	while (stream->received < stream->blob->size) {
		uint64_t before = stream->received;
		if (run_stream(registry, stream, err) < 0)
			return -1;
		bool refused = request->result == 0 && request->status == 401;
		if (refused && stream->received - before >= WORTH_ANOTHER)
			continue;
		if (!stream->split)
			return check_blob(registry, request, stream->blob, err);
		if (run_chunks(registry, stream, err) < 0)
			return -1;
	}
	return 0;
}

int registry_blob(struct registry *registry, const struct descriptor *blob,
		  const struct chunk_plan *plan, http_sink *sink, void *context,
		  uint64_t *received, struct error *err)
{
	_cleanup_free_ struct blob_stream *stream = calloc(1, sizeof *stream);
	if (!stream)
		return error_temporary(err, "no memory for a request");
	stream->blob = blob;
	stream->plan = *plan;
	stream->sink = sink;
	stream->context = context;
	stream->received = *received;
	int result = run_blob(registry, stream, err);
	*received = stream->received;
	return result;
}

static void prepare_piece(struct exchange *exchange, struct registry_piece *piece)
{
	snprintf(exchange->path, sizeof exchange->path, "blobs/%s", piece->blob->digest.text);
	exchange->request = (struct http_request){
		.size = HTTP_SIZE_UNKNOWN, .range_first = piece->offset, .range_size = piece->size,
		.buffer = (char *)piece->bytes, .capacity = sizeof piece->bytes};
}

int registry_pieces(struct registry *registry, struct registry_piece *pieces, size_t count,
		    const struct descriptor *config, char *body, size_t capacity,
		    struct error *err)
{
	size_t total = count + (config != NULL);
	_cleanup_free_ struct exchange *exchanges = calloc(total + 1, sizeof *exchanges);
	if (!exchanges)
		return error_temporary(err, "no memory for %zu requests", total);
	for (size_t i = 0; i < count; i++)
		prepare_piece(&exchanges[i + (config != NULL)], &pieces[i]);
	if (config) {
		snprintf(exchanges[0].path, sizeof exchanges[0].path, "blobs/%s",
			 config->digest.text);
		exchanges[0].request = (struct http_request){
			.size = config->size, .buffer = body, .capacity = capacity};
	}
	if (total > 0 && send_all(registry, exchanges, total, err) < 0)
		return -1;
	if (config && check_blob(registry, &exchanges[0].request, config, err) < 0)
		return error_context(err, "image configuration %s", config->digest.text);
	for (size_t i = 0; i < count; i++) {
		const struct http_request *request = &exchanges[i + (config != NULL)].request;
		pieces[i].got = request->result == 0 && request->status == 206
					? (size_t)request->received : 0;
	}
	return 0;
}
