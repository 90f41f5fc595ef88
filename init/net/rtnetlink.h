// SPDX-License-Identifier: Apache-2.0
/*
 * Links, addresses and routes through rtnetlink (rtnetlink(7)). Every function takes a socket of
 * netlink_open(NETLINK_ROUTE, …), which belongs to the namespace it was opened in: that is
 * the namespace the request acts on. Errors name the operation and the device.
 */
#ifndef BERTH_INIT_NET_RTNETLINK_H
#define BERTH_INIT_NET_RTNETLINK_H

#include "lib/netlink.h"

#include <net/if.h>
#include <netinet/in.h>

struct rtnetlink_link {
	int index;
	unsigned type; /* ARPHRD_* */
	bool up, carrier, removed;
	int master; /* index of the bridge it is a port of, 0 = none */
	char name[IFNAMSIZ];
	char kind[16]; /* "bridge", "veth", …; "" for hardware */
};

/* False when the message is not about a link. */
bool rtnetlink_link_decode(const struct nlmsghdr *message, struct rtnetlink_link *out);

typedef void rtnetlink_link_callback(const struct rtnetlink_link *link, void *context);

int rtnetlink_links(int fd, rtnetlink_link_callback *callback, void *context, struct error *err);
/* The index of the device, or -1 (code ENODEV when there is none). */
int rtnetlink_index(int fd, const char *name, struct error *err);

int rtnetlink_link_up(int fd, const char *name, struct error *err);
int rtnetlink_link_delete(int fd, const char *name, struct error *err);
/* A bridge that is up, with a fixed MAC address (else it would change with its ports). `mtu` 0 is
 * the kernel's. */
int rtnetlink_bridge_create(int fd, const char *name, const uint8_t mac[6], unsigned mtu,
			    struct error *err);

struct rtnetlink_pair {
	const char *name; /* here, up */
	int master;       /* index of the bridge that it is a port of; 0: of none */
	const char *peer; /* in the namespace of descriptor `netns`, still down, since a pair refuses
			     to open an end before both exist */
	const uint8_t *mac; /* of the peer, 6 bytes */
	int netns;
	unsigned mtu; /* of both; 0: the kernel's */
};

/* One request: all of it happens or nothing. */
int rtnetlink_veth_create(int fd, const struct rtnetlink_pair *pair, struct error *err);
/* The port of a bridge reaches the bridge itself, and no other such port. */
int rtnetlink_port_isolate(int fd, const char *name, struct error *err);

/* Adds the address or renews it. `lifetime` in seconds, after which the kernel removes it; 0 = for
 * ever. */
int rtnetlink_address_add(int fd, const char *name, struct in_addr address, uint8_t prefix,
			  uint32_t lifetime, struct error *err);
int rtnetlink_address_delete(int fd, const char *name, struct in_addr address, uint8_t prefix,
			     struct error *err);
/* An IPv6 address that is there for ever, and usable at once: nobody else on the link has it. */
int rtnetlink_address6_add(int fd, const char *name, const struct in6_addr *address, uint8_t prefix,
			   struct error *err);
/* A route to one address that is on the link itself. */
int rtnetlink_neighbour_route_set(int fd, const char *name, struct in_addr address,
				  struct error *err);
/* The default route, in place of an earlier one. `on_link`: the gateway may lie outside every
 * subnet of the device (a /32 address, as some clouds give). */
int rtnetlink_default_route_set(int fd, const char *name, struct in_addr gateway, bool on_link,
				struct error *err);
/* What comes in by the device for ::1 is the machine's: an answer that the packet filter has translated
 * back. Whatever has that address on the wire the kernel drops before. */
int rtnetlink_loopback6_admit(int fd, const char *name, struct error *err);
/* That of IPv6. */
int rtnetlink_default_route6_set(int fd, const char *name, const struct in6_addr *gateway,
				 struct error *err);
int rtnetlink_default_route_delete(int fd, const char *name, struct in_addr gateway,
				   struct error *err);

#endif
