// SPDX-License-Identifier: Apache-2.0
#include "images/http.h"

#include "images/http_transfer.h"
#include "lib/log.h"
#include "lib/loop.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum {
	HOPS_MAX = 8,
	FAILURES_MAX = 4,         /* in a row, without a byte of progress */
	ATTEMPTS_MAX = 12,        /* in all */
	PROGRESS_BYTES = 64 * 1024, /* less than this between two failures is no progress */
	RETRY_AFTER_MAX_S = 30,   /* a longer wait is left to whoever repeats the whole pull */
	SLOW_WINDOW_S = 20,
	SLOW_BYTES_PER_S = 512,
	POLL_MS = 1000,
};

struct http {
	const struct http_settings *settings;
	CURLM *multi;
	struct curl_slist *connect_to;
};

/* "HOST:PORT:ADDRESS:PORT" for each registry that is dialled elsewhere; no port: any port. */
static int add_connect_to(struct http *http, const struct registry_option *option,
			  struct error *err)
{
	char line[1024];
	const char *host = strcmp(option->host, "docker.io") == 0 ? "registry-1.docker.io"
								 : option->host;
	const char *colon = strrchr(host, ':');
	bool has_port = colon && !strchr(colon, ']');
	snprintf(line, sizeof line, "%s%s:%s", host, has_port ? "" : ":", option->connect);
	struct curl_slist *longer = curl_slist_append(http->connect_to, line);
	if (!longer)
		return error_set(err, "no memory for the HTTP client");
	http->connect_to = longer;
	return 0;
}

struct http *http_open(const struct http_settings *settings, struct error *err)
{
	struct http *http = calloc(1, sizeof *http);
	if (!http || curl_global_init(CURL_GLOBAL_DEFAULT) != 0 ||
	    !(http->multi = curl_multi_init())) {
		error_set(err, "no memory for the HTTP client");
		free(http);
		return NULL;
	}
	http->settings = settings;
	curl_multi_setopt(http->multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)HTTP_PARALLEL_MAX);
	for (size_t i = 0; i < settings->registry_count; i++)
		if (settings->registries[i].connect &&
		    add_connect_to(http, &settings->registries[i], err) < 0) {
			http_close(http);
			return NULL;
		}
	return http;
}

void http_close(struct http *http)
{
	if (!http)
		return;
	curl_multi_cleanup(http->multi);
	curl_slist_free_all(http->connect_to);
	free(http);
}

static void finish(struct transfer *transfer, int result)
{
	transfer->state = TRANSFER_DONE;
	transfer->request->result = result;
	if (result == 0)
		transfer->request->failure = HTTP_FAILURE_NONE;
	else if (transfer->request->failure == HTTP_FAILURE_NONE)
		transfer->request->failure = HTTP_FAILURE_OTHER;
}

/* 0.2, 0.4, 0.8 … s, each up to half as long again, so that many machines do not come in step. */
static uint64_t back_off_ns(unsigned failures)
{
	unsigned char dice = 0;
	if (getrandom(&dice, sizeof dice, GRND_NONBLOCK) != sizeof dice)
		dice = 128;
	uint64_t base = 200000000ULL << (failures > 5 ? 5 : failures - 1);
	return base + base * dice / 512;
}

/* Both kinds of address have been checked to fit. */
static void copy_url(struct transfer *transfer, const char *url)
{
	memcpy(transfer->url, url, strlen(url) + 1);
}

static void restart(struct transfer *transfer)
{
	transfer->state = TRANSFER_WAITING;
	transfer->hops = 0;
	copy_url(transfer, transfer->request->url);
}

/* Plans one more attempt; false when enough were made. */
static bool try_again(struct transfer *transfer)
{
	struct http_request *request = transfer->request;
	bool progress = request->sink &&
			request->received - transfer->delivered_before >= PROGRESS_BYTES;
	transfer->failures = progress ? 1 : transfer->failures + 1;
	transfer->attempts++;
	if (request->once || transfer->failures >= FAILURES_MAX ||
	    transfer->attempts >= ATTEMPTS_MAX || request->retry_after > RETRY_AFTER_MAX_S)
		return false;
	uint64_t wait = back_off_ns(transfer->failures);
	if (wait < request->retry_after * 1000000000ULL)
		wait = request->retry_after * 1000000000ULL;
	transfer->start_at = monotonic_ns() + wait;
	restart(transfer);
	return true;
}

static void follow_redirect(struct transfer *transfer)
{
	struct http_request *request = transfer->request;
	char *next = malloc(HTTP_URL_MAX);
	struct http_origin target;
	int result = -1;
	if (!next)
		error_set(&request->err, "no memory for a redirect");
	else if (++transfer->hops > HOPS_MAX)
		error_set(&request->err, "more than %d redirects", HOPS_MAX);
	else if (!*transfer->location)
		error_set(&request->err, "redirect without a target");
	else if (http_url_join(transfer->url, transfer->location, next, &request->err) < 0 ||
		 http_url_origin(next, &target, &request->err) < 0)
		error_context(&request->err, "redirect");
	else if (!http_may_redirect(transfer->settings, &transfer->origin, &target))
		error_set(&request->err, "redirect from https to plain http (%.100s) refused",
			  target.host);
	else
		result = 0;
	if (result == 0) {
		copy_url(transfer, next);
		transfer->state = TRANSFER_WAITING;
		transfer->start_at = 0;
	} else {
		finish(transfer, -1);
	}
	free(next);
}

static bool is_redirect(long status)
{
	return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

static bool is_refusal(long status)
{
	return status == 400 || status == 401 || status == 403;
}

static bool is_busy(long status)
{
	return status == 408 || status == 429 || (status >= 500 && status <= 504);
}

/* A refusal behind a redirect is the storage's, not the registry's: the address has expired, and its
 * challenge is none of ours. The registry gives out new addresses. */
static void judge_elsewhere(struct transfer *transfer)
{
	struct http_request *request = transfer->request;
	char here[HTTP_ORIGIN_TEXT], there[HTTP_ORIGIN_TEXT];
	http_origin_format(&transfer->first_origin, here);
	http_origin_format(&transfer->origin, there);
	error_set(&request->err, "%.200s, to which %.200s redirects, refuses the request (%ld)", there,
		  here, request->status);
	request->challenge[0] = 0;
	request->failure = HTTP_FAILURE_OTHER;
	if (!try_again(transfer))
		finish(transfer, -1);
}

/* The server does not go on where it broke off: once more from the start, passing over what is here. */
static bool may_do_without_range(struct transfer *transfer)
{
	if (transfer->request->status != 416 || !transfer->asked_range ||
	    transfer->request->range_size > 0)
		return false;
	transfer->no_range = true;
	return try_again(transfer);
}

/* What to do after an attempt has ended. */
static void judge(struct transfer *transfer, CURLcode code)
{
	struct http_request *request = transfer->request;
	bool again = false;
	curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &request->status);
	if (transfer->sink_failed) {
		again = request->failure == HTTP_FAILURE_OTHER &&
			request->err.kind == ERROR_TEMPORARY;
	} else if (code != CURLE_OK || transfer->too_slow) {
		again = transfer_explain(transfer, code);
	} else if (is_redirect(request->status) && !request->form) {
		follow_redirect(transfer);
		return;
	} else if (is_busy(request->status)) {
		long status = request->status;
		char host[HTTP_ORIGIN_TEXT];
		http_origin_format(&transfer->origin, host);
		if (!try_again(transfer))
			finish(transfer, 0);
		else
			log_debug("berth", "8 pull: %s answers with the status %ld; trying again",
				  host, status);
		return;
	} else if (is_refusal(request->status) && transfer_is_elsewhere(transfer)) {
		judge_elsewhere(transfer);
		return;
	} else if (may_do_without_range(transfer)) {
		return;
	} else if (request->status < 200 || request->status > 299 ||
		   transfer_check_size(transfer, &again) == 0) {
		finish(transfer, 0);
		return;
	}
	if (!again || !try_again(transfer))
		finish(transfer, -1);
	else
		log_debug("berth", "8 pull: %s; trying again", request->err.text);
}

static void start(struct http *http, struct transfer *transfer)
{
	struct http_request *request = transfer->request;
	if (http->settings->alive)
		http->settings->alive(http->settings->alive_context);
	request->failure = HTTP_FAILURE_NONE;
	if (transfer_prepare(transfer, &request->err) < 0 ||
	    curl_easy_setopt(transfer->easy, CURLOPT_CONNECT_TO, http->connect_to) != CURLE_OK ||
	    curl_multi_add_handle(http->multi, transfer->easy) != CURLM_OK) {
		if (!*request->err.text)
			error_set(&request->err, "the HTTP client cannot start a request");
		finish(transfer, -1);
		return;
	}
	transfer->state = TRANSFER_RUNNING;
}

static void stop(struct http *http, struct transfer *transfer, CURLcode code)
{
	curl_multi_remove_handle(http->multi, transfer->easy);
	judge(transfer, code);
}

static void start_due(struct http *http, struct transfer *transfers, size_t count)
{
	uint64_t now = monotonic_ns();
	size_t running = 0;
	for (size_t i = 0; i < count; i++)
		running += transfers[i].state == TRANSFER_RUNNING;
	for (size_t i = 0; i < count && running < HTTP_PARALLEL_MAX; i++) {
		if (transfers[i].state != TRANSFER_WAITING || transfers[i].start_at > now)
			continue;
		start(http, &transfers[i]);
		running++;
	}
}

static void collect_finished(struct http *http)
{
	int left;
	for (CURLMsg *message; (message = curl_multi_info_read(http->multi, &left));) {
		char *private = NULL;
		CURLcode code = message->data.result;
		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private);
		stop(http, (struct transfer *)(void *)private, code);
	}
}

/* Ends transfers whose server lets us wait; time in which the reader is busy does not count. */
static void watch_speed(struct http *http, struct transfer *transfers, size_t count,
			uint64_t waited_ns)
{
	for (size_t i = 0; i < count; i++) {
		struct transfer *transfer = &transfers[i];
		if (transfer->state != TRANSFER_RUNNING)
			continue;
		transfer->wait_ns += waited_ns;
		if (transfer->wait_ns < SLOW_WINDOW_S * 1000000000ULL)
			continue;
		transfer->too_slow = transfer->window_bytes < SLOW_WINDOW_S * SLOW_BYTES_PER_S;
		transfer->wait_ns = transfer->window_bytes = 0;
		if (transfer->too_slow)
			stop(http, transfer, CURLE_OPERATION_TIMEDOUT);
	}
}

static bool all_done(const struct transfer *transfers, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (transfers[i].state != TRANSFER_DONE)
			return false;
	return true;
}

/* Milliseconds to wait at most: no longer than until the next planned attempt. */
static int poll_timeout(const struct transfer *transfers, size_t count)
{
	uint64_t now = monotonic_ns(), wait = POLL_MS * 1000000ULL;
	for (size_t i = 0; i < count; i++)
		if (transfers[i].state == TRANSFER_WAITING && transfers[i].start_at < now + wait)
			wait = transfers[i].start_at > now ? transfers[i].start_at - now : 0;
	return (int)((wait + 999999) / 1000000);
}

static void run_all(struct http *http, struct transfer *transfers, size_t count)
{
	for (;;) {
		int running;
		start_due(http, transfers, count);
		curl_multi_perform(http->multi, &running);
		collect_finished(http);
		if (all_done(transfers, count))
			return;
		uint64_t before = monotonic_ns();
		curl_multi_poll(http->multi, NULL, 0, poll_timeout(transfers, count), NULL);
		watch_speed(http, transfers, count, monotonic_ns() - before);
	}
}

static int init_transfer(struct http *http, struct transfer *transfer, struct http_request *request)
{
	transfer->settings = http->settings;
	transfer->request = request;
	request->err = (struct error)ERROR_INIT;
	if (strlen(request->url) >= HTTP_URL_MAX) {
		error_set(&request->err, "address is longer than %d bytes", HTTP_URL_MAX - 1);
		finish(transfer, -1);
		return 0;
	}
	restart(transfer);
	transfer->easy = curl_easy_init();
	return transfer->easy ? 0 : -1;
}

void http_run(struct http *http, struct http_request *const *requests, size_t count)
{
	struct transfer *transfers = calloc(count, sizeof *transfers);
	bool ready = transfers != NULL;
	for (size_t i = 0; ready && i < count; i++)
		ready = init_transfer(http, &transfers[i], requests[i]) == 0;
	if (ready)
		run_all(http, transfers, count);
	for (size_t i = 0; i < count; i++) {
		if (!ready) {
			error_set(&requests[i]->err, "no memory for a request");
			requests[i]->result = -1;
			requests[i]->failure = HTTP_FAILURE_OTHER;
		}
		if (!transfers)
			continue;
		curl_easy_cleanup(transfers[i].easy);
		inflate_close(transfers[i].decoder);
		curl_slist_free_all(transfers[i].headers);
	}
	free(transfers);
}
