// SPDX-License-Identifier: Apache-2.0
/*
 * The chunk that the sink waits for is given on as it comes; the others fill their buffers. A slot
 * whose chunk is complete and given on takes the next one that nobody has asked for, so that the
 * chunks that are on their way are always neighbours.
 */
#include "images/registry/chunks.h"

#include "lib/cleanup.h"

#include <stdlib.h>
#include <string.h>

struct run;

struct slot {
	struct http_request request;
	struct run *run;
	bool busy;           /* has a chunk that is not given on to its end */
	uint64_t first;      /* of the chunk, in the blob */
	size_t size;
	size_t got, given;   /* bytes that came; that the sink has */
	unsigned char *buffer;
};

struct run {
	struct chunks *chunks;
	uint64_t next;       /* the first byte that nobody has asked for */
	bool sink_failed, failed;
	struct error *err;
	struct slot slots[CHUNK_CONNECTIONS_MAX];
};

static int give(struct run *run, struct slot *slot, const void *data, size_t size)
{
	struct chunks *chunks = run->chunks;
	if (chunks->sink(chunks->context, data, size, run->err) < 0) {
		run->sink_failed = true;
		return -1;
	}
	slot->given += size;
	chunks->delivered += size;
	slot->busy = slot->given < slot->size;
	return 0;
}

/* The slot whose chunk the sink waits for. */
static struct slot *first_in_line(struct run *run)
{
	for (size_t i = 0; i < run->chunks->plan.connections; i++) {
		struct slot *slot = &run->slots[i];
		if (slot->busy && slot->first + slot->given == run->chunks->delivered)
			return slot;
	}
	return NULL;
}

/* What has become ready by the end of the chunk before it. */
static int give_what_waits(struct run *run)
{
	struct slot *slot;
	while ((slot = first_in_line(run)) && slot->given < slot->got)
		if (give(run, slot, slot->buffer + slot->given, slot->got - slot->given) < 0)
			return -1;
	return 0;
}

static int keep(struct slot *slot, const void *data, size_t size, struct error *err)
{
	if (!slot->buffer)
		slot->buffer = malloc(slot->run->chunks->plan.chunk_size);
	if (!slot->buffer)
		return error_temporary(err, "no memory for a chunk of a layer");
	memcpy(slot->buffer + slot->got, data, size);
	slot->got += size;
	return 0;
}

/* No more than the chunk's size comes here: the client has checked it. */
static int on_data(void *context, const void *data, size_t size, struct error *err)
{
	struct slot *slot = context;
	struct run *run = slot->run;
	if (slot != first_in_line(run))
		return keep(slot, data, size, err);
	slot->got += size;
	if (give(run, slot, data, size) < 0 || (!slot->busy && give_what_waits(run) < 0)) {
		*err = *run->err;
		return -1;
	}
	return 0;
}

static void take_next_chunk(struct run *run, struct slot *slot)
{
	struct chunks *chunks = run->chunks;
	uint64_t rest = chunks->size - run->next;
	slot->first = run->next;
	slot->size = rest < chunks->plan.chunk_size ? (size_t)rest : chunks->plan.chunk_size;
	slot->got = slot->given = 0;
	slot->busy = true;
	slot->request = (struct http_request){
		.url = chunks->url, .authorization = chunks->authorization,
		.landed = chunks->landed,
		.size = chunks->size, .range_first = slot->first, .range_size = slot->size,
		.sink = on_data, .context = slot};
	run->next += slot->size;
}

/* A status other than 206 is left to the caller, who asks once more in the plain way. */
static bool is_good(struct run *run, const struct http_request *request)
{
	if (request->result == 0 && request->status == 206)
		return true;
	if (!run->failed && !run->sink_failed && request->result < 0)
		*run->err = request->err;
	else if (!run->failed && !run->sink_failed)
		error_temporary(run->err, "a range was refused (%ld)", request->status);
	run->failed = true;
	return false;
}

static enum http_next next(void *context, struct http_request *request)
{
	struct run *run = context;
	struct slot *slot = request->context;
	if (!is_good(run, request))
		return HTTP_STOP;
	if (slot->busy || run->next == run->chunks->size)
		return HTTP_REST;
	take_next_chunk(run, slot);
	return HTTP_AGAIN;
}

int chunks_run(struct chunks *chunks, bool *sink_failed, struct error *err)
{
	struct http_request *requests[CHUNK_CONNECTIONS_MAX] = {NULL};
	size_t count = 0;
	_cleanup_free_ struct run *run = calloc(1, sizeof *run);
	*sink_failed = false;
	if (!run)
		return error_temporary(err, "no memory for the chunks of a layer");
	run->chunks = chunks;
	run->err = err;
	run->next = chunks->delivered;
	for (; count < chunks->plan.connections && count < CHUNK_CONNECTIONS_MAX &&
	       run->next < chunks->size; count++) {
		struct slot *slot = &run->slots[count];
		slot->run = run;
		take_next_chunk(run, slot);
		requests[count] = &slot->request;
	}
	const struct http_feed feed = {next, run};
	http_run_fed(chunks->http, requests, count, &feed);
	for (size_t i = 0; i < count; i++) {
		is_good(run, requests[i]);
		free(run->slots[i].buffer);
	}
	*sink_failed = run->sink_failed;
	return run->failed || run->sink_failed || chunks->delivered < chunks->size ? -1 : 0;
}
