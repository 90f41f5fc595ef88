// SPDX-License-Identifier: Apache-2.0
/* Origins (scheme, host, port) and redirect targets; parsing is libcurl's. */
#ifndef BERTH_IMAGES_HTTP_HTTP_URL_H
#define BERTH_IMAGES_HTTP_HTTP_URL_H

#include "images/http/http.h"

struct http_origin {
	bool tls;
	unsigned port;
	char host[256]; /* with brackets when it is an IPv6 address */
};

enum { HTTP_ORIGIN_TEXT = 256 + 8 };

/* Absolute http or https URLs without user information only. */
int http_url_origin(const char *url, struct http_origin *out, struct error *err);
/* Of a proxy: http unless stated otherwise, user information allowed. */
int http_proxy_origin(const char *url, struct http_origin *out, struct error *err);
/* Resolves `location` against `base` into out[HTTP_URL_MAX]. */
int http_url_join(const char *base, const char *location, char *out, struct error *err);
bool http_same_origin(const struct http_origin *a, const struct http_origin *b);
/* "host" or "host:port" when the port is not the scheme's own. */
void http_origin_format(const struct http_origin *origin, char *out);
/* The options for this host and port, or NULL. docker.io's answer for registry-1.docker.io too. */
const struct registry_option *http_option(const struct http_settings *settings,
					  const struct http_origin *origin);
/* What the image settings say about this host and port, or NULL. */
const struct http_peer *http_peer(const struct http_settings *settings,
				  const struct http_origin *origin);
/* The user has marked this host and port insecure, in one place or the other. */
bool http_is_insecure(const struct http_settings *settings, const struct http_origin *origin);
/* Follows a redirect from `from` to `to`: http only where http already was, or where the user has
 * marked the target insecure. */
bool http_may_redirect(const struct http_settings *settings, const struct http_origin *from,
		       const struct http_origin *to);

#endif
