// SPDX-License-Identifier: Apache-2.0
/* The coordinator: reference → resolver → free space → layers → commit. */
#include "images/pull.h"

#include "images/deadline.h"
#include "images/layer.h"
#include "images/resolve.h"
#include "images/signature_record.h"
#include "images/store.h"
#include "images/unpack.h"
#include "images/worker.h"
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
	PATH_SIZE = 4096,
};

struct pull {
	const struct pull_request *request;
	int report_fd;
	struct reference reference;
	struct store store;
	struct digest stored[STORED_MAX];
	struct credentials_file credentials;
	struct settings_file settings;
	struct resolve_context resolve;
	struct memory_plan plan;
	struct deadline deadline;
	struct image image;
	struct pull_result result;
	struct arena arena;
	char normal[REFERENCE_TEXT_MAX];
	char tree[PATH_SIZE];   /* while it is being filled */
	char rootfs[PATH_SIZE]; /* its final name */
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

static uint64_t unpacked_total(const struct image *image, bool *estimated)
{
	uint64_t total = 0;
	*estimated = false;
	for (size_t i = 0; i < image->layer_count; i++) {
		*estimated |= image->layers[i].estimated;
		if (__builtin_add_overflow(total, image->layers[i].unpacked, &total))
			total = UINT64_MAX / 2;
	}
	return total;
}

static int fill_tree(struct pull *pull, struct error *err)
{
	struct image *image = &pull->image;
	struct unpack_request unpack = {
		.resolve = &pull->resolve,
		.image = image,
		.tree = pull->tree,
		.plan = pull->plan,
		.deadline = pull->deadline,
		.report_fd = pull->report_fd,
	};
	bool estimated;
	uint64_t needed = unpacked_total(image, &estimated);
	if (store_check_space(&pull->store, needed, estimated, &unpack.budget, err) < 0 ||
	    store_begin(&pull->store, &image->config_digest, pull->tree, sizeof pull->tree, err) < 0)
		return -1;
	if (unpack_image(&unpack, &pull->result.bytes, &pull->result.unpacked_bytes, err) == 0 &&
	    store_commit(&pull->store, &image->config_digest, err) == 0)
		return 0;
	store_abandon(&pull->store, &image->config_digest);
	return -1;
}

static void describe(struct pull *pull)
{
	struct pull_result *result = &pull->result;
	if (*pull->image.layout)
		snprintf(pull->source, sizeof pull->source, "layout %s", pull->image.layout);
	else
		snprintf(pull->source, sizeof pull->source, "registry %s",
			 pull->reference.registry);
	result->digest = pull->image.manifest.text;
	result->platform = pull->image.platform;
	result->source = pull->source;
	result->passed = pull->image.passed;
	result->rootfs = pull->rootfs;
	result->config = pull->image.config;
}

static int fetch_once(struct pull *pull, struct error *err)
{
	bool stored;
	if (resolve(pull, &stored, err) < 0)
		return -1;
	if (stored)
		return 0;
	/* The same layers may be stored under another manifest. */
	if (store_has_tree(&pull->store, &pull->image.config_digest, pull->rootfs,
			   sizeof pull->rootfs))
		pull->result.unpacked_bytes = unpacked_total(&pull->image, &stored);
	else if (fill_tree(pull, err) < 0)
		return -1;
	describe(pull);
	return store_record(&pull->store, &pull->result, err);
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
		snprintf(resolve->passed, sizeof resolve->passed, "%.200s%s%.100s: %.150s",
			 image->passed, *image->passed ? "; " : "", image->layout, err->text);
		resolve->first_place = image->place + 1;
		*image = (struct image){0};
		*err = (struct error)ERROR_INIT;
	}
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
	    settings_read(request->settings, &pull->settings, err) < 0 ||
	    store_open(request->store, &pull->store, err) < 0)
		return -1;
	pull->plan = memory_plan(memory_available(), pull->store.in_memory);
	pull->resolve.request = request;
	pull->resolve.reference = reference;
	pull->resolve.credentials = &pull->credentials;
	pull->resolve.settings = &pull->settings;
	pull->resolve.buffer_size = pull->plan.buffer_size;
	list_stored(pull);
	/* The settings may want a signature of it: then the resolver looks first. */
	if (*reference->digest.text && pull->settings.size == 0 &&
	    store_load(&pull->store, &reference->digest, &pull->arena, &pull->result) == 1)
		return 0;
	if (fetch_image(pull, err) < 0)
		return -1;
	keep_signature(pull);
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
	pull->store = (struct store){.fd = -1, .rootfs_fd = -1, .images_fd = -1};
	arena_init(&pull->arena, pull->block, sizeof pull->block);
	int result = run(pull, &err);
	store_close(&pull->store);
	pull->result.reference = pull->normal;
	if (result == 0)
		pull_encode_result(&frame, pull->storage, &pull->result);
	else
		pull_encode_failure(&frame, pull->storage, PULL_FAILURE, &err);
	if (frame_send(report_fd, &frame, NULL) < 0)
		result = -1;
	free(pull->signature);
	free(pull);
	return result == 0 ? 0 : 1;
}
