// SPDX-License-Identifier: Apache-2.0
#include "init/clock/ntp.h"

#include <stdlib.h>
#include <string.h>

/* Letters, digits, '-', '.', '_' of names and IPv4 addresses, ':' of IPv6 ones. */
static bool is_host(const char *text, size_t length, bool bracketed)
{
	static const char six[] = "0123456789abcdefABCDEF:.";
	static const char name[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";
	return length > 0 && length < NTP_HOST_MAX && *text != '-' && *text != '.' &&
	       strspn(text, bracketed ? six : name) >= length;
}

static bool read_port(const char *text, uint16_t *out)
{
	size_t digits = strspn(text, "0123456789");
	unsigned long number = digits > 0 && digits <= 5 ? strtoul(text, NULL, 10) : 0;
	*out = (uint16_t)number;
	return !text[digits] && number >= 1 && number <= UINT16_MAX;
}

int ntp_server_parse(const char *text, struct ntp_server *out, struct error *err)
{
	bool bracketed = *text == '[';
	const char *host = text + bracketed;
	size_t length = strcspn(host, bracketed ? "]" : ":");
	const char *rest = host + length + (bracketed && host[length] == ']');
	*out = (struct ntp_server){.port = NTP_PORT};
	if (!is_host(host, length, bracketed) || (bracketed && host[length] != ']') ||
	    (*rest && (*rest != ':' || !read_port(rest + 1, &out->port))))
		return error_set(err, "\"%.80s\" is not HOST or HOST:PORT ([ADDRESS]:PORT for IPv6)",
				 text);
	memcpy(out->host, host, length);
	return 0;
}
