// SPDX-License-Identifier: Apache-2.0
/*
 * A careful HTTP client for registries, over libcurl. It follows redirects itself, so that the
 * Authorization header never reaches another origin and https never becomes http; retries what is
 * worth a retry, with back-off and Retry-After; resumes a broken body at its offset; and gives up
 * on servers that stall. Runs in confined workers only.
 */
#ifndef BERTH_IMAGES_HTTP_HTTP_H
#define BERTH_IMAGES_HTTP_HTTP_H

#include "images/pull/pull.h"
#include "lib/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	HTTP_URL_MAX = 8192,       /* presigned URLs are long */
	HTTP_HEADER_VALUE_MAX = 8192,
	HTTP_ERROR_BODY_MAX = 4096, /* what is kept of the body of a refusal */
	HTTP_PARALLEL_MAX = 4,
};

#define HTTP_SIZE_UNKNOWN UINT64_MAX

/* How one server is reached, from the image settings (registry_settings.h). */
struct http_peer {
	const char *host;               /* "HOST" or "HOST:PORT"; ports 443 and 80 may be left out */
	bool insecure;                  /* as in struct registry_option */
	bool ca_only;                   /* of all authorities only `ca` counts */
	const char *ca;                 /* PEM, beside the bundle; or NULL */
	const char *client_certificate; /* PEM, or NULL */
	const char *client_key;         /* PEM, unencrypted; when there is a client certificate */
	const char *proxy;              /* URL; "": none; NULL: the default */
};

struct http_settings {
	const char *ca_bundle; /* PEM file */
	const struct registry_option *registries;
	size_t registry_count;
	const struct http_peer *peers;
	size_t peer_count;
	struct http_peer defaults;    /* `ca` and `proxy` count */
	const char *https_proxy;      /* for https and http addresses when neither a peer nor the */
	const char *http_proxy;       /* defaults name a proxy; URL or NULL */
	const char *no_proxy;         /* "name,.domain,10.0.0.0/8": not through a default proxy */
	size_t buffer_size;           /* receive buffer, bytes */
	bool clock_is_floor;          /* it is this time or later: certificates may begin later, and
				       * what servers say of the time is checked against them */
	/* Called with the time of an answer over TLS, when the clock is a floor; may be NULL. The
	 * context is alive_context. */
	void (*date)(void *context, int64_t seconds, const char *host);
	void (*alive)(void *context); /* called before every attempt: a sign of life; may be NULL */
	void *alive_context;
};

/* Receives the body in order, each byte once. -1 with err filled aborts the request. */
typedef int http_sink(void *context, const void *data, size_t size, struct error *err);

/* Why a request failed, as far as a caller acts on it. */
enum http_failure {
	HTTP_FAILURE_NONE,
	HTTP_FAILURE_OTHER,
	HTTP_FAILURE_CONNECT,       /* nobody answers at the address */
	HTTP_FAILURE_NO_TLS,        /* somebody answers, but not in TLS */
	HTTP_FAILURE_CERTIFICATE,   /* somebody answers who cannot show to be the right one */
	HTTP_FAILURE_SINK,          /* the sink refused */
	HTTP_FAILURE_RANGE_IGNORED, /* a range was asked for and the whole was offered */
};

struct http_request {
	const char *url;           /* at most HTTP_URL_MAX-1 bytes */
	const char *accept;        /* NULL: anything */
	const char *authorization; /* value of the header, for the origin of `url` only; or NULL */
	const char *form;          /* POST with this urlencoded body; NULL: GET */
	const char *method;        /* "PUT", or NULL: POST with a form, else GET */
	const char *const *headers; /* more lines "Name: value", ends with NULL; for the origin of
				      `url` only; or NULL */
	bool low_port;             /* from a source port below 1024: shows that root asks */
	bool once;                 /* no retries */
	bool impatient;            /* somebody else can be asked: retries only while bytes come */
	const char *named_by;      /* address of the server that named `url`: its authorities count
				      here too; or NULL */
	bool public_only;          /* refuse link-local addresses, whoever named the host */
	uint64_t range_first;      /* with range_size > 0: ask for these bytes only */
	uint64_t range_size;
	char *landed;              /* HTTP_URL_MAX bytes that several requests for one thing share:
				    * gets the address that a redirect led to ("": none did), and is
				    * tried first by the next; or NULL */
	uint64_t size;             /* exact size of the body, or HTTP_SIZE_UNKNOWN */
	/* The body goes to the sink, or into buffer[capacity] with a NUL after it when sink is NULL. */
	http_sink *sink;
	void *context;
	char *buffer;
	size_t capacity;

	/* Results. A later run with the same struct and a sink goes on after `received` bytes. */
	uint64_t received;
	int result;  /* 0: the server answered with `status`; -1: err and failure say why not */
	long status;
	bool accepts_ranges;  /* says the server */
	unsigned retry_after; /* seconds the server asks to wait, 0: not stated */
	enum http_failure failure;
	struct error err;
	char content_type[128];
	char link[512];             /* Link header (RFC 8288), "" when none or longer */
	char warning[256];          /* text of a Warning header of the kind 299, "" when none or longer */
	char challenge[HTTP_HEADER_VALUE_MAX]; /* WWW-Authenticate headers, joined with ", " */
	char error_body[HTTP_ERROR_BODY_MAX];  /* start of the body of a status >= 400 */
};

struct http;

/* `settings` must stay alive. NULL with err filled on failure. */
struct http *http_open(const struct http_settings *settings, struct error *err);
void http_close(struct http *http);

enum http_next { HTTP_REST, HTTP_AGAIN, HTTP_STOP };

/* Lets a few requests do the work of many. */
struct http_feed {
	/* Asked over and over for each request that has its result: is it to rest, or to run
	 * again with what was put into it now, or is everything to stop? */
	enum http_next (*next)(void *context, struct http_request *request);
	void *context;
};

/* Runs all requests, up to HTTP_PARALLEL_MAX at once, until each has its result. */
void http_run(struct http *http, struct http_request *const *requests, size_t count);
void http_run_fed(struct http *http, struct http_request *const *requests, size_t count,
		  const struct http_feed *feed);

/* The system calls of a confined process that uses this client and sends frames: numbers as
 * confine_policy.syscalls has them, UINT16_MAX at the end. */
extern const uint16_t http_syscalls[];

#endif
