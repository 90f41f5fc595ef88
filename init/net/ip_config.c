// SPDX-License-Identifier: Apache-2.0
#include "init/net/ipv4.h"
#include "init/net/network.h"

#include "lib/cleanup.h"

#include <arpa/inet.h>
#include <string.h>

enum field {
	FIELD_CLIENT,
	FIELD_SERVER,
	FIELD_GATEWAY,
	FIELD_NETMASK,
	FIELD_HOSTNAME,
	FIELD_DEVICE,
	FIELD_AUTOCONF,
	FIELD_DNS0,
	FIELD_DNS1,
	FIELD_NTP0,
	FIELD_COUNT,
};

static const char *const FIELD_NAMES[FIELD_COUNT] = {
	"client-ip", "server-ip", "gw-ip",   "netmask", "hostname",
	"device",    "autoconf",  "dns0-ip", "dns1-ip", "ntp0-ip",
};

enum { TEXT_MAX = 256 };

enum autoconf { AUTOCONF_ANY, AUTOCONF_OFF, AUTOCONF_DHCP, AUTOCONF_UNSUPPORTED, AUTOCONF_UNKNOWN };

/* The words of <autoconf>; what follows a comma is the DHCP client identifier. */
static enum autoconf autoconf_word(const char *text)
{
	static const struct {
		const char *word;
		enum autoconf means;
	} words[] = {
		{"", AUTOCONF_ANY},
		{"on", AUTOCONF_ANY},
		{"any", AUTOCONF_ANY},
		{"off", AUTOCONF_OFF},
		{"none", AUTOCONF_OFF},
		{"dhcp", AUTOCONF_DHCP},
		{"bootp", AUTOCONF_UNSUPPORTED},
		{"rarp", AUTOCONF_UNSUPPORTED},
		{"both", AUTOCONF_UNSUPPORTED},
	};
	size_t length = strcspn(text, ",");
	for (size_t i = 0; i < countof(words); i++)
		if (strlen(words[i].word) == length && strncmp(words[i].word, text, length) == 0)
			return text[length] && words[i].means != AUTOCONF_DHCP ? AUTOCONF_UNKNOWN
									       : words[i].means;
	return AUTOCONF_UNKNOWN;
}

static int bad_field(enum field field, const char *text, const char *why, struct error *err)
{
	return error_set(err, "ip=: <%s> \"%s\" %s", FIELD_NAMES[field], text, why);
}

static bool is_six(const char *text)
{
	return *text == '[';
}

/* "[fd00::5]"; what a host can have, and a router or server can have too. */
static int parse_six(enum field field, const char *text, struct in6_addr *out, struct error *err)
{
	char address[INET6_ADDRSTRLEN] = "";
	size_t length = strlen(text);
	if (length - 2 < sizeof address && text[length - 1] == ']')
		memcpy(address, text + 1, length - 2);
	if (inet_pton(AF_INET6, address, out) != 1)
		return bad_field(field, text, "is not an IPv6 address like [fd00::5]", err);
	if (IN6_IS_ADDR_UNSPECIFIED(out) || IN6_IS_ADDR_LOOPBACK(out) || IN6_IS_ADDR_MULTICAST(out) ||
	    IN6_IS_ADDR_V4MAPPED(out))
		return bad_field(field, text, "is not an address that a host can have", err);
	return 0;
}

static int parse_address(enum field field, const char *text, struct in_addr *out, struct error *err)
{
	if (!*text)
		return 0;
	if (!ipv4_parse(text, out))
		return bad_field(field, text, "is not an IPv4 address like 10.0.2.15", err);
	if (!ipv4_is_unicast(*out))
		return bad_field(field, text, "is not an address that a host can have", err);
	return 0;
}

static int parse_either(enum field field, const char *text, struct in_addr *out,
			struct in6_addr *six, struct error *err)
{
	return is_six(text) ? parse_six(field, text, six, err) : parse_address(field, text, out, err);
}

/* The kernel takes what follows the first dot as an NIS domain; there is no use for it here. */
static int parse_hostname(const char *text, struct ip_config *out, struct error *err)
{
	size_t length = strcspn(text, ".");
	if (length >= sizeof out->hostname)
		return bad_field(FIELD_HOSTNAME, text, "is longer than 64 characters", err);
	for (size_t i = 0; i < length; i++) {
		char c = text[i];
		bool letter =
			(c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
		if (!letter && !(c == '-' && i > 0 && i + 1 < length))
			return bad_field(FIELD_HOSTNAME, text,
					 "may hold only letters, digits and inner '-'", err);
	}
	memcpy(out->hostname, text, length);
	return 0;
}

static int parse_device(const char *text, struct ip_config *out, struct error *err)
{
	size_t length = strlen(text);
	if (length >= sizeof out->device)
		return bad_field(FIELD_DEVICE, text, "is longer than 15 characters", err);
	if (strcmp(text, "lo") == 0)
		return bad_field(FIELD_DEVICE, text, "is the loopback device", err);
	for (size_t i = 0; i < length; i++)
		if (text[i] <= ' ' || text[i] == '/' || text[i] == 0x7f || strcmp(text, ".") == 0 ||
		    strcmp(text, "..") == 0)
			return bad_field(FIELD_DEVICE, text, "is not a device name", err);
	memcpy(out->device, text, length + 1);
	return 0;
}

/* "dhcp,TYPE,VALUE" (option 61, RFC 2132 section 9.14). */
static int parse_client_id(const char *text, struct ip_config *out, struct error *err)
{
	const char *comma = strchr(text, ',');
	if (!comma)
		return 0;
	char type[4];
	uint32_t number;
	const char *value = strchr(comma + 1, ',');
	size_t digits = value ? (size_t)(value - comma - 1) : 0;
	if (!value || digits == 0 || digits >= sizeof type || !value[1] ||
	    strlen(value + 1) >= sizeof out->client_id)
		return bad_field(FIELD_AUTOCONF, text,
				 "is not dhcp,TYPE,VALUE with a value of 1 to 63 characters", err);
	memcpy(type, comma + 1, digits);
	type[digits] = 0;
	if (!decimal_parse(type, 255, &number))
		return bad_field(FIELD_AUTOCONF, text,
				 "has a client identifier type that is not 0 to 255", err);
	out->client_id_type = (uint8_t)number;
	memcpy(out->client_id, value + 1, strlen(value + 1) + 1);
	return 0;
}

static int parse_autoconf(const char *text, struct ip_config *out, struct error *err)
{
	bool has_client = out->client.s_addr != 0 || out->prefix6;
	switch (autoconf_word(text)) {
	case AUTOCONF_ANY:
		out->dhcp = !has_client;
		return 0;
	case AUTOCONF_OFF:
		out->off = !has_client;
		return 0;
	case AUTOCONF_DHCP:
		out->dhcp = true;
		if (has_client)
			return bad_field(FIELD_AUTOCONF, text,
					 "contradicts the given <client-ip>: leave one of them out",
					 err);
		return parse_client_id(text, out, err);
	case AUTOCONF_UNSUPPORTED:
		return bad_field(FIELD_AUTOCONF, text,
				 "is a protocol that is not supported, dhcp is", err);
	default:
		return bad_field(FIELD_AUTOCONF, text, "is none of dhcp, on, any, off, none", err);
	}
}

/* Without a netmask the kernel takes the one of the address's class. */
static uint8_t class_prefix(struct in_addr address)
{
	uint32_t value = ntohl(address.s_addr);
	return value >> 31 == 0 ? 8 : value >> 30 == 2 ? 16 : 24;
}

static int parse_netmask(const char *text, struct ip_config *out, struct error *err)
{
	uint32_t bits = 64;
	if (!IN6_IS_ADDR_UNSPECIFIED(&out->client6)) {
		if (*text && (!decimal_parse(text, 128, &bits) || bits == 0))
			return bad_field(FIELD_NETMASK, text, "is not the length of a prefix, 1 to 128", err);
		out->prefix6 = (uint8_t)bits;
		return 0;
	}
	if (!*text)
		out->prefix = out->client.s_addr ? class_prefix(out->client) : 0;
	else if (!ipv4_parse_mask(text, &out->prefix) || out->prefix == 0)
		return bad_field(FIELD_NETMASK, text,
				 "is neither a mask like 255.255.255.0 nor a length from 1 to 32",
				 err);
	return 0;
}

/* What only makes sense together. */
static int check6(char *const *field, const struct ip_config *out, struct error *err)
{
	if (*field[FIELD_GATEWAY] && !out->prefix6)
		return bad_field(FIELD_GATEWAY, field[FIELD_GATEWAY], "needs a <client-ip> of IPv6", err);
	if (out->prefix6 && IN6_ARE_ADDR_EQUAL(&out->client6, &out->gateway6))
		return bad_field(FIELD_GATEWAY, field[FIELD_GATEWAY], "is the <client-ip> itself", err);
	return 0;
}

static int check(char *const *field, struct ip_config *out, struct error *err)
{
	if (is_six(field[FIELD_GATEWAY]) || out->prefix6)
		return out->gateway.s_addr ? bad_field(FIELD_GATEWAY, field[FIELD_GATEWAY],
						       "is IPv4, and <client-ip> is IPv6", err)
					   : check6(field, out, err);
	if (out->client.s_addr == 0) {
		if (out->dhcp && out->gateway.s_addr)
			return bad_field(FIELD_GATEWAY, field[FIELD_GATEWAY], "needs a <client-ip>",
					 err);
		return 0;
	}
	if (!ipv4_is_host(out->client, out->prefix))
		return bad_field(FIELD_CLIENT, field[FIELD_CLIENT],
				 "is the network or broadcast address of its subnet", err);
	if (out->gateway.s_addr && out->prefix < 31 &&
	    !ipv4_same_subnet(out->client, out->gateway, out->prefix))
		return error_set(err,
				 "ip=: <gw-ip> \"%s\" is not in the subnet of <client-ip> %s/%u",
				 field[FIELD_GATEWAY], field[FIELD_CLIENT], out->prefix);
	if (out->gateway.s_addr == out->client.s_addr)
		return bad_field(FIELD_GATEWAY, field[FIELD_GATEWAY], "is the <client-ip> itself",
				 err);
	return 0;
}

static int add_dns(enum field field, const char *text, struct ip_config *out, struct error *err)
{
	if (parse_either(field, text, &out->dns[out->dns_count], &out->dns6[out->dns6_count], err) < 0)
		return -1;
	out->dns6_count += is_six(text);
	out->dns_count += *text && !is_six(text);
	return 0;
}

static int parse_fields(char *const *field, struct ip_config *out, struct error *err)
{
	struct in_addr server;
	struct in6_addr server6;
	if (parse_either(FIELD_CLIENT, field[FIELD_CLIENT], &out->client, &out->client6, err) < 0 ||
	    parse_either(FIELD_SERVER, field[FIELD_SERVER], &server, &server6, err) < 0 ||
	    parse_either(FIELD_GATEWAY, field[FIELD_GATEWAY], &out->gateway, &out->gateway6, err) < 0 ||
	    parse_netmask(field[FIELD_NETMASK], out, err) < 0 ||
	    parse_hostname(field[FIELD_HOSTNAME], out, err) < 0 ||
	    parse_device(field[FIELD_DEVICE], out, err) < 0 ||
	    parse_autoconf(field[FIELD_AUTOCONF], out, err) < 0 ||
	    add_dns(FIELD_DNS0, field[FIELD_DNS0], out, err) < 0 ||
	    add_dns(FIELD_DNS1, field[FIELD_DNS1], out, err) < 0 ||
	    parse_either(FIELD_NTP0, field[FIELD_NTP0], &out->ntp, &out->ntp6, err) < 0)
		return -1;
	return check(field, out, err);
}

/* The colon behind the field, which may be an address in brackets. */
static char *end_of_field(char *text)
{
	char *bracket = is_six(text) ? strchr(text, ']') : NULL;
	return strchr(bracket ? bracket : text, ':');
}

int ip_config_parse(const char *text, struct ip_config *out, struct error *err)
{
	*out = (struct ip_config){.present = true};
	char copy[TEXT_MAX];
	if (strlen(text) >= sizeof copy)
		return error_set(err, "ip=: longer than %d characters", TEXT_MAX - 1);
	memcpy(copy, text, strlen(text) + 1);
	char *field[FIELD_COUNT];
	for (int i = 0; i < FIELD_COUNT; i++)
		field[i] = copy + strlen(copy);
	char *at = copy;
	/* A word of <autoconf> may stand alone; a client identifier there may hold colons. */
	if (autoconf_word(copy) != AUTOCONF_UNKNOWN) {
		field[FIELD_AUTOCONF] = copy;
		at = NULL;
	}
	for (int i = 0; at; i++) {
		if (i == FIELD_COUNT)
			return error_set(err, "ip=: more than %d fields, \":%s\" is too much",
					 FIELD_COUNT, at);
		field[i] = at;
		at = end_of_field(at);
		if (at)
			*at++ = 0;
	}
	return parse_fields(field, out, err);
}
