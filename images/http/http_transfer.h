// SPDX-License-Identifier: Apache-2.0
/* One attempt of one request: what http.c (the engine), http_header.c, http_transfer.c (the body),
 * http_judge.c and http_error.c share. */
#ifndef BERTH_IMAGES_HTTP_HTTP_TRANSFER_H
#define BERTH_IMAGES_HTTP_HTTP_TRANSFER_H

#include "images/http/http.h"
#include "images/http/http_fields.h"
#include "images/http/http_url.h"
#include "images/layers/inflate.h"

#include <curl/curl.h>
#include <mbedtls/x509_crt.h>

enum transfer_state { TRANSFER_WAITING, TRANSFER_RUNNING, TRANSFER_DONE };

/* What the header of a response says of its body. */
struct response {
	bool has_length, has_range;
	uint64_t length;
	struct content_range range;
	enum content_coding coding;
	char coding_name[64];
	int64_t date; /* seconds since 1970, 0: not stated */
};

/* When the certificates of a connection are all valid, seconds since 1970. */
struct validity {
	bool seen; /* a handshake has shown certificates */
	int64_t begin, end;
	/* libcurl's own callback, called after ours. */
	int (*next)(void *context, mbedtls_x509_crt *certificate, int depth, uint32_t *flags);
	void *next_context;
};

struct transfer {
	const struct http_settings *settings;
	struct http_request *request;
	CURL *easy;
	struct curl_slist *headers;
	enum transfer_state state;
	uint64_t start_at;        /* WAITING: not before this, monotonic_ns */
	unsigned failures;        /* in a row without a byte of progress */
	unsigned attempts;        /* in a row without great progress; 0: this is the first */
	unsigned hops;            /* redirects followed in this attempt */
	bool no_range;            /* the server does not resume: all is asked for again */
	struct validity validity;  /* only when the clock is a floor */
	struct http_origin origin, first_origin;
	struct http_origin proxy; /* the host is "" when there is none */
	char url[HTTP_URL_MAX];

	/* of the current response */
	struct response response;
	bool body_begun, sink_failed;
	bool refused_address;     /* the connection was refused here, not there */
	uint64_t asked_from;      /* first byte asked for with Range; 0 and !asked_range: all */
	bool asked_range;
	uint64_t skip;            /* bytes of the body that were delivered before */
	uint64_t got;             /* body bytes of this response, skipped ones included */
	uint64_t delivered_before;/* request->received when the attempt began */
	struct inflate *decoder;  /* of a Content-Encoding on top, or NULL */
	char location[HTTP_URL_MAX];
	size_t error_used;

	/* the watch on slow servers: time spent waiting for the network and bytes that came */
	uint64_t wait_ns, window_bytes;
	bool too_slow;
	char curl_text[CURL_ERROR_SIZE];
};

/* Forgets what the previous response has left behind, on this side and in the request. */
void transfer_forget_response(struct transfer *transfer);
/* libcurl's callback for one line of the header; context is the transfer. */
size_t transfer_take_header(char *data, size_t unit, size_t count, void *context);
/* Sets the handle up for transfer->url and forgets the previous response. */
int transfer_prepare(struct transfer *transfer, struct error *err);
/* What to do after an attempt has ended with this code. */
void transfer_judge(struct transfer *transfer, CURLcode code);
/* The next attempt begins at the address of the request; no redirect has been followed yet. */
void transfer_restart(struct transfer *transfer);
/* The request has its result, 0 or -1. */
void transfer_finish(struct transfer *transfer, int result);
/* Authorities, client certificate and proxy for transfer->origin (http_peer.c). */
int transfer_set_peer(struct transfer *transfer, struct error *err);
/* http_clock.c: looks on while certificates are checked, when the clock is a floor. */
void transfer_watch_validity(struct transfer *transfer, bool verify);
/* After an answer: hands its date on. -1 with err and failure filled when it cannot be true. */
int transfer_take_date(struct transfer *transfer);
/* Fills request->err and request->failure for a libcurl error. True when a retry makes sense. */
bool transfer_explain(struct transfer *transfer, CURLcode code);
/* True when the response came from another origin than the one that was asked. */
bool transfer_is_elsewhere(const struct transfer *transfer);
/* After a complete 2xx response: is all there? -1 with request->err filled if not; *again when
 * asking once more may help. */
int transfer_check_size(struct transfer *transfer, bool *again);

#endif
