// SPDX-License-Identifier: Apache-2.0
/* The header of a response. */
#include "images/http/http_transfer.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

static void append_challenge(struct http_request *request, const char *value)
{
	size_t used = strlen(request->challenge), capacity = sizeof request->challenge;
	if (used + strlen(value) + 3 < capacity)
		snprintf(request->challenge + used, capacity - used, "%s%s", used ? ", " : "", value);
}

/* `299 - "TEXT"`, the registry's word to its users (distribution-spec, "Warnings"). */
static void keep_warning(struct http_request *request, const char *value)
{
	const char *text = strncmp(value, "299 - \"", 7) == 0 ? value + 7 : "";
	size_t length = strcspn(text, "\"");
	if (!*request->warning && length < sizeof request->warning)
		snprintf(request->warning, sizeof request->warning, "%.*s", (int)length, text);
}

static void take_header(struct transfer *transfer, const char *name, const char *value)
{
	struct http_request *request = transfer->request;
	struct response *response = &transfer->response;
	if (strcasecmp(name, "content-type") == 0) {
		snprintf(request->content_type, sizeof request->content_type, "%s", value);
	} else if (strcasecmp(name, "www-authenticate") == 0) {
		append_challenge(request, value);
	} else if (strcasecmp(name, "link") == 0) {
		snprintf(request->link, sizeof request->link, "%s",
			 strlen(value) < sizeof request->link ? value : "");
	} else if (strcasecmp(name, "warning") == 0) {
		keep_warning(request, value);
	} else if (strcasecmp(name, "location") == 0) {
		snprintf(transfer->location, sizeof transfer->location, "%s", value);
	} else if (strcasecmp(name, "date") == 0) {
		response->date = (int64_t)http_date_parse(value);
	} else if (strcasecmp(name, "retry-after") == 0) {
		request->retry_after = retry_after_parse(value, time(NULL));
	} else if (strcasecmp(name, "content-length") == 0) {
		response->has_length = content_length_parse(value, &response->length);
	} else if (strcasecmp(name, "content-range") == 0) {
		response->has_range = content_range_parse(value, &response->range);
	} else if (strcasecmp(name, "accept-ranges") == 0) {
		request->accepts_ranges = strcasecmp(value, "bytes") == 0;
	} else if (strcasecmp(name, "content-encoding") == 0) {
		response->coding = content_coding_parse(value);
		snprintf(response->coding_name, sizeof response->coding_name, "%s", value);
	}
}

void transfer_forget_response(struct transfer *transfer)
{
	struct http_request *request = transfer->request;
	request->status = 0;
	request->retry_after = 0;
	request->accepts_ranges = false;
	request->content_type[0] = request->challenge[0] = request->error_body[0] = 0;
	request->link[0] = request->warning[0] = 0;
	transfer->location[0] = 0;
	transfer->error_used = 0;
	transfer->response = (struct response){0};
	transfer->got = transfer->skip = 0;
	transfer->body_begun = transfer->sink_failed = transfer->too_slow = false;
	transfer->refused_address = false;
	transfer->wait_ns = transfer->window_bytes = 0;
	inflate_close(transfer->decoder);
	transfer->decoder = NULL;
}

size_t transfer_take_header(char *data, size_t unit, size_t count, void *context)
{
	struct transfer *transfer = context;
	size_t size = unit * count, length = size;
	char line[HTTP_HEADER_VALUE_MAX];
	while (length > 0 && (data[length - 1] == '\r' || data[length - 1] == '\n' ||
			      data[length - 1] == ' '))
		length--;
	if (length >= sizeof line)
		return size;
	memcpy(line, data, length);
	line[length] = 0;
	if (strncmp(line, "HTTP/", 5) == 0) /* after an interim response all begins anew */
		transfer_forget_response(transfer);
	char *colon = strchr(line, ':');
	if (!colon || strlen(line) != length)
		return size;
	*colon = 0;
	take_header(transfer, line, colon + 1 + strspn(colon + 1, " \t"));
	return size;
}
