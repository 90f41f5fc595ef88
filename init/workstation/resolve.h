// SPDX-License-Identifier: Apache-2.0
/* Loopback addresses of the workstation, and names that stand for them. */
#ifndef BERTH_INIT_WORKSTATION_RESOLVE_H
#define BERTH_INIT_WORKSTATION_RESOLVE_H

#include <netinet/in.h>
#include <stdint.h>
#include <sys/socket.h>

enum { LOOPBACK_ADDRESSES_MAX = 8 };

struct loopback_address {
	int family; /* AF_INET or AF_INET6 */
	union {
		struct in_addr v4;
		struct in6_addr v6;
	};
	char text[INET6_ADDRSTRLEN]; /* the usual spelling */
};

struct loopback_list {
	unsigned count;
	struct loopback_address items[LOOPBACK_ADDRESSES_MAX];
};

/* 0 when `text` is a numeric address in 127.0.0.0/8, ::1, or ::ffff:127.x. */
int loopback_address_parse(const char *text, struct loopback_address *out);

/* Fills `out` and returns the length. */
socklen_t loopback_socket_address(const struct loopback_address *address, uint16_t port,
				  struct sockaddr_storage *out);

/* Asks /etc/hosts and DNS for the name, in a child that is killed after one second, since a name
 * server that does not answer must not hold up the boot. The list is empty when there is no answer
 * or when any of the addresses is not a loopback address. */
void resolve_loopback(const char *name, struct loopback_list *out);

#endif
