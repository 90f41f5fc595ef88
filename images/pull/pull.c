// SPDX-License-Identifier: Apache-2.0
/* The coordinator: reference → resolver → free space → layers → commit. */
#include "images/pull/pull.h"

#include "images/layers/layer.h"
#include "images/pull/deadline.h"
#include "images/pull/plan.h"
#include "images/pull/resolve.h"
#include "images/pull/unpack.h"
#include "images/pull/worker.h"
#include "images/signatures/signature_record.h"
#include "images/store/fill.h"
#include "images/store/garbage.h"
#include "images/store/last_good.h"
#include "images/store/store.h"
#include "images/store/unsettled.h"
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/log.h"
#include "lib/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	ARENA_SIZE = 512 * 1024,
	STORED_MAX = 256,
};

struct pull {
	const struct pull_request *request;
	int report_fd;
	struct reference reference, pinned;
	struct store store;
	struct digest stored[STORED_MAX];
	struct credentials_file credentials;
	struct settings_file settings;
	struct resolve_context resolve;
	struct memory_plan plan;
	struct deadline deadline;
	struct image image;
	struct pull_result result;
	struct pull_plan result_plan;
	struct arena arena;
	char normal[REFERENCE_TEXT_MAX];
	struct fill fill;
	char source[PULL_TEXT + LAYOUT_PATH_MAX];
	char passed[PASSED_MAX];
	unsigned char *signature; /* the frame of a signature to keep, or NULL */
	size_t signature_size;
	unsigned char storage[FRAME_MAX];
	char block[ARENA_SIZE];
};

/* The file may be readable for root only; it is parsed in the workers, with fewer rights. */
static int read_credentials(struct pull *pull, struct error *err)
{
	const char *path = pull->request->credentials;
	if (!path)
		return 0;
	ssize_t size = file_read(AT_FDCWD, path, pull->credentials.text,
				 sizeof pull->credentials.text, err);
	if (size < 0)
		return error_context(err, "credentials");
	pull->credentials.size = (size_t)size;
	return 0;
}

/* Kept as it is; it is parsed in the resolver of a later pull only. */
static int take_signature(struct pull *pull, const struct frame *frame, struct error *err)
{
	free(pull->signature);
	pull->signature = malloc(frame->size);
	if (!pull->signature)
		return error_temporary(err, "no memory for a signature");
	memcpy(pull->signature, frame->data, frame->size);
	pull->signature_size = frame->size;
	return 0;
}

/* Without it the image would do, but the next pull of it would need the network. */
static void keep_signature(const struct pull *pull)
{
	struct digest manifest;
	struct error err = ERROR_INIT;
	if (pull->signature && (digest_parse(pull->result.digest, &manifest, &err) < 0 ||
				signature_record_write(pull->request->store, &manifest,
						       pull->signature, pull->signature_size,
						       &err) < 0))
		log_warning("berth", "8 pull: the signature is not kept: %s", err.text);
}

/* For PID 1. The frame is not sent as it came: its fields are looked at on the way. */
static int pass_date(const struct pull *pull, struct frame *frame, struct error *err)
{
	struct pull_date date;
	uint8_t storage[PULL_DATE_MAX];
	struct frame out;
	if (pull_decode_date(frame, &date, err) < 0)
		return -1;
	if (!pull->request->clock_is_floor)
		return 0;
	pull_encode_date(&out, storage, PULL_DATE, &date);
	frame_send(pull->report_fd, &out, NULL);
	return 0;
}

/* One frame of the resolver: 1 when it was the last, 0 when more will come, -1 on failure. */
static int take_resolver_frame(struct pull *pull, struct worker *worker, bool *stored,
			       struct error *err)
{
	struct frame frame;
	struct digest digest;
	char text[DIGEST_TEXT];
	int got = frame_receive(worker->fd, &frame, pull->storage, sizeof pull->storage, NULL);
	if (got <= 0) {
		worker_end(worker, false, "the resolver", err);
		return -1;
	}
	switch (frame.type) {
	case RESOLVE_ALIVE:
		return 0;
	case RESOLVE_DATE:
		return pass_date(pull, &frame, err);
	case RESOLVE_SIGNATURE:
		return take_signature(pull, &frame, err);
	case RESOLVE_IMAGE:
		return image_get(&frame, &pull->arena, &pull->image, err) < 0 ? -1 : 1;
	case RESOLVE_STORED:
		frame_get_text(&frame, text, sizeof text);
		frame_get_text(&frame, pull->passed, sizeof pull->passed);
		*stored = frame_done(&frame) && digest_parse(text, &digest, err) == 0;
		if (*stored && store_load(&pull->store, &digest, &pull->arena, &pull->result) == 1) {
			pull->result.passed = pull->passed;
			return 1;
		}
		return error_temporary(err, "the record of the stored image is not usable");
	default:
		if (pull_decode_failure(&frame, err, err) < 0)
			error_context(err, "resolver");
		return -1;
	}
}

/* Runs the resolver to its end. *stored: the image was in the store, and pull->result is filled. */
static int resolve(struct pull *pull, bool *stored, struct error *err)
{
	struct worker worker = {.fd = -1};
	int taken = 0;
	*stored = false;
	free(steal_pointer(&pull->signature));
	if (worker_start(&worker, resolve_main, &pull->resolve, NULL, 0, err) < 0)
		return -1;
	while (taken == 0) {
		struct pollfd fd = {worker.fd, POLLIN, 0};
		int ready = poll(&fd, 1, deadline_limit(&pull->deadline, WORKER_SILENCE_MS));
		if (ready < 0 && errno == EINTR)
			continue;
		if (ready <= 0 && deadline_is_over(&pull->deadline))
			taken = deadline_error(&pull->deadline, 0, 0, err);
		else if (ready <= 0)
			taken = error_temporary(err, "the resolver hangs: no sign of life for %d s",
						WORKER_SILENCE_MS / 1000);
		else
			taken = take_resolver_frame(pull, &worker, stored, err);
	}
	worker_end(&worker, true, "the resolver", NULL);
	return taken < 0 ? -1 : 0;
}

/* Records whose trees are gone are not offered to the resolver: it would find them complete. */
static void list_stored(struct pull *pull)
{
	size_t count = store_list(&pull->store, pull->stored, STORED_MAX), kept = 0;
	for (size_t i = 0; i < count; i++) {
		struct arena scratch = pull->arena;
		struct pull_result ignored;
		if (store_load(&pull->store, &pull->stored[i], &scratch, &ignored) == 1)
			pull->stored[kept++] = pull->stored[i];
	}
	pull->resolve.stored = pull->stored;
	pull->resolve.stored_count = kept;
}

static struct fill *begin_fill(struct pull *pull)
{
	pull->fill = (struct fill){
		.request = pull->request,
		.resolve = &pull->resolve,
		.store = &pull->store,
		.image = &pull->image,
		.plan = pull->plan,
		.deadline = pull->deadline,
		.report_fd = pull->report_fd,
		.arena = &pull->arena,
	};
	return &pull->fill;
}

static void describe(struct pull *pull)
{
	struct pull_result *result = &pull->result;
	if (*pull->image.layout)
		snprintf(pull->source, sizeof pull->source, "layout %s", pull->image.layout);
	else
		snprintf(pull->source, sizeof pull->source, "%s", pull->image.origin);
	result->digest = pull->image.manifest.text;
	result->platform = pull->image.platform;
	result->source = pull->source;
	result->passed = pull->image.passed;
	result->config = pull->image.config;
}

/* What no image has is not kept: the pull that left it was cut off, and this one is complete. */
static int tidy(struct pull *pull, struct error *err)
{
	const struct garbage_keep keep = {pull->request->keep, pull->request->keep_count, NULL, 0};
	return garbage_collect(&pull->store, &keep, 0, err);
}

static int fetch_once(struct pull *pull, struct error *err)
{
	bool stored;
	if (resolve(pull, &stored, err) < 0)
		return -1;
	if (stored)
		return 0;
	if (pull->image.layer_count == 0)
		return error_set(err, "the image has no layers");
	struct fill *fill = begin_fill(pull);
	if ((pull->request->one_tree ? fill_tree : fill_layers)(fill, err) < 0)
		return -1;
	pull->result.layers = fill->layers;
	pull->result.bytes = fill->bytes;
	pull->result.unpacked_bytes = fill->unpacked_bytes;
	describe(pull);
	if (store_record(&pull->store, &pull->result, err) < 0)
		return -1;
	return tidy(pull, err);
}

/* Looks for the image as a pull would, and at the store without changing it. */
static int make_plan(struct pull *pull, struct error *err)
{
	bool stored, is_store = store_open_to_read(pull->request->store, &pull->store) == 0;
	struct pull_result record;
	size_t here = 0;
	if (resolve(pull, &stored, err) < 0 || (is_store && fill_find_layers(begin_fill(pull), &here, err) < 0))
		return -1;
	describe(pull);
	pull->image.access.authorization[0] = 0;
	pull->result_plan = (struct pull_plan){
		.reference = pull->normal,
		.source = pull->source,
		.stored = is_store && store_load(&pull->store, &pull->image.manifest, &pull->arena,
						 &record) == 1,
		.layers_here = here,
		.image = pull->image,
	};
	return 0;
}

/* What lies on a medium may turn out to be broken: then what comes after it is asked. */
static int fetch_image(struct pull *pull, struct error *err)
{
	struct resolve_context *resolve = &pull->resolve;
	while (fetch_once(pull, err) < 0) {
		struct image *image = &pull->image;
		if (!*image->layout)
			return -1;
		log_warning("berth", "8 pull: %s: %s", image->layout, err->text);
		snprintf(resolve->passed, sizeof resolve->passed, "%.250s%s%.100s: %.110s",
			 image->passed, *image->passed ? "; " : "", image->layout, err->text);
		resolve->first_place = image->place + 1;
		*image = (struct image){0};
		*err = (struct error)ERROR_INIT;
	}
	return 0;
}

/* The image that the reference meant last time. The settings may want a signature of it: then the
 * resolver looks first. */
static int use_last_good(struct pull *pull, struct error *err)
{
	struct resolve_context *resolve = &pull->resolve;
	pull->pinned = pull->reference;
	if (*pull->reference.digest.text ||
	    !last_good_find(&pull->store, pull->normal, &pull->pinned.digest))
		return error_set(err, LAST_GOOD_NONE " %s", pull->normal);
	if (pull->settings.size == 0 && store_load(&pull->store, &pull->pinned.digest, &pull->arena,
						   &pull->result) == 1)
		return 0;
	resolve->reference = &pull->pinned;
	resolve->stored_only = true;
	int result = fetch_once(pull, err);
	resolve->reference = &pull->reference;
	resolve->stored_only = false;
	return result;
}

static void note_last_good(const struct pull *pull)
{
	struct digest manifest;
	struct error err = ERROR_INIT;
	if (!*pull->reference.digest.text &&
	    (digest_parse(pull->result.digest, &manifest, &err) < 0 ||
	     last_good_write(&pull->store, pull->normal, &manifest, &err) < 0))
		log_warning("berth", "8 pull: %s", err.text);
}

/* The store, then what lies offline, then the registry; or only what is stored. */
static int find_image(struct pull *pull, struct error *err)
{
	const struct pull_request *request = pull->request;
	const struct digest *digest = &pull->reference.digest;
	struct error ignored = ERROR_INIT;
	if (request->last_resort) {
		if (use_last_good(pull, err) < 0)
			return -1;
		pull->result.source = (char *)"store (last good)";
		return 0;
	}
	if (request->policy >= PULL_MISSING && use_last_good(pull, &ignored) == 0)
		return 0;
	/* The settings may want a signature of it: then the resolver looks first. */
	if (*digest->text && pull->settings.size == 0 &&
	    store_load(&pull->store, digest, &pull->arena, &pull->result) == 1)
		return 0;
	if (fetch_image(pull, err) < 0)
		return -1;
	keep_signature(pull);
	note_last_good(pull);
	return 0;
}

static int run(struct pull *pull, struct error *err)
{
	const struct pull_request *request = pull->request;
	struct reference *reference = &pull->reference;
	pull->result.reference = pull->normal;
	if (reference_parse(request->reference, reference, err) < 0)
		return -1;
	reference_format(reference, pull->normal);
	if (read_credentials(pull, err) < 0 ||
	    settings_read(request->settings, &pull->settings, err) < 0)
		return -1;
	pull->resolve.request = request;
	pull->resolve.reference = reference;
	pull->resolve.credentials = &pull->credentials;
	pull->resolve.settings = &pull->settings;
	if (request->passed)
		snprintf(pull->resolve.passed, PASSED_MAX, "%s", request->passed);
	if (!request->plan && store_open(request->store, &pull->deadline, &pull->store, err) < 0)
		return -1;
	pull->plan = memory_plan(memory_available(), pull->store.in_memory);
	pull->resolve.buffer_size = pull->plan.buffer_size;
	if (request->plan)
		return make_plan(pull, err);
	list_stored(pull);
	if (find_image(pull, err) < 0)
		return -1;
	struct digest manifest;
	if (digest_parse(pull->result.digest, &manifest, err) < 0)
		return -1;
	store_touch(&pull->store, &manifest);
	return 0;
}

int pull_main(const struct pull_request *request, int report_fd)
{
	struct error err = ERROR_INIT;
	struct frame frame;
	log_setup(STDERR_FILENO, 1, LOG_LEVEL_INFO);
	signal(SIGPIPE, SIG_IGN);
	struct pull *pull = calloc(1, sizeof *pull);
	if (!pull)
		return 1;
	pull->request = request;
	deadline_begin(&pull->deadline, request->deadline_seconds);
	pull->report_fd = report_fd;
	pull->store = (struct store){NULL, -1, -1, -1, -1, false};
	arena_init(&pull->arena, pull->block, sizeof pull->block);
	int result = run(pull, &err);
	pull->result.reference = pull->normal;
	if (result == 0 && request->plan)
		plan_encode(&frame, pull->storage, &pull->result_plan);
	else if (result == 0)
		pull_encode_result(&frame, pull->storage, &pull->result);
	else
		pull_encode_failure(&frame, pull->storage, PULL_FAILURE, &err);
	if (frame_send(report_fd, &frame, NULL) < 0)
		result = -1;
	if (pull->store.fd >= 0 && !request->plan && !request->one_tree)
		unsettled_settle_behind(&pull->store);
	store_close(&pull->store);
	free(pull->signature);
	free(pull);
	return result == 0 ? 0 : 1;
}
