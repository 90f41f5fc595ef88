// SPDX-License-Identifier: Apache-2.0
/* The order of the sources: the store, what lies offline, the registry. */
#include "images/pull/resolver.h"

#include "images/cpu_level.h"
#include "images/layouts/layout_web.h"
#include "images/pull/policy.h"
#include "lib/cleanup.h"
#include "lib/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ARENA_SIZE = 2 * 1024 * 1024 };

static void send_alive(void *context)
{
	struct resolver *resolver = context;
	unsigned char storage[1];
	struct frame frame;
	frame_begin(&frame, RESOLVE_ALIVE, storage, sizeof storage);
	frame_send(resolver->report_fd, &frame, NULL);
}

/* Once: the first answer is enough. */
static void send_date(void *context, int64_t seconds, const char *host)
{
	struct resolver *resolver = context;
	uint8_t storage[PULL_DATE_MAX];
	struct pull_date date = {.seconds = (uint64_t)seconds};
	struct frame frame;
	if (resolver->date_sent)
		return;
	resolver->date_sent = true;
	snprintf(date.host, sizeof date.host, "%s", host);
	pull_encode_date(&frame, storage, RESOLVE_DATE, &date);
	frame_send(resolver->report_fd, &frame, NULL);
}

static void note_passed(struct resolver *resolver, const char *place, const char *why)
{
	char *passed = resolver->image.passed;
	size_t used = strlen(passed);
	bool named = strstr(why, place) != NULL;
	snprintf(passed + used, PASSED_MAX - used, "%s%s%s%.170s", used ? "; " : "", named ? "" : place,
		 named ? "" : ": ", why);
}

/* As if nothing had been looked at yet. */
static void forget(struct resolver *resolver, struct arena before)
{
	char passed[PASSED_MAX];
	memcpy(passed, resolver->image.passed, sizeof passed);
	layout_close(&resolver->layout);
	resolver->arena = before;
	resolver->stored = (struct digest){0};
	resolver->documents = 0;
	resolver->chain.count = 0;
	resolver->image = (struct image){0};
	memcpy(resolver->image.passed, passed, sizeof passed);
}

static int look_into(struct resolver *resolver, const struct layout_query *query,
		     const char *place, struct error *err)
{
	int found = layout_find(place, query, &resolver->registry.http_settings, &resolver->arena,
				&resolver->layout, &resolver->layout_entry, err);
	if (found == 1 && resolver_take_image(resolver, err) < 0) {
		if (!strstr(err->text, resolver->layout.path))
			error_context(err, "%s", resolver->layout.path);
		return -1;
	}
	return found;
}

/* Whether one of the places has the image; what is broken is no reason not to ask the next, and the
 * registry after all. */
static bool look_around(struct resolver *resolver)
{
	const struct resolve_context *context = resolver->context;
	const struct string_list *places = &context->request->layouts;
	struct layout_query query;
	layout_query_init(&query, context->request->reference, context->reference);
	for (size_t i = context->first_place; i < places->count; i++) {
		const char *place = places->items[i];
		struct arena before = resolver->arena;
		struct error err = ERROR_INIT;
		if (layout_is_url(place) ? context->request->local_only
					 : context->request->passed != NULL)
			continue;
		int found = look_into(resolver, &query, place, &err);
		if (found == 1) {
			resolver->image.place = i;
			memcpy(resolver->image.layout, resolver->layout.path,
			       sizeof resolver->image.layout);
			return true;
		}
		if (found < 0)
			log_warning("berth", "8 pull: %s", err.text);
		forget(resolver, before);
		note_passed(resolver, place, found < 0 ? err.text : "no such image");
	}
	return false;
}

/* An image with exactly this digest needs no source, only its signature. */
static bool is_here(struct resolver *resolver)
{
	const struct digest *digest = &resolver->context->reference->digest;
	return *digest->text && resolver_has_stored(resolver, digest);
}

static int ask_registry(struct resolver *resolver, struct error *err)
{
	const struct pull_request *request = resolver->context->request;
	if ((request->local_only || resolver->context->stored_only) && !is_here(resolver))
		return error_temporary(err, "%s is not in the machine", request->reference);
	return resolver_take_image(resolver, err);
}

static void set_platform(struct platform *own, const struct pull_request *request)
{
	snprintf(own->os, sizeof own->os, "linux");
	snprintf(own->architecture, sizeof own->architecture, "%s", request->architecture);
	if (request->variant)
		snprintf(own->variant, sizeof own->variant, "%s", request->variant);
	else if (strcmp(own->architecture, "amd64") == 0 && cpu_level() > 1)
		snprintf(own->variant, sizeof own->variant, "v%u", cpu_level());
}

/* In a machine the image is to run: one of a newer level would end by an illegal instruction. */
static int check_level(const struct pull_request *request, struct error *err)
{
	const char *variant = request->variant;
	if (request->strict && variant && strcmp(request->architecture, "amd64") == 0 &&
	    variant[0] == 'v' && variant[1] > '0' + (int)cpu_level())
		return error_set(err, "the platform linux/amd64/%s needs a newer processor: this one "
				      "is of v%u", variant, cpu_level());
	return 0;
}

static int resolve(struct resolver *resolver, struct error *err)
{
	const struct pull_request *request = resolver->context->request;
	int signatures = signature_record_folder(request->store);
	if (policy_fetch(request, "berth-resolve", err) < 0)
		return -1;
	resolver->block = malloc(ARENA_SIZE);
	resolver->body = malloc(DOCUMENT_SIZE_MAX + 1);
	if (!resolver->block || !resolver->body)
		return error_temporary(err, "no memory for the resolver");
	arena_init(&resolver->arena, resolver->block, ARENA_SIZE);
	set_platform(&resolver->own, request);
	if (check_level(request, err) < 0)
		return -1;
	if (signature_gate_open(&resolver->gate, resolver->context->settings,
				resolver->context->reference, signatures, &resolver->arena,
				err) < 0)
		return -1;
	/* Also when the registry is not asked: mistakes in the settings are to be found at once. */
	if (registry_open(&resolver->registry, resolver->context, send_alive, resolver, err) < 0)
		return -1;
	resolver->registry.http_settings.date = send_date;
	memcpy(resolver->image.passed, resolver->context->passed, PASSED_MAX);
	if (!is_here(resolver) && !resolver->context->stored_only && look_around(resolver))
		return 0;
	if (ask_registry(resolver, err) == 0)
		return 0;
	if (*resolver->image.passed) {
		struct error why = *err;
		size_t room = ERROR_TEXT_MAX - strlen(why.text);
		if (room > 64)
			error_set(err, "%s (not used: %.*s)", why.text, (int)room - 16,
				  resolver->image.passed);
		err->kind = why.kind;
	}
	return -1;
}

/* One that is too long is not kept: it is looked for again next time. */
static void send_signature(const struct resolver *resolver, unsigned char *storage)
{
	struct frame frame;
	if (!resolver->gate.fresh)
		return;
	signature_record_encode(&frame, RESOLVE_SIGNATURE, storage, FRAME_MAX,
				&resolver->gate.record);
	if (!frame.bad)
		frame_send(resolver->report_fd, &frame, NULL);
}

int resolve_main(int report_fd, void *context)
{
	static unsigned char storage[FRAME_MAX];
	struct resolver *resolver = calloc(1, sizeof *resolver);
	struct error err = ERROR_INIT;
	struct frame frame;
	if (!resolver)
		return 1;
	resolver->context = context;
	resolver->report_fd = report_fd;
	resolver->gate.stored = -1;
	if (resolve(resolver, &err) < 0) {
		pull_encode_failure(&frame, storage, RESOLVE_FAILURE, &err);
	} else if (*resolver->stored.text) {
		send_signature(resolver, storage);
		frame_begin(&frame, RESOLVE_STORED, storage, sizeof storage);
		frame_put_string(&frame, resolver->stored.text);
		frame_put_string(&frame, resolver->image.passed);
	} else {
		send_signature(resolver, storage);
		frame_begin(&frame, RESOLVE_IMAGE, storage, sizeof storage);
		image_put(&frame, &resolver->image);
	}
	if (frame_send(report_fd, &frame, &err) < 0) {
		pull_encode_failure(&frame, storage, RESOLVE_FAILURE, &err);
		frame_send(report_fd, &frame, NULL);
	}
	signature_gate_close(&resolver->gate);
	return 0;
}
