// SPDX-License-Identifier: Apache-2.0
#include "images/http/http.h"

#include "images/http/http_transfer.h"
#include "lib/loop.h"

#include <stdlib.h>
#include <string.h>

enum {
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
		transfer_finish(transfer, -1);
		return;
	}
	transfer->state = TRANSFER_RUNNING;
}

static void stop(struct http *http, struct transfer *transfer, CURLcode code)
{
	curl_multi_remove_handle(http->multi, transfer->easy);
	transfer_judge(transfer, code);
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

static void stop_all(struct http *http, struct transfer *transfers, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct transfer *transfer = &transfers[i];
		if (transfer->state == TRANSFER_DONE)
			continue;
		if (transfer->state == TRANSFER_RUNNING)
			curl_multi_remove_handle(http->multi, transfer->easy);
		error_temporary(&transfer->request->err, "stopped");
		transfer_finish(transfer, -1);
	}
}

/* A request begins, as it stands. */
static void begin(struct transfer *transfer, struct http_request *request)
{
	request->err = (struct error)ERROR_INIT;
	transfer->failures = transfer->attempts = 0;
	transfer->no_range = false;
	transfer->start_at = 0;
	if (strlen(request->url) >= HTTP_URL_MAX) {
		error_set(&request->err, "address is longer than %d bytes", HTTP_URL_MAX - 1);
		transfer_finish(transfer, -1);
	} else if (http_url_origin(request->url, &transfer->first_origin, &request->err) < 0) {
		transfer_finish(transfer, -1);
	} else {
		transfer_restart(transfer);
	}
}

/* Requests that have their result may become others; false when all is to stop. */
static bool go_on(struct transfer *transfers, size_t count, const struct http_feed *feed)
{
	for (size_t i = 0; feed && i < count; i++) {
		if (transfers[i].state != TRANSFER_DONE)
			continue;
		enum http_next next = feed->next(feed->context, transfers[i].request);
		if (next == HTTP_STOP)
			return false;
		if (next == HTTP_AGAIN)
			begin(&transfers[i], transfers[i].request);
	}
	return true;
}

static void run_all(struct http *http, struct transfer *transfers, size_t count,
		    const struct http_feed *feed)
{
	for (;;) {
		int running;
		start_due(http, transfers, count);
		curl_multi_perform(http->multi, &running);
		collect_finished(http);
		if (!go_on(transfers, count, feed)) {
			stop_all(http, transfers, count);
			return;
		}
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
	begin(transfer, request);
	transfer->easy = curl_easy_init();
	return transfer->easy ? 0 : -1;
}

void http_run_fed(struct http *http, struct http_request *const *requests, size_t count,
		  const struct http_feed *feed)
{
	struct transfer *transfers = calloc(count, sizeof *transfers);
	bool ready = transfers != NULL;
	for (size_t i = 0; ready && i < count; i++)
		ready = init_transfer(http, &transfers[i], requests[i]) == 0;
	if (ready)
		run_all(http, transfers, count, feed);
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

void http_run(struct http *http, struct http_request *const *requests, size_t count)
{
	http_run_fed(http, requests, count, NULL);
}
