// SPDX-License-Identifier: Apache-2.0
#include "images/http_transfer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum { CONNECT_TIMEOUT_MS = 10000, PROBE_TIMEOUT_MS = 3000, WAIT_MAX_S = 3600 };

static int fail(struct transfer *transfer, enum http_failure failure)
{
	transfer->sink_failed = true;
	transfer->request->failure = failure;
	return -1;
}

/* The header agrees with what was asked for, or the body is of no use. */
static int begin_body(struct transfer *transfer, long status)
{
	struct http_request *request = transfer->request;
	transfer->body_begun = true;
	if (!transfer->asked_range && status != 206)
		return 0;
	if (status == 206 && transfer->asked_range && transfer->has_content_range &&
	    transfer->content_range_first == transfer->asked_from)
		return 0;
	if (status == 206) {
		error_temporary(&request->err, "server answers with another range than asked for");
		return fail(transfer, HTTP_FAILURE_OTHER);
	}
	if (request->range_size > 0) {
		error_set(&request->err, "server does not support ranges");
		return fail(transfer, HTTP_FAILURE_RANGE_IGNORED);
	}
	transfer->skip = request->received;
	return 0;
}

static int deliver(struct transfer *transfer, const char *data, size_t size)
{
	struct http_request *request = transfer->request;
	uint64_t room = request->range_size > 0 ? request->range_size : request->size;
	if (!request->sink && room > request->capacity - 1)
		room = request->capacity - 1;
	if (size > room - request->received) {
		error_set(&request->err, "server sends more than the expected %llu bytes",
			  (unsigned long long)room);
		return fail(transfer, HTTP_FAILURE_OTHER);
	}
	if (request->sink) {
		if (request->sink(request->context, data, size, &request->err) < 0)
			return fail(transfer, HTTP_FAILURE_SINK);
	} else {
		memcpy(request->buffer + request->received, data, size);
		request->buffer[request->received + size] = 0;
	}
	request->received += size;
	return 0;
}

static size_t on_body(char *data, size_t unit, size_t count, void *context)
{
	struct transfer *transfer = context;
	struct http_request *request = transfer->request;
	size_t size = unit * count, skipped = 0;
	long status = 0;
	curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
	transfer->got += size;
	transfer->window_bytes += size;
	if (status < 200 || status > 299) {
		size_t room = sizeof request->error_body - 1 - transfer->error_used;
		size_t kept = size < room ? size : room;
		memcpy(request->error_body + transfer->error_used, data, kept);
		transfer->error_used += kept;
		request->error_body[transfer->error_used] = 0;
		/* A page that never ends is no answer. */
		return transfer->got > 1024 * 1024 ? 0 : size;
	}
	if (!transfer->body_begun && begin_body(transfer, status) < 0)
		return 0;
	if (transfer->skip > 0) {
		skipped = size < transfer->skip ? size : (size_t)transfer->skip;
		transfer->skip -= skipped;
	}
	if (size > skipped && deliver(transfer, data + skipped, size - skipped) < 0)
		return 0;
	return size;
}

/* Seconds from now, from a number or an HTTP date (RFC 9110, section 10.2.3). */
static unsigned parse_retry_after(const char *value)
{
	if (*value >= '0' && *value <= '9') {
		unsigned long seconds = strtoul(value, NULL, 10);
		return seconds > WAIT_MAX_S ? WAIT_MAX_S : (unsigned)seconds;
	}
	struct tm parts = {0};
	if (!strptime(value, "%a, %d %b %Y %H:%M:%S GMT", &parts))
		return 0;
	time_t wait = timegm(&parts) - time(NULL);
	return wait < 0 ? 0 : wait > WAIT_MAX_S ? WAIT_MAX_S : (unsigned)wait;
}

static void append_challenge(struct http_request *request, const char *value)
{
	size_t used = strlen(request->challenge), capacity = sizeof request->challenge;
	if (used + strlen(value) + 3 < capacity)
		snprintf(request->challenge + used, capacity - used, "%s%s", used ? ", " : "", value);
}

static void take_header(struct transfer *transfer, const char *name, const char *value)
{
	struct http_request *request = transfer->request;
	if (strcasecmp(name, "content-type") == 0) {
		snprintf(request->content_type, sizeof request->content_type, "%s", value);
	} else if (strcasecmp(name, "www-authenticate") == 0) {
		append_challenge(request, value);
	} else if (strcasecmp(name, "location") == 0) {
		snprintf(transfer->location, sizeof transfer->location, "%s", value);
	} else if (strcasecmp(name, "retry-after") == 0) {
		request->retry_after = parse_retry_after(value);
	} else if (strcasecmp(name, "content-length") == 0) {
		transfer->has_length = true;
		transfer->content_length = strtoull(value, NULL, 10);
	} else if (strcasecmp(name, "content-range") == 0 && strncasecmp(value, "bytes ", 6) == 0) {
		transfer->has_content_range = true;
		transfer->content_range_first = strtoull(value + 6, NULL, 10);
	}
}

static void forget_response(struct transfer *transfer)
{
	struct http_request *request = transfer->request;
	request->status = 0;
	request->retry_after = 0;
	request->content_type[0] = request->challenge[0] = request->error_body[0] = 0;
	transfer->location[0] = 0;
	transfer->error_used = 0;
	transfer->got = transfer->skip = 0;
	transfer->body_begun = transfer->sink_failed = transfer->too_slow = false;
	transfer->has_length = transfer->has_content_range = false;
	transfer->wait_ns = transfer->window_bytes = 0;
}

static size_t on_header(char *data, size_t unit, size_t count, void *context)
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
		forget_response(transfer);
	char *colon = strchr(line, ':');
	if (!colon || strlen(line) != length)
		return size;
	*colon = 0;
	take_header(transfer, line, colon + 1 + strspn(colon + 1, " \t"));
	return size;
}

static bool is_link_local(const struct sockaddr *address)
{
	if (address->sa_family == AF_INET)
		return ntohl(((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr) >> 16 ==
		       0xa9fe;
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)(const void *)address;
	return address->sa_family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL(&six->sin6_addr);
}

/* A registry must not be able to send us to a cloud's metadata service. */
static curl_socket_t on_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
	const struct transfer *transfer = context;
	bool foreign = transfer->request->public_only || transfer->hops > 0;
	(void)purpose;
	if (foreign && is_link_local(&address->addr)) {
		errno = EACCES;
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static int add_header(struct transfer *transfer, const char *name, const char *value,
		      struct error *err)
{
	char *line = NULL;
	if (asprintf(&line, "%s: %s", name, value) < 0)
		return error_set(err, "no memory for a header");
	struct curl_slist *longer = curl_slist_append(transfer->headers, line);
	free(line);
	if (!longer)
		return error_set(err, "no memory for a header");
	transfer->headers = longer;
	return 0;
}

static int prepare_headers(struct transfer *transfer, struct error *err)
{
	const struct http_request *request = transfer->request;
	curl_slist_free_all(transfer->headers);
	transfer->headers = NULL;
	if (add_header(transfer, "Accept", request->accept ? request->accept : "*/*", err) < 0 ||
	    add_header(transfer, "Accept-Encoding", "identity", err) < 0)
		return -1;
	if (request->authorization && http_same_origin(&transfer->origin, &transfer->first_origin) &&
	    add_header(transfer, "Authorization", request->authorization, err) < 0)
		return -1;
	return 0;
}

static void prepare_range(struct transfer *transfer)
{
	struct http_request *request = transfer->request;
	char range[64] = "";
	if (!request->sink)
		request->received = 0;
	transfer->asked_from = request->range_first + request->received;
	transfer->asked_range = request->range_size > 0 || request->received > 0;
	if (request->range_size > 0)
		snprintf(range, sizeof range, "%llu-%llu", (unsigned long long)transfer->asked_from,
			 (unsigned long long)(request->range_first + request->range_size - 1));
	else if (request->received > 0)
		snprintf(range, sizeof range, "%llu-", (unsigned long long)transfer->asked_from);
	curl_easy_setopt(transfer->easy, CURLOPT_RANGE, *range ? range : NULL);
	transfer->delivered_before = request->received;
}

static void set_fixed_options(struct transfer *transfer, CURL *easy)
{
	curl_easy_setopt(easy, CURLOPT_CAINFO, transfer->settings->ca_bundle);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "berth");
	curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, (long)transfer->settings->buffer_size);
	curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->curl_text);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_socket);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
}

int transfer_prepare(struct transfer *transfer, struct error *err)
{
	struct http_request *request = transfer->request;
	const struct registry_option *option;
	CURL *easy = transfer->easy;
	if (http_url_origin(transfer->url, &transfer->origin, err) < 0)
		return -1;
	if (transfer->hops == 0)
		transfer->first_origin = transfer->origin;
	option = http_option(transfer->settings, &transfer->origin);
	bool verify = !(option && option->insecure);
	forget_response(transfer);
	if (prepare_headers(transfer, err) < 0)
		return -1;
	transfer->curl_text[0] = 0;
	set_fixed_options(transfer, easy);
	curl_easy_setopt(easy, CURLOPT_URL, transfer->url);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->headers);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, verify ? 1L : 0L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, verify ? 2L : 0L);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
			 request->once ? (long)PROBE_TIMEOUT_MS : (long)CONNECT_TIMEOUT_MS);
	if (request->form)
		curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, request->form);
	prepare_range(transfer);
	return 0;
}

int transfer_check_size(struct transfer *transfer, bool *again)
{
	struct http_request *request = transfer->request;
	*again = false;
	long status = request->status;
	if (!transfer->body_begun && begin_body(transfer, status) < 0)
		return -1;
	uint64_t size = request->range_size > 0 ? request->range_size : request->size;
	if (size == HTTP_SIZE_UNKNOWN || request->received == size)
		return 0;
	/* With Content-Length the server has said that this is all there is. */
	*again = !transfer->has_length;
	error_set(&request->err, *again ? "ended after %llu of %llu bytes"
					: "the server has only %llu of its %llu bytes",
		  (unsigned long long)request->received, (unsigned long long)size);
	request->err.kind = *again ? ERROR_TEMPORARY : ERROR_PERMANENT;
	request->failure = HTTP_FAILURE_OTHER;
	return -1;
}
