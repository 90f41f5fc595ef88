// SPDX-License-Identifier: Apache-2.0
#include "images/registry/registry.h"

#include "images/http/link_header.h"
#include "images/registry/endpoint_blob.h"
#include "images/registry/registry_error.h"
#include "lib/cleanup.h"
#include "lib/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Asks one endpoint. *final: the failure is not one that another endpoint could make good. */
typedef int question(struct endpoint *endpoint, void *context, bool *final, struct error *err);

int registry_blame(const struct registry *registry, struct error *err)
{
	char text[PULL_TEXT];
	if (registry->count == 0 || !registry->endpoints[registry->answered].mirror)
		return -1;
	registry_describe(registry, registry->answered, text);
	return error_context(err, "%s", text);
}

static int ask_one(struct registry *registry, size_t i, question *question, void *context,
		   bool *final, struct error *err)
{
	struct error why = ERROR_INIT;
	registry->answered = i;
	int result = question(&registry->endpoints[i], context, final, &why);
	if (result < 0)
		*err = why;
	return result;
}

/* The registry is out of reach, as where there is no way out: mirrors that were only busy get the
 * time that it would have got. */
static int ask_busy(struct registry *registry, unsigned busy, question *question, void *context,
		    struct error *err)
{
	int result = -1;
	bool final = false;
	for (size_t i = 0; i < registry->count && result <= 0 && !final; i++) {
		if (!(busy & 1U << i))
			continue;
		registry->endpoints[i].patient = true;
		result = ask_one(registry, i, question, context, &final, err);
	}
	return result;
}

/* Asks one endpoint after the other until one has it (1). 0: there was an answer, but none has it.
 * registry->answered is the last one asked. */
static int ask(struct registry *registry, question *question, void *context, struct error *err)
{
	int result = -1;
	unsigned busy = 0;
	bool final = false;
	struct error why = ERROR_INIT;
	for (size_t i = registry->first; i < registry->count && result <= 0 && !final; i++) {
		struct endpoint *endpoint = &registry->endpoints[i];
		result = ask_one(registry, i, question, context, &final, &why);
		if (result >= 0 || final || !endpoint->mirror)
			continue;
		busy |= (endpoint->reached && why.kind == ERROR_TEMPORARY) ? 1U << i : 0;
		log_warning("berth", "8 pull: the mirror %s is passed over: %s",
			    endpoint->reference.registry, why.text);
	}
	if (result < 0 && !final && busy && !registry->endpoints[registry->count - 1].reached)
		result = ask_busy(registry, busy, question, context, &why);
	if (result < 0) {
		*err = why;
		registry_blame(registry, err);
	}
	return result;
}

/* For a 404: does the repository exist at all? */
static int explain_missing(struct endpoint *endpoint, const char *target,
			   const struct http_request *refused, struct error *err)
{
	const struct reference *reference = &endpoint->reference;
	_cleanup_free_ struct exchange *exchange = calloc(1, sizeof *exchange);
	enum { LIST_MAX = 64 * 1024 };
	_cleanup_free_ char *body = malloc(LIST_MAX);
	if (!exchange || !body || endpoint->mirror)
		return registry_refused(endpoint, target, refused, err);
	snprintf(exchange->path, sizeof exchange->path, "tags/list?n=12");
	exchange->request = (struct http_request){.size = HTTP_SIZE_UNKNOWN, .buffer = body,
						  .capacity = LIST_MAX};
	struct error ignored = ERROR_INIT;
	if (endpoint_send(endpoint, exchange, 1, &ignored) < 0 || exchange->request.result < 0)
		return registry_refused(endpoint, target, refused, err);
	if (exchange->request.status == 404)
		return error_set(err, "%s has no repository \"%s\" (404)", reference->registry,
				 reference->repository);
	if (exchange->request.status != 200)
		return registry_refused(endpoint, target, refused, err);
	return registry_no_tag(endpoint, target, body, (size_t)exchange->request.received, err);
}

/* A manifest, or an optional document, into a buffer. */
struct document_question {
	struct exchange *exchange;
	const char *path, *target, *accept;
	char *body;
	size_t capacity;
	bool optional;
};

static int ask_document(struct endpoint *endpoint, void *context, bool *final, struct error *err)
{
	const struct document_question *wanted = context;
	struct exchange *exchange = wanted->exchange;
	struct http_request *request = &exchange->request;
	memset(exchange, 0, sizeof *exchange);
	snprintf(exchange->path, sizeof exchange->path, "%s", wanted->path);
	*request = (struct http_request){.accept = wanted->accept, .size = HTTP_SIZE_UNKNOWN,
					 .buffer = wanted->body, .capacity = wanted->capacity};
	if (endpoint_send(endpoint, exchange, 1, err) < 0)
		return -1;
	*final = endpoint_failed_for_good(request);
	if (request->result < 0) {
		*err = request->err;
		return error_context(err, "%s of %s", wanted->target,
				     endpoint->reference.repository);
	}
	long status = request->status;
	if (wanted->optional && (status == 404 || status == 400 || status == 405))
		return 0;
	if (status == 404)
		return explain_missing(endpoint, wanted->target, request, err);
	if (status != 200)
		return registry_refused(endpoint, wanted->target, request, err);
	return 1;
}

/* Once; the next answers say the same. */
static void show_warning(struct registry *registry, size_t endpoint, const char *warning)
{
	if (*warning && !registry->warned)
		log_warning("berth", "8 pull: %s says: %.250s",
			    registry->endpoints[endpoint].reference.registry, warning);
	registry->warned |= *warning != 0;
}

int registry_manifest(struct registry *registry, const char *target, char *body, size_t capacity,
		      size_t *size, char content_type[MEDIA_TYPE_MAX], struct error *err)
{
	_cleanup_free_ struct exchange *exchange = malloc(sizeof *exchange);
	char path[ENDPOINT_PATH_MAX];
	if (!exchange)
		return error_temporary(err, "no memory for a request");
	snprintf(path, sizeof path, "manifests/%s", target);
	struct document_question wanted = {.exchange = exchange, .path = path, .target = target,
					   .accept = manifest_accept, .body = body,
					   .capacity = capacity};
	if (ask(registry, ask_document, &wanted, err) < 0)
		return -1;
	/* Whoever has the manifest is asked first for what it names. */
	registry->first = registry->answered;
	show_warning(registry, registry->first, exchange->request.warning);
	*size = (size_t)exchange->request.received;
	snprintf(content_type, MEDIA_TYPE_MAX, "%s", exchange->request.content_type);
	return 0;
}

int registry_optional(struct registry *registry, const char *path, const char *accept, char *body,
		      size_t capacity, size_t *size, char next[REGISTRY_PATH_MAX],
		      struct error *err)
{
	_cleanup_free_ struct exchange *exchange = malloc(sizeof *exchange);
	if (!exchange)
		return error_temporary(err, "no memory for a request");
	struct document_question wanted = {.exchange = exchange, .path = path, .target = path,
					   .accept = accept, .body = body, .capacity = capacity,
					   .optional = true};
	int result = ask(registry, ask_document, &wanted, err);
	if (result > 0 && next)
		link_next(exchange->request.link, path, next, REGISTRY_PATH_MAX);
	*size = result > 0 ? (size_t)exchange->request.received : 0;
	return result;
}

struct blob_question {
	const struct descriptor *blob;
	const struct chunk_plan *plan;
	http_sink *sink;
	void *context;
	uint64_t received;
};

static int ask_blob(struct endpoint *endpoint, void *context, bool *final, struct error *err)
{
	struct blob_question *wanted = context;
	int result = endpoint_blob(endpoint, wanted->blob, wanted->plan, wanted->sink,
				   wanted->context, &wanted->received, final, err);
	return result < 0 ? -1 : 1;
}

int registry_blob(struct registry *registry, const struct descriptor *blob,
		  const struct chunk_plan *plan, http_sink *sink, void *context,
		  uint64_t *received, struct error *err)
{
	struct blob_question wanted = {.blob = blob, .plan = plan, .sink = sink,
				       .context = context, .received = *received};
	int result = ask(registry, ask_blob, &wanted, err);
	*received = wanted.received;
	return result < 0 ? -1 : 0;
}

struct pieces_question {
	struct exchange *exchanges;
	struct registry_piece *pieces;
	size_t count;
	const struct descriptor *config;
	char *body;
	size_t capacity;
};

static void prepare_piece(struct exchange *exchange, struct registry_piece *piece)
{
	memset(exchange, 0, sizeof *exchange);
	snprintf(exchange->path, sizeof exchange->path, "blobs/%s", piece->blob->digest.text);
	exchange->request = (struct http_request){
		.size = HTTP_SIZE_UNKNOWN, .range_first = piece->offset, .range_size = piece->size,
		.buffer = (char *)piece->bytes, .capacity = sizeof piece->bytes};
}

static void prepare_config(struct exchange *exchange, const struct pieces_question *wanted)
{
	memset(exchange, 0, sizeof *exchange);
	snprintf(exchange->path, sizeof exchange->path, "blobs/%s", wanted->config->digest.text);
	exchange->request = (struct http_request){
		.size = wanted->config->size, .buffer = wanted->body, .capacity = wanted->capacity};
}

static int ask_pieces(struct endpoint *endpoint, void *context, bool *final, struct error *err)
{
	const struct pieces_question *wanted = context;
	struct exchange *config = wanted->config ? wanted->exchanges : NULL;
	struct exchange *pieces = wanted->exchanges + (config != NULL);
	if (config)
		prepare_config(config, wanted);
	for (size_t i = 0; i < wanted->count; i++)
		prepare_piece(&pieces[i], &wanted->pieces[i]);
	if (endpoint_send(endpoint, wanted->exchanges, wanted->count + (config != NULL), err) < 0)
		return -1;
	*final = config && endpoint_failed_for_good(&config->request);
	if (config && endpoint_check_blob(endpoint, &config->request, wanted->config, err) < 0)
		return error_context(err, "image configuration %s", wanted->config->digest.text);
	for (size_t i = 0; i < wanted->count; i++) {
		const struct http_request *request = &pieces[i].request;
		wanted->pieces[i].got = request->result == 0 && request->status == 206
						? (size_t)request->received : 0;
	}
	return 1;
}

int registry_pieces(struct registry *registry, struct registry_piece *pieces, size_t count,
		    const struct descriptor *config, char *body, size_t capacity,
		    struct error *err)
{
	_cleanup_free_ struct exchange *exchanges = calloc(EXCHANGES_MAX, sizeof *exchanges);
	if (!exchanges)
		return error_temporary(err, "no memory for %zu requests", count);
	struct pieces_question wanted = {.exchanges = exchanges, .pieces = pieces, .count = count,
					 .config = config, .body = body, .capacity = capacity};
	if (count == 0 && !config)
		return 0;
	return ask(registry, ask_pieces, &wanted, err) < 0 ? -1 : 0;
}
