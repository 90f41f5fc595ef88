// SPDX-License-Identifier: Apache-2.0
#include "images/http/http_url.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void close_url(CURLU **url)
{
	curl_url_cleanup(*url);
}

static int url_error(const char *text, CURLUcode code, struct error *err)
{
	return error_set(err, "\"%.120s\" is not a usable address: %s", text,
			 curl_url_strerror(code));
}

/* Copies one part; out is "" when it is missing. */
static int copy_part(CURLU *url, CURLUPart part, unsigned flags, char *out, size_t capacity)
{
	char *text = NULL;
	CURLUcode code = curl_url_get(url, part, &text, flags);
	int length = snprintf(out, capacity, "%s", code == CURLUE_OK ? text : "");
	curl_free(text);
	return code == CURLUE_OK && length > 0 && (size_t)length < capacity ? 0 : -1;
}

static int read_origin(CURLU *url, const char *text, struct http_origin *out, struct error *err)
{
	char scheme[16], port[16];
	if (copy_part(url, CURLUPART_SCHEME, 0, scheme, sizeof scheme) < 0 ||
	    copy_part(url, CURLUPART_HOST, 0, out->host, sizeof out->host) < 0 ||
	    copy_part(url, CURLUPART_PORT, CURLU_DEFAULT_PORT, port, sizeof port) < 0)
		return error_set(err, "\"%.120s\" is not a usable address", text);
	out->tls = strcasecmp(scheme, "https") == 0;
	if (!out->tls && strcasecmp(scheme, "http") != 0)
		return error_set(err, "\"%.120s\" is neither http nor https", text);
	out->port = (unsigned)strtoul(port, NULL, 10);
	return 0;
}

int http_url_origin(const char *url, struct http_origin *out, struct error *err)
{
	CURLU *parsed __attribute__((cleanup(close_url))) = curl_url();
	if (!parsed)
		return error_set(err, "no memory for an address");
	CURLUcode code = curl_url_set(parsed, CURLUPART_URL, url, CURLU_DISALLOW_USER);
	if (code != CURLUE_OK)
		return url_error(url, code, err);
	return read_origin(parsed, url, out, err);
}

/* The text may hold a password: it is not shown. */
int http_proxy_origin(const char *url, struct http_origin *out, struct error *err)
{
	CURLU *parsed __attribute__((cleanup(close_url))) = curl_url();
	if (!parsed)
		return error_set(err, "no memory for an address");
	CURLUcode code = curl_url_set(parsed, CURLUPART_URL, url, CURLU_GUESS_SCHEME);
	if (code != CURLUE_OK)
		return error_set(err, "the proxy is not a usable address: %s",
				 curl_url_strerror(code));
	return read_origin(parsed, "the proxy", out, err);
}

int http_url_join(const char *base, const char *location, char *out, struct error *err)
{
	CURLU *parsed __attribute__((cleanup(close_url))) = curl_url();
	if (!parsed)
		return error_set(err, "no memory for an address");
	CURLUcode code = curl_url_set(parsed, CURLUPART_URL, base, 0);
	if (code == CURLUE_OK)
		code = curl_url_set(parsed, CURLUPART_URL, location, CURLU_DISALLOW_USER);
	if (code != CURLUE_OK)
		return url_error(location, code, err);
	curl_url_set(parsed, CURLUPART_FRAGMENT, NULL, 0);
	if (copy_part(parsed, CURLUPART_URL, 0, out, HTTP_URL_MAX) < 0)
		return error_set(err, "address \"%.80s…\" is longer than %d bytes", location,
				 HTTP_URL_MAX - 1);
	struct http_origin origin;
	return read_origin(parsed, location, &origin, err);
}

bool http_same_origin(const struct http_origin *a, const struct http_origin *b)
{
	return a->tls == b->tls && a->port == b->port && strcasecmp(a->host, b->host) == 0;
}

void http_origin_format(const struct http_origin *origin, char *out)
{
	if (origin->port == (origin->tls ? 443U : 80U))
		snprintf(out, HTTP_ORIGIN_TEXT, "%s", origin->host);
	else
		snprintf(out, HTTP_ORIGIN_TEXT, "%s:%u", origin->host, origin->port);
}

/* `host` as the user wrote it; docker.io's registry has another name. */
static bool is_host(const char *host, const struct http_origin *origin)
{
	char text[HTTP_ORIGIN_TEXT], with_port[HTTP_ORIGIN_TEXT];
	http_origin_format(origin, text);
	snprintf(with_port, sizeof with_port, "%s:%u", origin->host, origin->port);
	return strcasecmp(host, text) == 0 || strcasecmp(host, with_port) == 0 ||
	       (strcasecmp(host, "docker.io") == 0 && strcasecmp(text, "registry-1.docker.io") == 0);
}

const struct registry_option *http_option(const struct http_settings *settings,
					  const struct http_origin *origin)
{
	for (size_t i = 0; i < settings->registry_count; i++)
		if (is_host(settings->registries[i].host, origin))
			return &settings->registries[i];
	return NULL;
}

const struct http_peer *http_peer(const struct http_settings *settings,
				  const struct http_origin *origin)
{
	for (size_t i = 0; i < settings->peer_count; i++)
		if (is_host(settings->peers[i].host, origin))
			return &settings->peers[i];
	return NULL;
}

bool http_is_insecure(const struct http_settings *settings, const struct http_origin *origin)
{
	const struct registry_option *option = http_option(settings, origin);
	const struct http_peer *peer = http_peer(settings, origin);
	/* Whoever states the authority wants it to be asked, also of a registry on loopback. */
	if (peer && peer->ca)
		return false;
	return (option && option->insecure) || (peer && peer->insecure);
}

bool http_may_redirect(const struct http_settings *settings, const struct http_origin *from,
		       const struct http_origin *to)
{
	return to->tls || !from->tls || http_is_insecure(settings, to);
}
