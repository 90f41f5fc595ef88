// SPDX-License-Identifier: Apache-2.0
#include "init/workstation/port.h"

#include "lib/cleanup.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

enum { PART_MAX = 64 };

static int parse_port(const char *text, uint16_t *out)
{
	unsigned value = 0;
	size_t digits = 0;
	if (!text)
		return -1;
	for (; digits < 5 && isdigit((unsigned char)text[digits]); digits++)
		value = value * 10 + (unsigned)(text[digits] - '0');
	if (text[digits] || value < 1 || value > 65535)
		return -1;
	*out = (uint16_t)value;
	return 0;
}

static int take_protocol(char *text, bool *udp)
{
	char *slash = strchr(text, '/');
	*udp = slash && strcmp(slash, "/udp") == 0;
	if (slash && !*udp && strcmp(slash, "/tcp") != 0)
		return -1;
	if (slash)
		*slash = 0;
	return 0;
}

/* Cuts the last ":PART" off and returns PART, or the whole text when there is no colon. */
static char *take_last(char **text)
{
	if (!*text)
		return NULL;
	char *colon = strrchr(*text, ':');
	char *part = colon ? colon + 1 : *text;
	if (colon)
		*colon = 0;
	else
		*text = NULL;
	return part;
}

static int parse_parts(char *rest, struct published_port *out)
{
	char *container = take_last(&rest), *host = take_last(&rest);
	if (parse_port(container, &out->container) < 0)
		return -1;
	out->host = out->container;
	if (host && *host && parse_port(host, &out->host) < 0)
		return -1;
	if (host && !*host && !rest)
		return -1;
	out->address.s_addr = htonl(INADDR_LOOPBACK);
	return rest && inet_pton(AF_INET, rest, &out->address) != 1 ? -1 : 0;
}

int published_port_parse(const char *text, struct published_port *out, struct error *err)
{
	char copy[PART_MAX];
	size_t length = strlen(text);
	if (strchr(text, '['))
		return error_set(err, "-p %.60s: QEMU's user network forwards only from IPv4 "
				      "addresses of the workstation", text);
	if (length < sizeof copy) {
		memcpy(copy, text, length + 1);
		if (take_protocol(copy, &out->udp) == 0 && parse_parts(copy, out) == 0)
			return 0;
	}
	return error_set(err, "-p %.60s is not of the form [ADDRESS:][PORT:]PORT[/tcp|/udp], such as "
			      "8080:80", text);
}

int published_port_check(const struct published_port *port, struct error *err)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port->host),
				      .sin_addr = port->address};
	_cleanup_close_ int fd =
		socket(AF_INET, (port->udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return error_errno(err, errno, "create a socket");
	int yes = 1;
	if (!port->udp)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
	if (bind(fd, (struct sockaddr *)&address, sizeof address) == 0 &&
	    (port->udp || listen(fd, 1) == 0))
		return 0;
	char text[INET_ADDRSTRLEN];
	inet_ntop(AF_INET, &port->address, text, sizeof text);
	return error_errno(err, errno, "cannot listen on %s:%u for -p%s", text, port->host,
			   errno == EACCES ? " (ports below 1024 need privilege)" : "");
}
