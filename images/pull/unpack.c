// SPDX-License-Identifier: Apache-2.0
/*
 * Layer workers run ahead of the applier, in layer order, each as far as its queue and its pipe have
 * room. An applier is forked for one layer, when the layer below is committed.
 */
#include "images/pull/unpack.h"

#include "images/pull/apply.h"
#include "images/pull/fetch.h"
#include "images/pull/worker.h"
#include "lib/cleanup.h"
#include "lib/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

enum {
	SLOTS_MAX = 4,
	SPLIT_FROM = 32 << 20,
	POLL_MS = 1000,
	PROGRESS_MS = 100,
	VERDICT_MS = 10000, /* how long a failed applier waits for the layer worker's reason */
};

struct slot {
	struct worker worker;
	size_t layer;
	uint64_t received;
};

struct unpack {
	const struct unpack_request *request;
	const struct image *image;
	struct slot slots[SLOTS_MAX];
	struct worker applier;
	int read_ends[IMAGE_LAYERS_MAX], write_ends[IMAGE_LAYERS_MAX];
	size_t started;      /* layers below this have or had a worker */
	size_t committed;    /* layers below this are complete */
	bool begun, applied; /* the layer `committed` has its applier; it has done its work */
	bool verified[IMAGE_LAYERS_MAX];
	struct layer_budget budget;
	uint64_t finished_bytes, total_bytes, unpacked_bytes;
	uint64_t heard_at, reported_at; /* monotonic_ns */
	bool failed;
	struct error *err;
	unsigned char storage[FRAME_MAX];
};

static uint64_t milliseconds_since(uint64_t at)
{
	return (monotonic_ns() - at) / 1000000;
}

static void close_ends(int *ends)
{
	for (size_t i = 0; i < IMAGE_LAYERS_MAX; i++)
		if (ends[i] >= 0)
			close(steal_fd(&ends[i]));
}

static int open_pipes(struct unpack *unpack, struct error *err)
{
	for (size_t i = unpack->request->first; i < unpack->image->layer_count; i++) {
		int ends[2];
		if (pipe2(ends, O_CLOEXEC) < 0)
			return error_errno(err, errno, "create a pipe for layer %zu", i + 1);
		unpack->read_ends[i] = ends[0];
		unpack->write_ends[i] = ends[1];
	}
	return 0;
}

static int start_applier(struct unpack *unpack, struct error *err)
{
	const struct unpack_target *target = &unpack->request->target;
	size_t layer = unpack->committed;
	int *in_fd = &unpack->read_ends[layer];
	_cleanup_close_ int root = target->begin(target->context, layer, err);
	if (root < 0)
		return -1;
	struct apply_context context = {
		.request = unpack->request->resolve->request,
		.layer = &unpack->image->layers[layer],
		.root_fd = root,
		.in_fd = *in_fd,
		.budget = unpack->budget,
		.packed = unpack->total_bytes,
	};
	if (worker_start(&unpack->applier, apply_main, &context, (const int[]){*in_fd, root}, 2,
			 err) < 0)
		return -1;
	close(steal_fd(in_fd));
	unpack->begun = true;
	return 0;
}

static int commit_layer(struct unpack *unpack, struct error *err)
{
	const struct unpack_target *target = &unpack->request->target;
	if (target->commit(target->context, unpack->committed, err) < 0)
		return -1;
	unpack->committed++;
	unpack->begun = unpack->applied = false;
	return 0;
}

/* A large layer gets as many of the connections as it has of the bytes: one of several large ones has
 * the others beside it already. */
static struct chunk_plan chunks_of(const struct unpack *unpack, const struct image_layer *layer)
{
	struct chunk_plan plan = {1, unpack->request->plan.chunk_size};
	if (plan.chunk_size == 0 || layer->blob.size < SPLIT_FROM)
		return plan;
	double share = (double)layer->blob.size / (double)unpack->total_bytes;
	plan.connections = (unsigned)(share * CHUNK_CONNECTIONS_MAX + 0.5);
	if (plan.connections < 1)
		plan.connections = 1;
	return plan;
}

static int start_layer(struct unpack *unpack, struct slot *slot, struct error *err)
{
	size_t layer = unpack->started;
	int *out_fd = &unpack->write_ends[layer];
	struct fetch_context context = {
		.resolve = unpack->request->resolve,
		.image = unpack->image,
		.layer = &unpack->image->layers[layer],
		.chunks = chunks_of(unpack, &unpack->image->layers[layer]),
		.queue_size = unpack->request->plan.queue_size,
		.out_fd = *out_fd,
	};
	/* Refused only when it exceeds the system's limit; the default size works too. */
	fcntl(*out_fd, F_SETPIPE_SZ, unpack->request->plan.pipe_size);
	if (worker_start(&slot->worker, fetch_main, &context, out_fd, 1, err) < 0)
		return -1;
	close(steal_fd(out_fd));
	slot->layer = layer;
	slot->received = 0;
	unpack->started++;
	return 0;
}

static int start_layers(struct unpack *unpack, struct error *err)
{
	for (unsigned i = 0; i < unpack->request->plan.workers && i < SLOTS_MAX; i++)
		if (unpack->slots[i].worker.pid == 0 &&
		    unpack->started < unpack->image->layer_count &&
		    start_layer(unpack, &unpack->slots[i], err) < 0)
			return -1;
	return 0;
}

/* The first failure counts; what follows from it does not. */
static void fail(struct unpack *unpack, const struct error *why)
{
	if (!unpack->failed)
		*unpack->err = *why;
	unpack->failed = true;
}

static void take_failure(struct unpack *unpack, struct frame *frame, const char *name)
{
	struct error failure = ERROR_INIT;
	if (pull_decode_failure(frame, &failure, NULL) < 0)
		error_set(&failure, "%s sent a malformed message", name);
	fail(unpack, &failure);
}

static void end_slot(struct unpack *unpack, struct slot *slot, bool announced)
{
	struct error how = ERROR_INIT;
	worker_end(&slot->worker, announced, "the layer worker", &how);
	if (announced)
		return;
	error_context(&how, "layer %s", unpack->image->layers[slot->layer].blob.digest.text);
	how.kind = ERROR_TEMPORARY;
	fail(unpack, &how);
}

static void take_slot_frame(struct unpack *unpack, struct slot *slot)
{
	struct frame frame;
	int got = frame_receive(slot->worker.fd, &frame, unpack->storage, sizeof unpack->storage,
				NULL);
	unpack->heard_at = monotonic_ns();
	if (got <= 0) {
		end_slot(unpack, slot, false);
		return;
	}
	switch (frame.type) {
	case WORKER_PROGRESS:
		slot->received = frame_get_u64(&frame);
		return;
	case WORKER_DONE:
		unpack->verified[slot->layer] = true;
		unpack->finished_bytes += unpack->image->layers[slot->layer].blob.size;
		break;
	case WORKER_PIPE_CLOSED: /* the applier's own message tells why */
		break;
	default:
		take_failure(unpack, &frame, "the layer worker");
	}
	slot->received = 0;
	end_slot(unpack, slot, true);
}

/* Lets the layer worker that fed a failed applier have its say: when the stream was cut short or
 * corrupt, the reason is on its side. */
static void hear_cause(struct unpack *unpack)
{
	uint64_t since = monotonic_ns();
	for (unsigned i = 0; i < SLOTS_MAX; i++) {
		struct slot *slot = &unpack->slots[i];
		while (slot->worker.pid > 0 && slot->layer == unpack->committed && !unpack->failed) {
			struct pollfd poll_fd = {slot->worker.fd, POLLIN, 0};
			uint64_t passed = milliseconds_since(since);
			if (passed >= VERDICT_MS ||
			    poll(&poll_fd, 1, (int)(VERDICT_MS - passed)) <= 0)
				break;
			take_slot_frame(unpack, slot);
		}
	}
}

static void take_applied(struct unpack *unpack, struct frame *frame)
{
	uint64_t bytes = frame_get_u64(frame), entries = frame_get_u64(frame);
	worker_end(&unpack->applier, true, "the applier", NULL); /* its work is done */
	unpack->applied = true;
	unpack->unpacked_bytes += bytes;
	unpack->budget.bytes -= bytes < unpack->budget.bytes ? bytes : unpack->budget.bytes;
	unpack->budget.entries -= entries < unpack->budget.entries ? entries
								    : unpack->budget.entries;
	unpack->budget.stream = frame_get_u64(frame);
}

static void take_applier_frame(struct unpack *unpack)
{
	struct frame frame;
	struct error failure = ERROR_INIT;
	static unsigned char storage[FRAME_MAX];
	int got = frame_receive(unpack->applier.fd, &frame, storage, sizeof storage, NULL);
	unpack->heard_at = monotonic_ns();
	if (got > 0 && frame.type == WORKER_APPLIED) {
		take_applied(unpack, &frame);
		return;
	}
	bool announced = got > 0, bad_layer = announced && frame.type == WORKER_BAD_LAYER;
	if (announced && pull_decode_failure(&frame, &failure, NULL) < 0)
		error_set(&failure, "the applier sent a malformed message");
	if (announced) /* its end of the pipe must close before a layer worker can notice */
		worker_end(&unpack->applier, true, "the applier", NULL);
	else
		worker_end(&unpack->applier, false, "the applier", &failure);
	if (bad_layer)
		hear_cause(unpack);
	fail(unpack, &failure);
}

static uint64_t bytes_so_far(const struct unpack *unpack)
{
	uint64_t bytes = unpack->finished_bytes;
	for (unsigned i = 0; i < SLOTS_MAX; i++)
		bytes += unpack->slots[i].received;
	return bytes;
}

static void report_progress(struct unpack *unpack)
{
	if (milliseconds_since(unpack->reported_at) < PROGRESS_MS)
		return;
	struct pull_progress progress = {
		.bytes = bytes_so_far(unpack),
		.bytes_total = unpack->total_bytes,
		.layers = unpack->committed,
		.layers_total = unpack->image->layer_count,
	};
	struct frame frame;
	pull_encode_progress(&frame, unpack->storage, &progress);
	frame_send(unpack->request->report_fd, &frame, NULL);
	unpack->reported_at = monotonic_ns();
}

/* Waits for frames and takes one from each child that has some. */
static void wait_and_take(struct unpack *unpack)
{
	struct pollfd fds[SLOTS_MAX + 1];
	for (unsigned i = 0; i < SLOTS_MAX; i++)
		fds[i] = (struct pollfd){unpack->slots[i].worker.fd, POLLIN, 0};
	fds[SLOTS_MAX] = (struct pollfd){unpack->applier.fd, POLLIN, 0};
	poll(fds, SLOTS_MAX + 1, deadline_limit(&unpack->request->deadline, POLL_MS));
	for (unsigned i = 0; i < SLOTS_MAX; i++)
		if (fds[i].revents && unpack->slots[i].worker.fd >= 0)
			take_slot_frame(unpack, &unpack->slots[i]);
	if (fds[SLOTS_MAX].revents && !unpack->failed)
		take_applier_frame(unpack);
	if (!unpack->failed && milliseconds_since(unpack->heard_at) > WORKER_SILENCE_MS) {
		struct error hung = ERROR_INIT;
		error_temporary(&hung, "layer %s: no progress for %d s",
				unpack->image->layers[unpack->committed].blob.digest.text,
				WORKER_SILENCE_MS / 1000);
		fail(unpack, &hung);
	}
}

/* Everything that can go on without waiting. */
static int advance(struct unpack *unpack, struct error *err)
{
	size_t count = unpack->image->layer_count;
	if (start_layers(unpack, err) < 0)
		return -1;
	if (unpack->applied && unpack->verified[unpack->committed] && commit_layer(unpack, err) < 0)
		return -1;
	if (!unpack->begun && unpack->committed < count)
		return start_applier(unpack, err);
	return 0;
}

static int run(struct unpack *unpack, struct error *err)
{
	size_t count = unpack->image->layer_count;
	if (open_pipes(unpack, err) < 0)
		return -1;
	while (!unpack->failed && unpack->committed < count) {
		if (advance(unpack, err) < 0)
			return -1;
		if (unpack->committed < count)
			wait_and_take(unpack);
		report_progress(unpack);
		if (deadline_is_over(&unpack->request->deadline))
			return deadline_error(&unpack->request->deadline, bytes_so_far(unpack),
					      unpack->total_bytes, err);
	}
	return unpack->failed ? -1 : 0;
}

int unpack_image(const struct unpack_request *request, uint64_t *bytes, uint64_t *unpacked,
		 struct error *err)
{
	_cleanup_free_ struct unpack *unpack = calloc(1, sizeof *unpack);
	if (!unpack)
		return error_temporary(err, "no memory for the puller");
	unpack->request = request;
	unpack->image = request->image;
	unpack->err = err;
	unpack->heard_at = monotonic_ns();
	unpack->applier.fd = -1;
	memset(unpack->read_ends, -1, sizeof unpack->read_ends);
	memset(unpack->write_ends, -1, sizeof unpack->write_ends);
	for (unsigned i = 0; i < SLOTS_MAX; i++)
		unpack->slots[i].worker.fd = -1;
	unpack->started = unpack->committed = request->first;
	unpack->budget = request->budget;
	for (size_t i = request->first; i < request->image->layer_count; i++)
		unpack->total_bytes += request->image->layers[i].blob.size;
	int result = run(unpack, err);
	for (unsigned i = 0; i < SLOTS_MAX; i++)
		worker_end(&unpack->slots[i].worker, true, "", NULL);
	worker_end(&unpack->applier, result < 0, "", NULL);
	close_ends(unpack->read_ends);
	close_ends(unpack->write_ends);
	*bytes = unpack->finished_bytes;
	*unpacked = unpack->unpacked_bytes;
	return result;
}
