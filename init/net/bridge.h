// SPDX-License-Identifier: Apache-2.0
/* The bridges that containers stand behind: their devices, addresses, the forwarding switch. */
#ifndef BERTH_INIT_NET_BRIDGE_H
#define BERTH_INIT_NET_BRIDGE_H

#include "lib/error.h"

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#define BRIDGE_DEVICE "berth0"

enum { BRIDGES_MAX = 16 };

struct network_bridge {
	char device[IFNAMSIZ];
	struct in_addr gateway; /* the machine's address on it */
	uint8_t prefix;
	uint8_t prefix6;         /* 0: it has no IPv6 */
	struct in6_addr gateway6;
	unsigned mtu;     /* 0: the kernel's */
	bool internal;    /* nothing comes in from elsewhere or goes out */
	bool separate;    /* containers on it reach the machine, and not each other */
	bool untranslated; /* what goes out keeps the container's address */
};

/* One container's place on one of them. */
struct network_endpoint {
	const struct network_bridge *bridge;
	char device[IFNAMSIZ]; /* in the container */
	struct in_addr address;
	struct in6_addr address6; /* when the bridge has IPv6 */
	uint8_t mac[6];           /* all 0: made from the address */
	bool leads_out; /* its default route; published ports lead to this address */
};

/* 172.17.0.1/16 on berth0. */
struct network_bridge bridge_standard(void);
struct in_addr bridge_subnet(const struct network_bridge *bridge);
/* The address as a locally administered MAC: stable, so that no neighbour's cache goes stale. */
void bridge_mac(struct in_addr address, uint8_t mac[6]);

/* Creates what is missing: bridge, its addresses, IPv4 forwarding. Returns the device's index or -1.
 * A device of that name that is none of ours is an error. `fd` is an rtnetlink socket. */
int bridge_ensure(int fd, const struct network_bridge *bridge, struct error *err);

#endif
