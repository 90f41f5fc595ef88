// SPDX-License-Identifier: Apache-2.0
#include "init/workstation/resolve.h"

#include "lib/cleanup.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

enum { RESOLVE_MILLISECONDS = 1000 };

static int set_v4(struct in_addr address, struct loopback_address *out)
{
	if (ntohl(address.s_addr) >> 24 != 127)
		return -1;
	*out = (struct loopback_address){.family = AF_INET, .v4 = address};
	return inet_ntop(AF_INET, &address, out->text, sizeof out->text) ? 0 : -1;
}

static int set_v6(const struct in6_addr *address, struct loopback_address *out)
{
	if (IN6_IS_ADDR_V4MAPPED(address)) {
		struct in_addr inner;
		memcpy(&inner, &address->s6_addr[12], sizeof inner);
		return set_v4(inner, out);
	}
	if (!IN6_IS_ADDR_LOOPBACK(address))
		return -1;
	*out = (struct loopback_address){.family = AF_INET6, .v6 = *address};
	return inet_ntop(AF_INET6, address, out->text, sizeof out->text) ? 0 : -1;
}

int loopback_address_parse(const char *text, struct loopback_address *out)
{
	struct in_addr v4;
	struct in6_addr v6;
	if (inet_pton(AF_INET, text, &v4) == 1)
		return set_v4(v4, out);
	if (inet_pton(AF_INET6, text, &v6) == 1)
		return set_v6(&v6, out);
	return -1;
}

socklen_t loopback_socket_address(const struct loopback_address *address, uint16_t port,
				  struct sockaddr_storage *out)
{
	memset(out, 0, sizeof *out);
	if (address->family == AF_INET) {
		struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port),
					 .sin_addr = address->v4};
		memcpy(out, &v4, sizeof v4);
		return sizeof v4;
	}
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port),
				  .sin6_addr = address->v6};
	memcpy(out, &v6, sizeof v6);
	return sizeof v6;
}

static int add_answer(const struct sockaddr *answer, struct loopback_list *out)
{
	struct loopback_address address;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	int loopback = -1;
	if (answer->sa_family == AF_INET) {
		memcpy(&v4, answer, sizeof v4);
		loopback = set_v4(v4.sin_addr, &address);
	} else if (answer->sa_family == AF_INET6) {
		memcpy(&v6, answer, sizeof v6);
		loopback = set_v6(&v6.sin6_addr, &address);
	}
	if (loopback < 0)
		return -1;
	if (out->count < LOOPBACK_ADDRESSES_MAX)
		out->items[out->count++] = address;
	return 0;
}

/* The body of the child: sends the list, or nothing when the name is not ours. */
static void ask(const char *name, int answer_fd)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found;
	struct loopback_list list = {0};
	if (getaddrinfo(name, NULL, &hints, &found) != 0)
		return;
	for (struct addrinfo *each = found; each; each = each->ai_next)
		if (add_answer(each->ai_addr, &list) < 0)
			return;
	while (write(answer_fd, &list, sizeof list) < 0 && errno == EINTR)
		;
}

void resolve_loopback(const char *name, struct loopback_list *out)
{
	*out = (struct loopback_list){0};
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) < 0)
		return;
	_cleanup_close_ int read_end = ends[0];
	pid_t child = fork();
	if (child == 0) {
		ask(name, ends[1]);
		_exit(0);
	}
	close(ends[1]);
	if (child < 0)
		return;
	struct loopback_list list;
	struct pollfd readable = {.fd = read_end, .events = POLLIN};
	if (poll(&readable, 1, RESOLVE_MILLISECONDS) == 1 &&
	    read(read_end, &list, sizeof list) == (ssize_t)sizeof list)
		*out = list;
	kill(child, SIGKILL);
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
}
