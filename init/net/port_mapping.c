// SPDX-License-Identifier: Apache-2.0
#include "init/net/ipv4.h"
#include "init/net/network.h"

#include <string.h>

enum { TEXT_MAX = 32 };

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

int port_mapping_parse(const char *text, struct port_mapping *out, struct error *err)
{
	*out = (struct port_mapping){0};
	char copy[TEXT_MAX];
	size_t length = strlen(text);
	if (length == 0)
		return error_set(err, "port: empty, expected [MACHINE:]CONTAINER[/tcp|udp]");
	if (length >= sizeof copy)
		return error_set(err, "port \"%.40s…\": longer than %d characters", text,
				 TEXT_MAX - 1);
	memcpy(copy, text, length + 1);
	char *slash = strchr(copy, '/');
	if (slash) {
		*slash = 0;
		if (parse_protocol(slash + 1, text, &out->udp, err) < 0)
			return -1;
	}
	char *colon = strchr(copy, ':');
	if (strchr(copy, '.') || copy[0] == '[' || (colon && strchr(colon + 1, ':')))
		return error_set(
			err,
			"port \"%s\": a listening address is not supported, the machine answers "
			"on all of its addresses; write [MACHINE:]CONTAINER[/tcp|udp]",
			text);
	if (strchr(copy, '-'))
		return error_set(err, "port \"%s\": ranges are not supported, name each port",
				 text);
	if (!colon) {
		if (parse_number(copy, "container", text, &out->container, err) < 0)
			return -1;
		out->machine = out->container;
		return 0;
	}
	*colon = 0;
	if (parse_number(copy, "machine", text, &out->machine, err) < 0)
		return -1;
	return parse_number(colon + 1, "container", text, &out->container, err);
}
