// SPDX-License-Identifier: Apache-2.0
#include "init/workstation/registry_route.h"

#include "init/workstation/resolve.h"
#include "lib/cleanup.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>

bool registry_name_is_loopback(const char *name)
{
	struct loopback_address address;
	size_t length = strlen(name);
	if (strcasecmp(name, "localhost") == 0 ||
	    (length > 10 && strcasecmp(name + length - 10, ".localhost") == 0))
		return true;
	return loopback_address_parse(name, &address) == 0;
}

static int parse_port(const char *text, uint16_t *port)
{
	unsigned value = 0;
	if (!*text || strlen(text) > 5 || text[strspn(text, "0123456789")])
		return -1;
	for (; *text; text++)
		value = value * 10 + (unsigned)(*text - '0');
	*port = (uint16_t)value;
	return value >= 1 && value <= 65535 ? 0 : -1;
}

int registry_host_split(const char *host, char *name, unsigned capacity, uint16_t *port,
			struct error *err)
{
	bool brackets = *host == '[';
	const char *start = host + brackets;
	size_t length = strcspn(start, brackets ? "]" : ":");
	const char *rest = start + length;
	if (brackets && *rest)
		rest++;
	*port = 0;
	if (length == 0 || length >= capacity || (*rest && *rest != ':') ||
	    (*rest == ':' && parse_port(rest + 1, port) < 0))
		return error_set(err, "\"%.60s\" is not a registry's HOST[:PORT]", host);
	memcpy(name, start, length);
	name[length] = 0;
	return 0;
}

/* The loopback addresses that the name stands for; an empty list when it is not ours. */
static void find_addresses(const char *name, struct loopback_list *out)
{
	*out = (struct loopback_list){0};
	if (loopback_address_parse(name, &out->items[0]) == 0) {
		out->count = 1;
	} else if (registry_name_is_loopback(name)) {
		loopback_address_parse("127.0.0.1", &out->items[0]);
		loopback_address_parse("::1", &out->items[1]);
		out->count = 2;
	} else {
		resolve_loopback(name, out);
	}
}

static bool answers(const struct loopback_address *address, uint16_t port)
{
	struct timeval second = {.tv_sec = 1};
	struct sockaddr_storage socket_address;
	socklen_t length = loopback_socket_address(address, port, &socket_address);
	_cleanup_close_ int fd =
		socket(socket_address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &second, sizeof second);
	return connect(fd, (struct sockaddr *)&socket_address, length) == 0;
}

/* The first address and port where something listens; the first of each when nothing does, so that
 * the machine reports the failure as it would for any registry that is down. */
static const struct loopback_address *choose(const struct loopback_list *list, uint16_t *port)
{
	uint16_t standard[] = {443, 80}, given[] = {*port};
	const uint16_t *ports = *port ? given : standard;
	unsigned count = *port ? 1 : 2;
	for (unsigned i = 0; i < count; i++) {
		for (unsigned k = 0; k < list->count; k++) {
			if (!answers(&list->items[k], ports[i]))
				continue;
			*port = ports[i];
			return &list->items[k];
		}
	}
	*port = ports[0];
	return &list->items[0];
}

int registry_route_find(const char *host, struct registry_route *out, struct error *err)
{
	char name[ROUTE_HOST_MAX];
	*out = (struct registry_route){0};
	if (registry_host_split(host, name, sizeof name, &out->port, err) < 0)
		return -1;
	struct loopback_list list;
	find_addresses(name, &list);
	if (!list.count)
		return 0;
	const struct loopback_address *address = choose(&list, &out->port);
	bool direct = strcmp(address->text, "127.0.0.1") == 0;
	out->loopback = true;
	snprintf(out->connect, sizeof out->connect, "%s:%u", direct ? "10.0.2.2" : "10.0.2.100",
		 out->port);
	if (!direct)
		snprintf(out->relay_to, sizeof out->relay_to, "%s", address->text);
	return 0;
}
