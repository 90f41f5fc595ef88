// SPDX-License-Identifier: Apache-2.0
/* What a libcurl error means to the reader of the console. */
#include "images/http/http_transfer.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* "localhost:5000 (dialled at 10.0.2.2:5000)" */
static void describe_target(const struct transfer *transfer, char *out, size_t capacity)
{
	char host[HTTP_ORIGIN_TEXT];
	http_origin_format(&transfer->origin, host);
	const struct registry_option *option = http_option(transfer->settings, &transfer->origin);
	if (*transfer->proxy.host)
		snprintf(out, capacity, "%.160s (through the proxy %.100s:%u)", host,
			 transfer->proxy.host, transfer->proxy.port);
	else if (option && option->connect)
		snprintf(out, capacity, "%.200s (dialled at %.80s)", host, option->connect);
	else
		snprintf(out, capacity, "%.200s", host);
}

static bool explain_connect(struct transfer *transfer, const char *target)
{
	struct http_request *request = transfer->request;
	long code = 0;
	curl_easy_getinfo(transfer->easy, CURLINFO_OS_ERRNO, &code);
	request->failure = HTTP_FAILURE_CONNECT;
	if (transfer->refused_address) {
		error_set(&request->err, "connect to %s: a link-local address is refused here", target);
		return false;
	}
	const char *why = code ? strerror((int)code) : transfer->curl_text;
	error_temporary(&request->err, "connect to %s: %s", target, *why ? why : "no answer");
	return true;
}

/* Certificates fail most often because the CA is unknown or the clock is wrong: say what both
 * are. */
static bool explain_certificate(struct transfer *transfer, const char *target)
{
	time_t now = time(NULL);
	struct tm parts;
	char date[32] = "?";
	if (gmtime_r(&now, &parts))
		strftime(date, sizeof date, "%Y-%m-%d", &parts);
	const struct http_settings *settings = transfer->settings;
	const struct http_peer *peer = http_peer(settings, &transfer->origin);
	bool pinned = peer && peer->ca && peer->ca_only;
	bool more = (peer && peer->ca) || settings->defaults.ca;
	const char *bundle = settings->ca_bundle ? settings->ca_bundle : "no CA";
	transfer->request->failure = HTTP_FAILURE_CERTIFICATE;
	error_set(&transfer->request->err,
		  "the TLS certificate of %s is not accepted: %s (trusted: %s%s; the clock says %s)",
		  target, *transfer->curl_text ? transfer->curl_text : "not trusted",
		  pinned ? "only the \"ca\" of the image settings" : bundle,
		  more && !pinned ? " and the image settings" : "", date);
	return false;
}

/* Servers that are not content with our certificate, or with none, hang up and do not say why. */
static const char *client_hint(const struct transfer *transfer)
{
	const struct http_peer *peer = http_peer(transfer->settings, &transfer->origin);
	if (!transfer->origin.tls || transfer->request->status > 0)
		return "";
	return peer && peer->client_certificate ? " (it may not accept the client certificate)"
						: " (it may want a client certificate)";
}

static bool explain_tls(struct transfer *transfer, const char *target)
{
	struct http_request *request = transfer->request;
	request->failure = HTTP_FAILURE_NO_TLS;
	const struct http_peer *peer = http_peer(transfer->settings, &transfer->origin);
	bool client = peer && peer->client_certificate;
	error_set(&request->err, "%s does not answer in TLS: %s%s", target,
		  *transfer->curl_text ? transfer->curl_text : "handshake failed",
		  client ? client_hint(transfer)
			 : " (if it speaks plain HTTP, mark it as insecure)");
	return false;
}

/* The proxy answered CONNECT with something else than 200. */
static bool explain_proxy(struct transfer *transfer, const char *target)
{
	struct http_request *request = transfer->request;
	long status = 0;
	curl_easy_getinfo(transfer->easy, CURLINFO_HTTP_CONNECTCODE, &status);
	if (!*transfer->proxy.host || status < 300)
		return false;
	error_set(&request->err, "connect to %s: the proxy refuses (%ld%s)", target, status,
		  status == 407 ? ", it wants a user and a password" : "");
	request->failure = HTTP_FAILURE_CONNECT;
	if (status >= 500)
		request->err.kind = ERROR_TEMPORARY;
	return true;
}

static bool before_tls_was_up(const struct transfer *transfer)
{
	curl_off_t connected = 0, ready = 0;
	curl_easy_getinfo(transfer->easy, CURLINFO_CONNECT_TIME_T, &connected);
	curl_easy_getinfo(transfer->easy, CURLINFO_APPCONNECT_TIME_T, &ready);
	return transfer->origin.tls && connected > 0 && ready == 0;
}

static bool explain_break(struct transfer *transfer, const char *target, CURLcode code)
{
	struct http_request *request = transfer->request;
	unsigned long long received = request->received;
	if (before_tls_was_up(transfer)) {
		explain_tls(transfer, target);
		request->err.kind = ERROR_TEMPORARY;
		return true;
	}
	if (received > 0 && request->size != HTTP_SIZE_UNKNOWN)
		error_temporary(&request->err, "%s broke off after %llu of %llu bytes: %s", target,
				received, (unsigned long long)request->size, curl_easy_strerror(code));
	else
		error_temporary(&request->err, "%s broke off: %s%s", target,
				curl_easy_strerror(code), client_hint(transfer));
	return true;
}

static bool explain_slow(struct transfer *transfer, const char *target)
{
	struct http_request *request = transfer->request;
	if (transfer->too_slow)
		error_temporary(&request->err, "%s sends nothing or too slowly", target);
	else if (before_tls_was_up(transfer))
		return explain_break(transfer, target, CURLE_OPERATION_TIMEDOUT);
	else
		error_temporary(&request->err, "connect to %s: no answer in time", target);
	if (!transfer->too_slow)
		request->failure = HTTP_FAILURE_CONNECT;
	return true;
}

bool transfer_explain(struct transfer *transfer, CURLcode code)
{
	struct http_request *request = transfer->request;
	char target[320];
	size_t length = strlen(transfer->curl_text);
	while (length > 0 && transfer->curl_text[length - 1] <= ' ') /* mbedTLS ends its lines */
		transfer->curl_text[--length] = 0;
	describe_target(transfer, target, sizeof target);
	request->failure = HTTP_FAILURE_OTHER;
	if (explain_proxy(transfer, target))
		return request->err.kind == ERROR_TEMPORARY;
	switch (code) {
	case CURLE_COULDNT_RESOLVE_PROXY:
		request->failure = HTTP_FAILURE_CONNECT;
		error_temporary(&request->err, "look up the proxy %.200s in DNS: no address found",
				transfer->proxy.host);
		return true;
	case CURLE_COULDNT_RESOLVE_HOST:
		request->failure = HTTP_FAILURE_CONNECT;
		error_temporary(&request->err, "look up %.200s in DNS: no address found",
				transfer->origin.host);
		return true;
	case CURLE_COULDNT_CONNECT:
		return explain_connect(transfer, target);
	case CURLE_OPERATION_TIMEDOUT:
		return explain_slow(transfer, target);
	case CURLE_SSL_CERTPROBLEM:
		error_set(&request->err, "the client certificate or key for %s is not usable: %s",
			  target, *transfer->curl_text ? transfer->curl_text : "refused");
		return false;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
		return explain_certificate(transfer, target);
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_SSL_CIPHER:
		return explain_tls(transfer, target);
	case CURLE_GOT_NOTHING:
	case CURLE_RECV_ERROR:
	case CURLE_SEND_ERROR:
	case CURLE_PARTIAL_FILE:
		return explain_break(transfer, target, code);
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_WEIRD_SERVER_REPLY:
		error_set(&request->err, "%s does not answer in HTTP", target);
		return false;
	case CURLE_OUT_OF_MEMORY:
		error_temporary(&request->err, "request to %s: out of memory", target);
		return false;
	default:
		error_set(&request->err, "request to %s: %s", target,
			  *transfer->curl_text ? transfer->curl_text : curl_easy_strerror(code));
		return false;
	}
}
