// SPDX-License-Identifier: Apache-2.0
/* A blob from one endpoint: in one stream, or over several connections. */
#include "images/registry/endpoint_blob.h"

#include "images/registry/registry_error.h"
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

int endpoint_check_blob(const struct endpoint *endpoint, const struct http_request *request,
			const struct descriptor *blob, struct error *err)
{
	const char *host = endpoint->reference.registry;
	if (request->result < 0) {
		*err = request->err;
		return -1;
	}
	if (request->status == 404)
		return error_set(err, "%s does not have it (404), although the manifest names it",
				 host);
	if (request->status == 416)
		return error_set(err, "%s has fewer than its %llu bytes (416)", host,
				 (unsigned long long)blob->size);
	if (request->status != 200 && request->status != 206)
		return registry_refused(endpoint, blob->digest.text, request, err);
	return 0;
}

/* A blob on its way to the sink, first in one stream. Splitting it is of use only where one
 * connection is what everything waits for, so that is watched. */
struct blob_stream {
	const struct descriptor *blob;
	struct chunk_plan plan;
	http_sink *sink;
	void *context;
	uint64_t received;
	struct exchange exchange;
	bool may_split, split; /* split: the stream was broken off for that */
	bool sink_failed;
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

static int run_stream(struct endpoint *endpoint, struct blob_stream *stream, struct error *err)
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
	return endpoint_send(endpoint, exchange, 1, err);
}

/* Fetches the rest side by side. -1 only when the sink refuses: another failure leaves the rest to
 * one stream, unless some of it came. */
static int run_chunks(struct endpoint *endpoint, struct blob_stream *stream, struct error *err)
{
	bool sink_failed;
	struct error ignored = ERROR_INIT;
	struct chunks chunks = {
		.http = endpoint->http,
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
		stream->sink_failed = true;
		*err = ignored;
		return -1;
	}
	if (result < 0 && came < WORTH_ANOTHER)
		stream->plan.connections = 1;
	return 0;
}

/* Each round begins with the plain way in, where a token that has run out is renewed. */
static int run_blob(struct endpoint *endpoint, struct blob_stream *stream, struct error *err)
{
	const struct http_request *request = &stream->exchange.request;
	while (stream->received < stream->blob->size) {
		uint64_t before = stream->received;
		if (run_stream(endpoint, stream, err) < 0)
			return -1;
		bool refused = request->result == 0 && request->status == 401;
		if (refused && stream->received - before >= WORTH_ANOTHER)
			continue;
		if (!stream->split)
			return endpoint_check_blob(endpoint, request, stream->blob, err);
		if (run_chunks(endpoint, stream, err) < 0)
			return -1;
	}
	return 0;
}

int endpoint_blob(struct endpoint *endpoint, const struct descriptor *blob,
		  const struct chunk_plan *plan, http_sink *sink, void *context,
		  uint64_t *received, bool *final, struct error *err)
{
	_cleanup_free_ struct blob_stream *stream = calloc(1, sizeof *stream);
	if (!stream)
		return error_temporary(err, "no memory for a request");
	stream->blob = blob;
	stream->plan = *plan;
	stream->sink = sink;
	stream->context = context;
	stream->received = *received;
	int result = run_blob(endpoint, stream, err);
	*received = stream->received;
	*final = stream->sink_failed || endpoint_failed_for_good(&stream->exchange.request);
	return result;
}
