// SPDX-License-Identifier: Apache-2.0
/* What follows from the end of an attempt: the result, a redirect, or another attempt. */
#include "images/http/http_transfer.h"
#include "lib/log.h"
#include "lib/loop.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum {
	HOPS_MAX = 8,
	FAILURES_MAX = 4,         /* in a row, without a byte of progress */
	ATTEMPTS_MAX = 12,        /* in a row, without great progress */
	PROGRESS_BYTES = 64 * 1024, /* less than this between two failures is no progress */
	GREAT_PROGRESS_BYTES = 1024 * 1024, /* only the deadline ends a transfer that goes on so */
	RETRY_AFTER_MAX_S = 30,   /* a longer wait is left to whoever repeats the whole pull */
};

void transfer_finish(struct transfer *transfer, int result)
{
	transfer->state = TRANSFER_DONE;
	struct http_request *request = transfer->request;
	request->result = result;
	if (result == 0)
		request->failure = HTTP_FAILURE_NONE;
	else if (request->failure == HTTP_FAILURE_NONE)
		request->failure = HTTP_FAILURE_OTHER;
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

void transfer_restart(struct transfer *transfer)
{
	const struct http_request *request = transfer->request;
	/* Where the last redirect led, for a first try; then the front door again. */
	bool shortcut = transfer->attempts == 0 && request->landed && *request->landed;
	transfer->state = TRANSFER_WAITING;
	transfer->hops = shortcut;
	copy_url(transfer, shortcut ? request->landed : request->url);
}

/* Plans one more attempt; false when enough were made. */
static bool try_again(struct transfer *transfer)
{
	struct http_request *request = transfer->request;
	uint64_t came = request->sink ? request->received - transfer->delivered_before : 0;
	bool progress = came >= PROGRESS_BYTES;
	transfer->failures = progress ? 1 : transfer->failures + 1;
	transfer->attempts = came >= GREAT_PROGRESS_BYTES ? 1 : transfer->attempts + 1;
	if (request->once || (request->impatient && !progress) || transfer->failures >= FAILURES_MAX ||
	    transfer->attempts >= ATTEMPTS_MAX || request->retry_after > RETRY_AFTER_MAX_S)
		return false;
	uint64_t wait = back_off_ns(transfer->failures);
	if (wait < request->retry_after * 1000000000ULL)
		wait = request->retry_after * 1000000000ULL;
	transfer->start_at = monotonic_ns() + wait;
	transfer_restart(transfer);
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
		transfer_finish(transfer, -1);
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

/* A refusal behind a redirect is the storage's, not the registry's: the address has expired, and
 * its challenge is none of ours. The registry gives out new addresses. */
static void judge_elsewhere(struct transfer *transfer)
{
	struct http_request *request = transfer->request;
	char here[HTTP_ORIGIN_TEXT], there[HTTP_ORIGIN_TEXT];
	http_origin_format(&transfer->first_origin, here);
	http_origin_format(&transfer->origin, there);
	error_set(&request->err, "%.200s, to which %.200s redirects, refuses the request (%ld)",
		  there, here, request->status);
	request->challenge[0] = 0;
	request->failure = HTTP_FAILURE_OTHER;
	if (!try_again(transfer))
		transfer_finish(transfer, -1);
}

/* The server does not go on where it broke off: once more from the start, passing over what is
 * here. */
static bool may_do_without_range(struct transfer *transfer)
{
	const struct http_request *request = transfer->request;
	if (request->status != 416 || !transfer->asked_range || request->range_size > 0)
		return false;
	transfer->no_range = true;
	return try_again(transfer);
}

void transfer_judge(struct transfer *transfer, CURLcode code)
{
	struct http_request *request = transfer->request;
	bool again = false;
	curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &request->status);
	if (transfer->sink_failed) {
		again = request->failure == HTTP_FAILURE_OTHER &&
			request->err.kind == ERROR_TEMPORARY;
	} else if (code != CURLE_OK || transfer->too_slow) {
		again = transfer_explain(transfer, code);
	} else if (transfer_take_date(transfer) < 0) {
		again = false;
	} else if (is_redirect(request->status) && !request->form) {
		follow_redirect(transfer);
		return;
	} else if (is_busy(request->status)) {
		long status = request->status;
		char host[HTTP_ORIGIN_TEXT];
		http_origin_format(&transfer->origin, host);
		if (!try_again(transfer))
			transfer_finish(transfer, 0);
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
		transfer_finish(transfer, 0);
		return;
	}
	if (!again || !try_again(transfer))
		transfer_finish(transfer, -1);
	else
		log_debug("berth", "8 pull: %s; trying again", request->err.text);
}
