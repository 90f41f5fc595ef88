// SPDX-License-Identifier: Apache-2.0
/*
 * TLS while the clock is only a floor, that is while it may be any later time (docs/time.md). A
 * certificate that begins after the clock may have begun: that alone is overlooked. One that has ended
 * before the clock has ended. What the server then says in its `Date` must lie where all its
 * certificates are valid, or they were not.
 */
#include "images/http/http_transfer.h"

#include <mbedtls/ssl.h>
#include <time.h>

static int64_t seconds_of(const mbedtls_x509_time *time)
{
	struct tm parts = {.tm_year = time->year - 1900, .tm_mon = time->mon - 1,
			   .tm_mday = time->day, .tm_hour = time->hour, .tm_min = time->min,
			   .tm_sec = time->sec};
	return (int64_t)timegm(&parts);
}

/* For each certificate of the chain, before its flags count; then libcurl's own look at it. */
static int on_certificate(void *context, mbedtls_x509_crt *certificate, int depth, uint32_t *flags)
{
	struct validity *validity = context;
	int64_t begin = seconds_of(&certificate->valid_from);
	int64_t end = seconds_of(&certificate->valid_to);
	if (!validity->seen || begin > validity->begin)
		validity->begin = begin;
	if (!validity->seen || end < validity->end)
		validity->end = end;
	validity->seen = true;
	*flags &= ~(uint32_t)MBEDTLS_X509_BADCERT_FUTURE;
	return validity->next ? validity->next(validity->next_context, certificate, depth, flags)
			      : 0;
}

static CURLcode on_tls(CURL *easy, void *tls, void *context)
{
	mbedtls_ssl_config *config = tls;
	struct validity *validity = context;
	(void)easy;
	validity->next = config->MBEDTLS_PRIVATE(f_vrfy);
	validity->next_context = config->MBEDTLS_PRIVATE(p_vrfy);
	mbedtls_ssl_conf_verify(config, on_certificate, validity);
	return CURLE_OK;
}

void transfer_watch_validity(struct transfer *transfer, bool verify)
{
	bool watch = verify && transfer->settings->clock_is_floor;
	transfer->validity = (struct validity){.seen = false};
	/* Through a proxy that is spoken to in TLS there are two chains: neither is overlooked. */
	watch = watch && !*transfer->proxy.host;
	curl_easy_setopt(transfer->easy, CURLOPT_SSL_CTX_FUNCTION, watch ? on_tls : NULL);
	curl_easy_setopt(transfer->easy, CURLOPT_SSL_CTX_DATA, &transfer->validity);
}

static void format(int64_t seconds, char out[32])
{
	time_t time = (time_t)seconds;
	struct tm parts = {0};
	gmtime_r(&time, &parts);
	strftime(out, 32, "%Y-%m-%d", &parts);
}

int transfer_take_date(struct transfer *transfer)
{
	const struct validity *validity = &transfer->validity;
	struct http_request *request = transfer->request;
	int64_t date = transfer->response.date;
	/* Without a handshake it is a connection, or a session, of before, which was looked at. */
	if (!validity->seen || date == 0)
		return 0;
	if (date < validity->begin || date > validity->end) {
		char says[32], begin[32], end[32];
		format(date, says);
		format(validity->begin, begin);
		format(validity->end, end);
		request->failure = HTTP_FAILURE_CERTIFICATE;
		return error_set(&request->err,
				 "%.200s says that it is %s, but its certificates are valid from %s "
				 "to %s", transfer->origin.host, says, begin, end);
	}
	if (transfer->settings->date)
		transfer->settings->date(transfer->settings->alive_context, date,
					 transfer->origin.host);
	return 0;
}
