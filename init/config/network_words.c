// SPDX-License-Identifier: Apache-2.0
#include "init/config/network_words.h"

#include "init/net/ipv4.h"

#include <arpa/inet.h>
#include <string.h>

int network_keep_text(struct machine *machine, const char *value, const char **kept, char **cut,
		      struct error *err)
{
	if (strlen(value) > NETWORK_TEXT_MAX)
		return error_set(err, "more than %d bytes are said of a network", NETWORK_TEXT_MAX);
	*kept = arena_strdup(&machine->arena, value);
	*cut = arena_strdup(&machine->arena, value);
	return *kept && *cut ? 0 : error_set(err, "too many settings");
}

bool network_word_next(char **rest, struct network_word *out)
{
	char *text = strsep(rest, ",");
	if (!text)
		return false;
	char *equals = strchr(text, '=');
	*out = (struct network_word){text, equals ? equals + 1 : text + strlen(text)};
	if (equals)
		*equals = 0;
	return true;
}

int network_parse_address(const char *text, struct in_addr *out, struct error *err)
{
	return ipv4_parse(text, out) && ipv4_is_unicast(*out)
		       ? 0
		       : error_set(err, "\"%.60s\" is not an address of a host", text);
}

int network_parse_address6(const char *text, struct in6_addr *out, struct error *err)
{
	return inet_pton(AF_INET6, text, out) == 1 && !IN6_IS_ADDR_MULTICAST(out)
		       ? 0
		       : error_set(err, "\"%.60s\" is not an IPv6 address of a host", text);
}

int network_parse_any(const char *text, struct plan_address *out, struct error *err)
{
	out->family = strchr(text, ':') ? AF_INET6 : AF_INET;
	return out->family == AF_INET ? network_parse_address(text, &out->v4, err)
				      : network_parse_address6(text, &out->v6, err);
}

int network_parse_device(const char *text, char out[IFNAMSIZ], struct error *err)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
	size_t length = strspn(text, letters);
	if (!length || text[length] || length >= IFNAMSIZ || *text == '.' || strcmp(text, "lo") == 0)
		return error_set(err,
				 "\"%.40s\" is not a name of a network device: 1 to %d letters, digits, "
				 "_ . and -",
				 text, IFNAMSIZ - 1);
	memcpy(out, text, length + 1);
	return 0;
}
