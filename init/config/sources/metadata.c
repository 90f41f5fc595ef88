// SPDX-License-Identifier: Apache-2.0
#include "init/config/sources/metadata.h"

#include "init/config/sources/meta_data.h"
#include "lib/loop.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum { PAUSE_MS = 300 };

static void pause_before_next(void)
{
	const struct timespec pause = {0, PAUSE_MS * 1000000L};
	nanosleep(&pause, NULL);
}

static void ask_once(struct config_search *search, struct http_request *request)
{
	struct http_request *const requests[] = {request};
	http_run(search->http, requests, 1);
}

/* Early in a machine's life its service may not be there yet: that passes. */
static bool may_answer_later(const struct config_search *search, const struct http_request *request)
{
	if (search->deadline_ns && monotonic_ns() + PAUSE_MS * 1000000ULL > search->deadline_ns)
		return false;
	return request->result < 0 ? request->err.kind == ERROR_TEMPORARY
				   : request->status == 429 || request->status >= 500;
}

long metadata_ask(struct config_search *search, const struct metadata_question *question, char *out,
		  size_t capacity, size_t *size, struct error *err)
{
	struct http_request *request = calloc(1, sizeof *request);
	if (!request)
		return error_set(err, "no memory for a request");
	*request = (struct http_request){
		.url = question->url,
		.method = question->method,
		.headers = question->headers,
		.form = question->body,
		.low_port = question->low_port,
		.once = true,
		.size = HTTP_SIZE_UNKNOWN,
		.buffer = out,
		.capacity = capacity,
	};
	for (;;) {
		out[0] = 0;
		ask_once(search, request);
		if (!may_answer_later(search, request))
			break;
		pause_before_next();
	}
	long status = request->result < 0 ? -1 : request->status;
	*size = request->received;
	if (request->result < 0 && err)
		*err = request->err;
	free(request);
	return status;
}

int metadata_text(struct config_search *search, const struct metadata_question *question,
		  char out[METADATA_TEXT], struct error *err)
{
	size_t size = 0;
	long status = metadata_ask(search, question, out, METADATA_TEXT, &size, err);
	if (status < 0)
		return -1;
	if (status != 200)
		return error_set(err, "%.150s answers with the status %ld", question->url, status);
	while (size > 0 && strchr(" \t\r\n", out[size - 1]))
		size--;
	out[size] = 0;
	if (strlen(out) != size || out[strcspn(out, "\r\n")])
		return error_set(err, "%.150s answers with more than one line", question->url);
	return size ? 0 : error_set(err, "%.150s answers with nothing", question->url);
}

enum config_outcome metadata_document(struct config_search *search,
				      const struct metadata_question *question,
				      struct config_answer *answer, struct error *err)
{
	snprintf(answer->where, sizeof answer->where, "%s", question->url);
	long status = metadata_ask(search, question, answer->bytes, sizeof answer->bytes,
				   &answer->size, err);
	if (status < 0)
		return CONFIG_FAILED;
	if (status == 200 && answer->size > 0)
		return CONFIG_FOUND;
	error_set(err, "%.150s %s", question->url, status == 200 ? "is empty" : "is not there");
	if (status == 404 || status == 200 || status == 204)
		return CONFIG_NOTHING;
	error_set(err, "%.150s answers with the status %ld", question->url, status);
	return CONFIG_FAILED;
}

void metadata_hostname(struct config_search *search, const struct metadata_question *question,
		       struct config_answer *answer)
{
	char text[METADATA_TEXT];
	if (metadata_text(search, question, text, NULL) == 0)
		meta_data_take_hostname(text, answer->hostname);
}

bool metadata_is(const char *text, const char *wanted)
{
	return strcasecmp(text, wanted) == 0;
}
