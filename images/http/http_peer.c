// SPDX-License-Identifier: Apache-2.0
/* How one server is reached: which authorities may vouch for it, as whom we come, through what. */
#include "images/http/http_transfer.h"

#include "images/http/http_bundle.h"
#include "lib/cleanup.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { AUTHORITIES_MAX = 3 };

/* The server that sent us to this one: by a redirect, or as its token service. Its authorities count
 * here too; its client certificate and its proxy do not. */
static const struct http_peer *sponsor_of(const struct transfer *transfer)
{
	struct http_origin origin;
	const char *named_by = transfer->request->named_by;
	if (transfer_is_elsewhere(transfer))
		return http_peer(transfer->settings, &transfer->first_origin);
	if (!named_by || http_url_origin(named_by, &origin, NULL) < 0)
		return NULL;
	return http_peer(transfer->settings, &origin);
}

static int set_blob(CURL *easy, CURLoption option, const char *text, size_t size, struct error *err)
{
	struct curl_blob blob = {(void *)(uintptr_t)text, size, CURL_BLOB_COPY};
	if (curl_easy_setopt(easy, option, &blob) != CURLE_OK)
		return error_set(err, "the HTTP client does not take a certificate");
	return 0;
}

static void append(char *out, size_t *used, const char *text)
{
	size_t length = strlen(text);
	memcpy(out + *used, text, length);
	out[*used + length] = '\n';
	*used += length + 1;
}

/* The bundle and the listed authorities as one text. */
static int set_joined(struct transfer *transfer, const char *const *more, size_t count,
		      bool with_bundle, struct error *err)
{
	const char *bundle;
	size_t used;
	if (http_bundle_read(with_bundle ? transfer->settings->ca_bundle : NULL, &bundle, &used, err) < 0)
		return -1;
	size_t size = used + 1;
	for (size_t i = 0; i < count; i++)
		size += strlen(more[i]) + 1;
	_cleanup_free_ char *text = malloc(size);
	if (!text)
		return error_temporary(err, "no memory for certificates");
	memcpy(text, bundle, used);
	text[used++] = '\n';
	for (size_t i = 0; i < count; i++)
		append(text, &used, more[i]);
	if (set_blob(transfer->easy, CURLOPT_CAINFO_BLOB, text, used, err) < 0)
		return -1;
	return set_blob(transfer->easy, CURLOPT_PROXY_CAINFO_BLOB, text, used, err);
}

static int set_authorities(struct transfer *transfer, const struct http_peer *peer,
			   struct error *err)
{
	const struct http_settings *settings = transfer->settings;
	const char *more[AUTHORITIES_MAX];
	size_t count = 0;
	bool pinned = peer && peer->ca && peer->ca_only;
	const struct http_peer *sponsor = sponsor_of(transfer);
	if (peer && peer->ca)
		more[count++] = peer->ca;
	if (!pinned && settings->defaults.ca)
		more[count++] = settings->defaults.ca;
	if (!pinned && sponsor && sponsor != peer && sponsor->ca)
		more[count++] = sponsor->ca;
	bool packed = transfer->origin.tls && http_bundle_is_packed(settings->ca_bundle);
	if (count > 0 || packed)
		return set_joined(transfer, more, count, !pinned, err);
	/* Unset: the handle may come from a server with authorities of its own. */
	curl_easy_setopt(transfer->easy, CURLOPT_CAINFO_BLOB, NULL);
	curl_easy_setopt(transfer->easy, CURLOPT_PROXY_CAINFO_BLOB, NULL);
	curl_easy_setopt(transfer->easy, CURLOPT_CAINFO, settings->ca_bundle);
	curl_easy_setopt(transfer->easy, CURLOPT_PROXY_CAINFO, settings->ca_bundle);
	return 0;
}

static int set_client(CURL *easy, const struct http_peer *peer, struct error *err)
{
	if (!peer || !peer->client_certificate) {
		curl_easy_setopt(easy, CURLOPT_SSLCERT_BLOB, NULL);
		curl_easy_setopt(easy, CURLOPT_SSLKEY_BLOB, NULL);
		return 0;
	}
	const char *certificate = peer->client_certificate, *key = peer->client_key;
	if (set_blob(easy, CURLOPT_SSLCERT_BLOB, certificate, strlen(certificate), err) < 0)
		return -1;
	/* mbedTLS wants to see the NUL that ends a PEM text. */
	return set_blob(easy, CURLOPT_SSLKEY_BLOB, key, strlen(key) + 1, err);
}

static bool is_loopback(const char *host)
{
	size_t length = strlen(host);
	return strcasecmp(host, "localhost") == 0 || strncmp(host, "127.", 4) == 0 ||
	       strcmp(host, "[::1]") == 0 ||
	       (length > 10 && strcasecmp(host + length - 10, ".localhost") == 0);
}

/* The URL of the proxy for this origin, "" for none. A proxy stated for the server itself is used in
 * any case; a default one not for this machine itself. */
static const char *proxy_for(const struct http_settings *settings, const struct http_peer *peer,
			     const struct http_origin *origin, bool *by_default)
{
	*by_default = !peer || !peer->proxy;
	if (!*by_default)
		return peer->proxy;
	const char *proxy = settings->defaults.proxy ? settings->defaults.proxy
			    : origin->tls            ? settings->https_proxy
						     : settings->http_proxy;
	return proxy && !is_loopback(origin->host) ? proxy : "";
}

/* The proxy would go where on_socket() does not let us go. */
static bool is_link_local_name(const char *host)
{
	struct in6_addr six;
	char bare[INET6_ADDRSTRLEN] = "";
	if (strncmp(host, "169.254.", 8) == 0)
		return true;
	size_t length = strlen(host);
	if (*host == '[' && length > 2 && length - 2 < sizeof bare)
		memcpy(bare, host + 1, length - 2);
	return inet_pton(AF_INET6, bare, &six) == 1 && IN6_IS_ADDR_LINKLOCAL(&six);
}

static int set_proxy(struct transfer *transfer, const struct http_peer *peer, struct error *err)
{
	const struct http_settings *settings = transfer->settings;
	bool by_default, foreign = transfer->request->public_only || transfer->hops > 0;
	const char *proxy = proxy_for(settings, peer, &transfer->origin, &by_default);
	transfer->proxy.host[0] = 0;
	curl_easy_setopt(transfer->easy, CURLOPT_PROXY, proxy);
	curl_easy_setopt(transfer->easy, CURLOPT_NOPROXY, by_default ? settings->no_proxy : "");
	if (!*proxy)
		return 0;
	if (http_proxy_origin(proxy, &transfer->proxy, err) < 0)
		return -1;
	if (foreign && is_link_local_name(transfer->origin.host))
		return error_set(err, "connect to %s: a link-local address is refused here",
				 transfer->origin.host);
	curl_easy_setopt(transfer->easy, CURLOPT_PROXYPORT, (long)transfer->proxy.port);
	/* The Authorization header is for the registry alone, and so are the answers for us. */
	curl_easy_setopt(transfer->easy, CURLOPT_HEADEROPT, (long)CURLHEADER_SEPARATE);
	curl_easy_setopt(transfer->easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	return 0;
}

int transfer_set_peer(struct transfer *transfer, struct error *err)
{
	const struct http_peer *peer = http_peer(transfer->settings, &transfer->origin);
	if (set_authorities(transfer, peer, err) < 0 || set_client(transfer->easy, peer, err) < 0)
		return -1;
	return set_proxy(transfer, peer, err);
}
