// SPDX-License-Identifier: Apache-2.0
#include "init/net/ipv4.h"
#include "init/net/network.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static const char form[] = "[[ADDRESS:]MACHINE:]CONTAINER[/tcp|/udp]";

static int parse_number(const char *text, const char *which, const char *whole, uint16_t *out,
			struct error *err)
{
	uint32_t number;
	if (!decimal_parse(text, 65535, &number) || number == 0)
		return error_set(err,
				 "port \"%s\": the %s port \"%s\" is not a number from 1 to 65535",
				 whole, which, text);
	*out = (uint16_t)number;
	return 0;
}

static int parse_protocol(const char *text, const char *whole, bool *udp, struct error *err)
{
	*udp = strcmp(text, "udp") == 0;
	if (!*udp && strcmp(text, "tcp") != 0)
		return error_set(err, "port \"%s\": protocol \"%s\" is neither tcp nor udp", whole,
				 text);
	return 0;
}

static bool is_loopback(struct in_addr address)
{
	return ntohl(address.s_addr) >> 24 == 127;
}

/* A link-local one would need the name of a device beside it. */
static int parse_address(const char *text, bool six, const char *whole, struct port_mapping *out,
			 struct error *err)
{
	bool good;
	out->family = six ? AF_INET6 : AF_INET;
	if (six)
		good = inet_pton(AF_INET6, text, &out->v6) == 1 && !IN6_IS_ADDR_MULTICAST(&out->v6) &&
		       !IN6_IS_ADDR_LINKLOCAL(&out->v6) && !IN6_IS_ADDR_V4MAPPED(&out->v6);
	else
		good = ipv4_parse(text, &out->v4) &&
		       (!out->v4.s_addr || is_loopback(out->v4) || ipv4_is_unicast(out->v4));
	return good ? 0
		    : error_set(err, "port \"%s\": \"%s\" is not an address that the machine can answer "
				     "at, such as 127.0.0.1 or [::1]", whole, text);
}

/* Cuts "ADDRESS:" off when it is there: an IPv6 one is in brackets, and of IPv4 two colons follow. */
static int take_address(char **rest, const char *whole, struct port_mapping *out, struct error *err)
{
	char *text = *rest, *colon = strchr(text, ':');
	bool six = *text == '[';
	char *end = six ? strchr(text, ']') : colon && strchr(colon + 1, ':') ? colon : NULL;
	if (!six && !end)
		return 0;
	if (!end || (six && end[1] != ':') || !strchr(end + 1 + six, ':'))
		return error_set(err, "port \"%s\": expected %s", whole, form);
	*end = 0;
	*rest = end + 1 + six;
	return parse_address(text + six, six, whole, out, err);
}

int port_mapping_parse(const char *text, struct port_mapping *out, struct error *err)
{
	*out = (struct port_mapping){.family = AF_UNSPEC};
	char copy[PORT_MAPPING_TEXT], *rest = copy;
	size_t length = strlen(text);
	if (length == 0)
		return error_set(err, "port: empty, expected %s", form);
	if (length >= sizeof copy)
		return error_set(err, "port \"%.40s…\": longer than %zu characters", text,
				 sizeof copy - 1);
	memcpy(copy, text, length + 1);
	char *slash = strchr(copy, '/');
	if (slash) {
		*slash = 0;
		if (parse_protocol(slash + 1, text, &out->udp, err) < 0)
			return -1;
	}
	if (take_address(&rest, text, out, err) < 0)
		return -1;
	if (strchr(rest, '-'))
		return error_set(err, "port \"%s\": ranges are not supported, name each port",
				 text);
	char *colon = strchr(rest, ':');
	if (!colon) {
		if (parse_number(rest, "container", text, &out->container, err) < 0)
			return -1;
		out->machine = out->container;
		return 0;
	}
	*colon = 0;
	if (parse_number(rest, "machine", text, &out->machine, err) < 0)
		return -1;
	return parse_number(colon + 1, "container", text, &out->container, err);
}

void port_mapping_format(const struct port_mapping *port, char out[PORT_MAPPING_TEXT])
{
	char address[INET6_ADDRSTRLEN] = "";
	bool six = port->family == AF_INET6;
	if (port->family != AF_UNSPEC)
		inet_ntop(port->family, &port->v6, address, sizeof address);
	snprintf(out, PORT_MAPPING_TEXT, "%s%s%s%s%u:%u/%s", six ? "[" : "", address, six ? "]" : "",
		 *address ? ":" : "", port->machine, port->container, port->udp ? "udp" : "tcp");
}

bool port_mapping_has_address(const struct port_mapping *port)
{
	return port->family == AF_INET	 ? port->v4.s_addr != 0
	       : port->family == AF_INET6 ? !IN6_IS_ADDR_UNSPECIFIED(&port->v6)
					  : false;
}

bool port_mapping_clashes(const struct port_mapping *a, const struct port_mapping *b)
{
	if (a->machine != b->machine || a->udp != b->udp)
		return false;
	if (a->family == AF_UNSPEC || b->family == AF_UNSPEC)
		return true;
	if (a->family != b->family)
		return false;
	if (!port_mapping_has_address(a) || !port_mapping_has_address(b))
		return true;
	return a->family == AF_INET ? a->v4.s_addr == b->v4.s_addr : IN6_ARE_ADDR_EQUAL(&a->v6, &b->v6);
}
