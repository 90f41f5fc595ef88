// SPDX-License-Identifier: Apache-2.0
#include "init/supervise/network_test.h"

#include "images/http/http.h"
#include "lib/cleanup.h"
#include "lib/confine.h"
#include "lib/loop.h"
#include "lib/text.h"
#include "runtime/container.h"

#include <ctype.h>
#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum {
	MEMORY_MAX = 64 << 20,
	BODY_KEPT = 160,
	URL_ROOM = 4096,
	BODY_READ = 64 * 1024,
	REDIRECTS_MAX = 10, /* as the kubelet */
};

static const struct confine_path paths[] = {
	{"/dev/random", CONFINE_READ, true}, /* mbedTLS takes its entropy from one of the two */
	{"/dev/urandom", CONFINE_READ, true},
	{NULL, 0, false},
};

static const struct confine_policy policy = {
	.name = "berth-test",
	.uid = CONFINE_UID_TEST,
	.gid = CONFINE_UID_TEST,
	.network = true,
	.paths = paths,
#ifndef __GLIBC__
	.syscalls = http_syscalls,
#endif
	.address_space = MEMORY_MAX,
};

struct question {
	void (*alive)(void *context);
	void *context;
	char body[BODY_KEPT + 1];
	size_t kept, read;
	bool malformed;
};

/* The library takes any line that begins with HTTP/, in letters of any size, for a status of 200. */
static bool is_status_line(const char *line, size_t size)
{
	return size >= 12 && memcmp(line, "HTTP/1.", 7) == 0 && isdigit((unsigned char)line[7]) &&
	       line[8] == ' ' && isdigit((unsigned char)line[9]) && isdigit((unsigned char)line[10]) &&
	       isdigit((unsigned char)line[11]);
}

static size_t on_header(char *data, size_t one, size_t size, void *context)
{
	struct question *question = context;
	question->malformed |= size >= 5 && strncasecmp(data, "HTTP/", 5) == 0 &&
			       !is_status_line(data, size);
	return question->malformed ? CURL_WRITEFUNC_ERROR : one * size;
}

/* The first bytes are for people; of more than a little nothing is read. */
static size_t on_body(char *data, size_t one, size_t size, void *context)
{
	struct question *question = context;
	size_t room = BODY_KEPT - question->kept, take = size < room ? size : room;
	memcpy(question->body + question->kept, data, take);
	question->kept += take;
	question->read += size;
	return question->read > BODY_READ ? CURL_WRITEFUNC_ERROR : one * size;
}

static int on_progress(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	struct question *question = context;
	(void)a, (void)b, (void)c, (void)d;
	question->alive(question->context);
	return 0;
}

/* "http://:80/x" with the address in its place; of TCP alone the URL only says where to connect. */
static void write_url(const struct test *test, const char *address, char out[URL_ROOM])
{
	const char *text = test->words.items[0], *scheme = strstr(text, "://");
	const char *rest = scheme && test->kind == TEST_HTTP ? scheme + 3 : text;
	snprintf(out, URL_ROOM, "%.*s%s%s", rest == text ? 7 : (int)(rest - text),
		 rest == text ? "http://" : text, *rest == ':' ? address : "", rest);
}

static struct curl_slist *headers_of(const struct test *test)
{
	struct curl_slist *list = NULL;
	for (size_t i = 1; i < test->words.count; i++) {
		struct curl_slist *longer = curl_slist_append(list, test->words.items[i]);
		list = longer ? longer : list;
	}
	return list;
}

static void set_options(CURL *easy, const struct test *test, struct question *question, char *why)
{
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L); /* as the kubelet does */
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "berth");
	curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, test->kind == TEST_TCP ? 1L : 0L);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, why);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, question);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, question);
	curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(easy, CURLOPT_XFERINFODATA, question);
}

static void judge(CURL *easy, CURLcode code, const struct test *test, const char *url,
		  const char *why, struct question *question, struct probe_result *out)
{
	long status = 0;
	out->end = code == CURLE_OPERATION_TIMEDOUT ? PROBE_TIMED_OUT : PROBE_ASKED;
	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	if (question->malformed) {
		out->exit_status = 1;
		snprintf(out->output, sizeof out->output, "%.200s: what it answers is not HTTP", url);
	} else if (status && code != CURLE_TOO_MANY_REDIRECTS && (code == CURLE_OK || question->read > BODY_READ)) {
		out->exit_status = status < 200 || status >= 400;
		snprintf(out->output, sizeof out->output, "%.200s: status %ld%s%s", url, status,
			 question->kept ? ": " : "", question->body);
	} else if (code == CURLE_OK && test->kind == TEST_TCP) {
		out->exit_status = 0;
	} else {
		out->exit_status = 1;
		snprintf(out->output, sizeof out->output, "%.200s: %.160s", url,
			 *why ? why : curl_easy_strerror(code));
	}
	text_one_line(out->output); /* an answer's words can be in what the library says, too */
}

static curl_socket_t on_open(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
	(void)purpose;
	(void)address;
	return *(int *)context;
}

static int on_opened(void *context, curl_socket_t fd, curlsocktype purpose)
{
	(void)context;
	(void)fd;
	(void)purpose;
	return CURL_SOCKOPT_ALREADY_CONNECTED;
}

/* Whether both name the same host; the port may differ. */
static bool is_same_host(const char *a, const char *b)
{
	const char *const urls[] = {a, b};
	char *hosts[] = {NULL, NULL};
	for (int i = 0; i < 2; i++) {
		CURLU *url = curl_url();
		if (url && curl_url_set(url, CURLUPART_URL, urls[i], 0) == CURLUE_OK)
			curl_url_get(url, CURLUPART_HOST, &hosts[i], 0);
		curl_url_cleanup(url);
	}
	bool same = hosts[0] && hosts[1] && strcasecmp(hosts[0], hosts[1]) == 0;
	curl_free(hosts[0]);
	curl_free(hosts[1]);
	return same;
}

/* Asks, and once more where an answer leads to on the same host; one that leads elsewhere is an answer. */
static CURLcode ask_along(CURL *easy, const char *first, uint64_t timeout_ms, bool follow,
			  struct question *question, char *why)
{
	uint64_t end_ms = monotonic_ns() / 1000000 + timeout_ms;
	char *next = NULL;
	curl_easy_setopt(easy, CURLOPT_URL, first);
	for (unsigned count = 0;; count++) {
		uint64_t now_ms = monotonic_ns() / 1000000;
		if (now_ms >= end_ms)
			return CURLE_OPERATION_TIMEDOUT;
		curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)(end_ms - now_ms));
		CURLcode code = curl_easy_perform(easy);
		if (code != CURLE_OK ||
		    curl_easy_getinfo(easy, CURLINFO_REDIRECT_URL, &next) != CURLE_OK || !next ||
		    !is_same_host(first, next) || !follow)
			return code;
		if (count == REDIRECTS_MAX) {
			snprintf(why, CURL_ERROR_SIZE, "more than %d redirects", REDIRECTS_MAX);
			return CURLE_TOO_MANY_REDIRECTS;
		}
		curl_easy_setopt(easy, CURLOPT_URL, next); /* which is copied */
		question->kept = question->read = 0;
		memset(question->body, 0, sizeof question->body);
	}
}

void network_ask(const struct test *test, const char *address, uint64_t timeout_ms, int connected,
		 void (*alive)(void *context), void *context, struct probe_result *out)
{
	static struct question question;
	static char url[URL_ROOM], why[CURL_ERROR_SIZE];
	CURL *easy = curl_easy_init();
	question = (struct question){.alive = alive, .context = context};
	write_url(test, address, url);
	if (!easy) {
		out->end = PROBE_NOT_RUN;
		snprintf(out->output, sizeof out->output, "no memory for a question");
		return;
	}
	struct curl_slist *headers = headers_of(test);
	set_options(easy, test, &question, why);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
	if (connected >= 0) {
		curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open);
		curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, &connected);
		curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, on_opened);
	}
	judge(easy, ask_along(easy, url, timeout_ms, connected < 0, &question, why), test, url, why,
	      &question, out);
	curl_easy_cleanup(easy);
	curl_slist_free_all(headers);
}

void network_test(const struct test *test, const char *address, uint64_t timeout_ms,
		  void (*alive)(void *context), void *context, struct probe_result *out)
{
	struct error err = ERROR_INIT;
	if (confine_self(&policy, true, &err) == 0 && curl_global_init(CURL_GLOBAL_DEFAULT) != 0)
		error_set(&err, "no memory for a question over the network");
	if (!err.text[0]) {
		network_ask(test, address, timeout_ms, -1, alive, context, out);
		return;
	}
	out->end = PROBE_NOT_RUN;
	out->exit_status = CONTAINER_SETUP_FAILED;
	snprintf(out->output, sizeof out->output, "%s", err.text);
}
