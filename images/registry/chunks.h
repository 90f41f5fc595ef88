// SPDX-License-Identifier: Apache-2.0
/*
 * One large blob over several connections: ranges of it are fetched side by side, and given on in
 * order. What comes early waits in memory: one chunk for each connection at most. For servers whose
 * one connection is slower than the line (limits of storage services, long round trips).
 */
#ifndef BERTH_IMAGES_REGISTRY_CHUNKS_H
#define BERTH_IMAGES_REGISTRY_CHUNKS_H

#include "images/http/http.h"

enum { CHUNK_CONNECTIONS_MAX = HTTP_PARALLEL_MAX };

/* How a blob is split. One connection: not at all. */
struct chunk_plan {
	unsigned connections; /* at most CHUNK_CONNECTIONS_MAX */
	size_t chunk_size;    /* bytes */
};

struct chunks {
	struct http *http;
	const char *url, *authorization; /* as in struct http_request */
	char *landed;
	uint64_t size;                   /* of the whole blob */
	uint64_t delivered;              /* how much of it the sink has; grows */
	struct chunk_plan plan;
	http_sink *sink;
	void *context;
};

/* Fetches what follows the first `delivered` bytes. -1 with err filled when a chunk cannot be had,
 * or the sink refuses; *sink_failed says which. What was delivered counts all the same. */
int chunks_run(struct chunks *chunks, bool *sink_failed, struct error *err);

#endif
