// SPDX-License-Identifier: Apache-2.0
#include "images/pull/fetch.h"

#include "images/layers/ratio.h"
#include "images/pull/outlet.h"
#include "images/pull/policy.h"
#include "lib/cleanup.h"
#include "lib/loop.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { REPORT_INTERVAL_MS = 100 };

struct fetcher {
	const struct fetch_context *context;
	int report_fd;
	struct registry registry;
	struct inflate *inflate;
	struct outlet outlet;
	struct sha256 compressed;
	uint64_t received, written;
	uint64_t reported_at; /* monotonic_ns */
};

static void send_progress(void *context)
{
	struct fetcher *fetcher = context;
	unsigned char storage[16];
	struct frame frame;
	fetcher->reported_at = monotonic_ns();
	frame_begin(&frame, WORKER_PROGRESS, storage, sizeof storage);
	frame_put_u64(&frame, fetcher->received);
	frame_send(fetcher->report_fd, &frame, NULL);
}

static void send_progress_if_due(struct fetcher *fetcher)
{
	if (monotonic_ns() - fetcher->reported_at > REPORT_INTERVAL_MS * 1000000ULL)
		send_progress(fetcher);
}

static int on_uncompressed(void *context, const void *data, size_t size, struct error *err)
{
	struct fetcher *fetcher = context;
	fetcher->written += size;
	if (fetcher->written > ratio_limit(fetcher->context->layer->blob.size))
		return error_set(err, "unpacks to more than %llu bytes from %llu, %d times as many: "
				      "it can only be meant to do harm",
				 (unsigned long long)fetcher->written - size,
				 (unsigned long long)fetcher->context->layer->blob.size, RATIO_MAX);
	if (outlet_put(&fetcher->outlet, data, size, err) < 0)
		return -1;
	/* Long runs of little input, much output: the reader is alive, and so are we. */
	send_progress_if_due(fetcher);
	return 0;
}

static uint8_t *space_for_uncompressed(void *context, size_t *size, struct error *err)
{
	struct fetcher *fetcher = context;
	return outlet_place(&fetcher->outlet, size, err);
}

static int on_compressed(void *context, const void *data, size_t size, struct error *err)
{
	struct fetcher *fetcher = context;
	fetcher->received += size;
	sha256_add(&fetcher->compressed, data, size);
	send_progress_if_due(fetcher);
	return inflate_add(fetcher->inflate, data, size, err);
}

static int fetch_from_registry(struct fetcher *fetcher, struct error *err)
{
	const struct fetch_context *context = fetcher->context;
	struct registry *registry = &fetcher->registry;
	uint64_t received = 0;
	registry_resume(registry, context->image->endpoint, &context->image->access);
	return registry_blob(registry, &context->layer->blob, &context->chunks, on_compressed,
			     fetcher, &received, err);
}

static int fetch_from_layout(struct fetcher *fetcher, struct error *err)
{
	const struct fetch_context *context = fetcher->context;
	struct layout layout __attribute__((cleanup(layout_close)));
	if (layout_open(context->image->layout, &fetcher->registry.http_settings, &layout, err) < 0)
		return -1;
	return layout_blob(&layout, &context->layer->blob, context->layer->offset,
			   context->resolve->buffer_size, on_compressed, fetcher, err);
}

static int check_digest(const struct digest *actual, const struct digest *expected,
			const char *what, struct error *err)
{
	if (strcmp(actual->text, expected->text) == 0)
		return 0;
	return error_set(err, "corrupt: the %s give %s, not %s", what, actual->text, expected->text);
}

static int check_layer(struct fetcher *fetcher, struct error *err)
{
	const struct image_layer *layer = fetcher->context->layer;
	struct digest digest;
	sha256_end(&fetcher->compressed, &digest);
	/* The transfer first: a corrupt blob is the cause of whatever else would be found. */
	if (check_digest(&digest, &layer->blob.digest, "bytes", err) < 0 ||
	    inflate_end(fetcher->inflate, err) < 0 ||
	    outlet_end(&fetcher->outlet, &digest, err) < 0)
		return -1;
	return check_digest(&digest, &layer->diff_id, "unpacked bytes", err);
}

static int fetch(struct fetcher *fetcher, struct error *err)
{
	const struct fetch_context *context = fetcher->context;
	if (policy_fetch(context->resolve->request, "berth-layer", err) < 0)
		return -1;
	sha256_begin(&fetcher->compressed);
	fetcher->inflate = inflate_open(context->layer->compression, on_uncompressed, fetcher, err);
	if (!fetcher->inflate ||
	    outlet_open(&fetcher->outlet, context->out_fd, context->queue_size, err) < 0)
		return -1;
	inflate_into(fetcher->inflate, space_for_uncompressed);
	if (registry_open(&fetcher->registry, context->resolve, send_progress, fetcher, err) < 0)
		return -1;
	if ((*context->image->layout ? fetch_from_layout(fetcher, err)
				     : fetch_from_registry(fetcher, err)) < 0)
		return -1;
	if (check_layer(fetcher, err) == 0)
		return 0;
	return *context->image->layout ? -1 : registry_blame(&fetcher->registry, err);
}

int fetch_main(int report_fd, void *context)
{
	static unsigned char storage[FRAME_MAX];
	_cleanup_free_ struct fetcher *fetcher = calloc(1, sizeof *fetcher);
	struct error err = ERROR_INIT;
	struct frame frame;
	if (!fetcher)
		return 1;
	fetcher->context = context;
	fetcher->report_fd = report_fd;
	fetcher->reported_at = monotonic_ns();
	int result = fetch(fetcher, &err);
	if (result == 0 && fetcher->outlet.closed) {
		frame_begin(&frame, WORKER_PIPE_CLOSED, storage, sizeof storage);
	} else if (result == 0) {
		send_progress(fetcher);
		frame_begin(&frame, WORKER_DONE, storage, sizeof storage);
		frame_put_u64(&frame, fetcher->written);
	} else {
		error_context(&err, "layer %s", fetcher->context->layer->blob.digest.text);
		pull_encode_failure(&frame, storage, WORKER_FAILURE, &err);
	}
	/* The frame leaves before the pipe closes, so that the cause is known before the effect. */
	frame_send(report_fd, &frame, NULL);
	return 0;
}
