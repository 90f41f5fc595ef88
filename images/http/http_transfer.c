// SPDX-License-Identifier: Apache-2.0
#include "images/http/http_transfer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { CONNECT_TIMEOUT_MS = 10000, PROBE_TIMEOUT_MS = 3000, ERROR_PAGE_MAX = 1024 * 1024 };

static int fail(struct transfer *transfer, enum http_failure failure)
{
	transfer->sink_failed = true;
	transfer->request->failure = failure;
	return -1;
}

/* The last byte that a Range asked for, plus one. */
static uint64_t end_of_range(const struct http_request *request)
{
	return request->range_size > 0 ? request->range_first + request->range_size : request->size;
}

/* 206 must be of the very bytes that were asked for, and of a body of the right size. A server may
 * send fewer of them. */
static bool is_right_range(const struct transfer *transfer)
{
	const struct http_request *request = transfer->request;
	const struct response *response = &transfer->response;
	const struct content_range *range = &response->range;
	if (!transfer->asked_range || !response->has_range ||
	    range->first != transfer->asked_from || range->last >= end_of_range(request))
		return false;
	/* Something that was changed on the way has another length, or none. */
	if (response->has_length ? response->length != range->last - range->first + 1
				 : response->coding != CODING_NONE)
		return false;
	return request->size == HTTP_SIZE_UNKNOWN || !range->has_total ||
	       range->total == request->size;
}

/* Some servers call the gzip of the blob itself a Content-Encoding: then the size is right as it
 * is. */
static bool is_encoded(const struct transfer *transfer, long status)
{
	const struct response *response = &transfer->response;
	const struct http_request *request = transfer->request;
	if (response->coding == CODING_NONE)
		return false;
	return request->size == HTTP_SIZE_UNKNOWN ||
	       (status == 206 ? !is_right_range(transfer)
			      : !response->has_length || response->length != request->size);
}

static int decoded(void *context, const void *data, size_t size, struct error *err);

/* A Content-Encoding on top of the blob, which we do not ask for (RFC 9110, section 8.4). Ranges
 * would be of the encoded bytes: none from now on. */
static int begin_encoded(struct transfer *transfer)
{
	struct http_request *request = transfer->request;
	struct response *response = &transfer->response;
	if (response->coding == CODING_OTHER) {
		error_set(&request->err, "server answers with the Content-Encoding \"%.60s\", "
					 "which was not asked for", response->coding_name);
		return fail(transfer, HTTP_FAILURE_OTHER);
	}
	transfer->no_range = true;
	transfer->decoder = inflate_open(COMPRESSION_GZIP, decoded, transfer, &request->err);
	return transfer->decoder ? 0 : fail(transfer, HTTP_FAILURE_OTHER);
}

/* The header agrees with what was asked for, or the body is of no use. */
static int begin_body(struct transfer *transfer, long status)
{
	struct http_request *request = transfer->request;
	transfer->body_begun = true;
	if (request->landed)
		snprintf(request->landed, HTTP_URL_MAX, "%s",
			 transfer->hops > 0 ? transfer->url : "");
	if (is_encoded(transfer, status) && begin_encoded(transfer) < 0)
		return -1;
	if (status == 206) {
		if (is_right_range(transfer) && !transfer->decoder)
			return 0;
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

/* Passes over what was delivered before. */
static int pass_on(struct transfer *transfer, const char *data, size_t size)
{
	size_t skipped = size < transfer->skip ? size : (size_t)transfer->skip;
	transfer->skip -= skipped;
	return size > skipped ? deliver(transfer, data + skipped, size - skipped) : 0;
}

static int decoded(void *context, const void *data, size_t size, struct error *err)
{
	(void)err; /* it is the request's own, and filled */
	return pass_on(context, data, size);
}

/* `result` is the decoder's: what it cannot read was damaged on the way. */
static int judge_decoder(struct transfer *transfer, int result)
{
	struct error *err = &transfer->request->err;
	if (result == 0 || transfer->sink_failed)
		return result;
	error_context(err, "Content-Encoding gzip");
	err->kind = ERROR_TEMPORARY;
	return fail(transfer, HTTP_FAILURE_OTHER);
}

static void keep_error_body(struct transfer *transfer, const char *data, size_t size)
{
	struct http_request *request = transfer->request;
	size_t room = sizeof request->error_body - 1 - transfer->error_used;
	size_t kept = size < room ? size : room;
	memcpy(request->error_body + transfer->error_used, data, kept);
	transfer->error_used += kept;
	request->error_body[transfer->error_used] = 0;
}

static size_t on_body(char *data, size_t unit, size_t count, void *context)
{
	struct transfer *transfer = context;
	size_t size = unit * count;
	long status = 0;
	int result;
	curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
	transfer->got += size;
	transfer->window_bytes += size;
	if (status < 200 || status > 299) {
		keep_error_body(transfer, data, size);
		/* A page that never ends is no answer. */
		return transfer->got > ERROR_PAGE_MAX ? 0 : size;
	}
	if (!transfer->body_begun && begin_body(transfer, status) < 0)
		return 0;
	if (transfer->decoder)
		result = judge_decoder(transfer, inflate_add(transfer->decoder, data, size,
							     &transfer->request->err));
	else
		result = pass_on(transfer, data, size);
	return result == 0 ? size : 0;
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
	struct transfer *transfer = context;
	bool foreign = transfer->request->public_only || transfer->hops > 0;
	(void)purpose;
	if (foreign && is_link_local(&address->addr)) {
		transfer->refused_address = true;
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static int add_line(struct transfer *transfer, const char *line, struct error *err)
{
	struct curl_slist *longer = line ? curl_slist_append(transfer->headers, line) : NULL;
	if (!longer)
		return error_set(err, "no memory for a header");
	transfer->headers = longer;
	return 0;
}

static int add_header(struct transfer *transfer, const char *name, const char *value,
		      struct error *err)
{
	char *line = NULL;
	if (asprintf(&line, "%s: %s", name, value) < 0)
		line = NULL;
	int result = add_line(transfer, line, err);
	free(line);
	return result;
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
	const char *const *more = request->headers;
	if (more && http_same_origin(&transfer->origin, &transfer->first_origin))
		for (; *more; more++)
			if (add_line(transfer, *more, err) < 0)
				return -1;
	return 0;
}

/* One of the upper half of the privileged ports, begun anywhere in it: the last one may still be
 * waiting after its connection. */
static void set_low_port(CURL *easy)
{
	enum { FIRST = 512, COUNT = 256 };
	unsigned char dice = 0;
	if (getrandom(&dice, sizeof dice, GRND_NONBLOCK) != sizeof dice)
		dice = 0;
	curl_easy_setopt(easy, CURLOPT_LOCALPORT, (long)FIRST + dice);
	curl_easy_setopt(easy, CURLOPT_LOCALPORTRANGE, (long)COUNT);
}

static void prepare_range(struct transfer *transfer)
{
	struct http_request *request = transfer->request;
	char range[64] = "";
	if (!request->sink)
		request->received = 0;
	transfer->asked_from = request->range_first + request->received;
	transfer->asked_range =
		!transfer->no_range && (request->range_size > 0 || request->received > 0);
	if (transfer->asked_range && request->range_size > 0)
		snprintf(range, sizeof range, "%llu-%llu", (unsigned long long)transfer->asked_from,
			 (unsigned long long)(request->range_first + request->range_size - 1));
	else if (transfer->asked_range)
		snprintf(range, sizeof range, "%llu-", (unsigned long long)transfer->asked_from);
	curl_easy_setopt(transfer->easy, CURLOPT_RANGE, *range ? range : NULL);
	transfer->delivered_before = request->received;
}

static void set_fixed_options(struct transfer *transfer, CURL *easy)
{
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "berth");
	curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, (long)transfer->settings->buffer_size);
	curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->curl_text);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, transfer_take_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_socket);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
}

int transfer_prepare(struct transfer *transfer, struct error *err)
{
	struct http_request *request = transfer->request;
	CURL *easy = transfer->easy;
	if (http_url_origin(transfer->url, &transfer->origin, err) < 0)
		return -1;
	bool verify = !http_is_insecure(transfer->settings, &transfer->origin);
	transfer_forget_response(transfer);
	if (prepare_headers(transfer, err) < 0)
		return -1;
	transfer->curl_text[0] = 0;
	set_fixed_options(transfer, easy);
	if (transfer_set_peer(transfer, err) < 0)
		return -1;
	curl_easy_setopt(easy, CURLOPT_URL, transfer->url);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->headers);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, verify ? 1L : 0L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, verify ? 2L : 0L);
	transfer_watch_validity(transfer, verify);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
			 request->once || request->impatient ? (long)PROBE_TIMEOUT_MS
							     : (long)CONNECT_TIMEOUT_MS);
	curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
	if (request->form)
		curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, request->form);
	if (request->low_port)
		set_low_port(easy);
	prepare_range(transfer);
	return 0;
}

bool transfer_is_elsewhere(const struct transfer *transfer)
{
	return transfer->hops > 0 && !http_same_origin(&transfer->origin, &transfer->first_origin);
}

/* With Content-Length the server has said that this is all there is, unless it has sent a part of
 * what was asked for, and said so. */
static bool says_it_is_all(const struct transfer *transfer)
{
	const struct response *response = &transfer->response;
	if (transfer->request->status == 206)
		return response->range.last + 1 >= end_of_range(transfer->request);
	return response->has_length && !transfer->decoder;
}

int transfer_check_size(struct transfer *transfer, bool *again)
{
	struct http_request *request = transfer->request;
	int result = transfer->body_begun ? 0 : begin_body(transfer, request->status);
	if (result == 0 && transfer->decoder)
		result = judge_decoder(transfer, inflate_end(transfer->decoder, &request->err));
	*again = result < 0 && request->err.kind == ERROR_TEMPORARY;
	if (result < 0)
		return -1;
	uint64_t size = request->range_size > 0 ? request->range_size : request->size;
	if (size == HTTP_SIZE_UNKNOWN || request->received == size)
		return 0;
	*again = !says_it_is_all(transfer);
	error_set(&request->err, *again ? "ended after %llu of %llu bytes"
					: "the server has only %llu of its %llu bytes",
		  (unsigned long long)request->received, (unsigned long long)size);
	request->err.kind = *again ? ERROR_TEMPORARY : ERROR_PERMANENT;
	request->failure = HTTP_FAILURE_OTHER;
	return -1;
}
