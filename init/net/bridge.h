// SPDX-License-Identifier: Apache-2.0
/* The bridges that containers stand behind: their devices, addresses, the forwarding switch. */
#ifndef BERTH_INIT_NET_BRIDGE_H
#define BERTH_INIT_NET_BRIDGE_H

#include "init/net/plan.h"
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
	uint8_t prefix;          /* 0: it has no IPv4 */
	uint8_t prefix6;         /* 0: it has no IPv6 */
	struct in6_addr gateway6;
	/* What goes out has this address, one that the machine has; unspecified: that of the device. */
	struct in_addr source;
	struct in6_addr source6;
	unsigned mtu;     /* 0: the kernel's */
	bool internal;    /* nothing comes in from elsewhere or goes out */
	bool separate;    /* containers on it reach the machine, and not each other */
	bool untranslated; /* what goes out keeps the container's address */
};

/* One container's place on one of them. */
struct network_endpoint {
	const struct network_bridge *bridge;
	char device[IFNAMSIZ]; /* in the container */
	struct in_addr address;   /* when the bridge has IPv4 */
	struct in6_addr address6; /* when the bridge has IPv6 */
	uint8_t mac[6];           /* all 0: made from the address */
	const struct plan_address *more; /* of its device, beside these two; borrowed */
	unsigned more_count;
	/* Its default route, of IPv4 and of IPv6; published ports lead to this address. */
	bool leads_out, leads_out6;
};

/* 172.17.0.1/16 on berth0. */
struct network_bridge bridge_standard(void);
struct in_addr bridge_subnet(const struct network_bridge *bridge);
struct in6_addr bridge_subnet6(const struct network_bridge *bridge);
/* The address as a locally administered MAC: stable, so that no neighbour's cache goes stale. */
void bridge_mac(struct in_addr address, uint8_t mac[6]);

/* Creates what is missing: bridge, its addresses, forwarding of what it has. Returns the device's index or -1.
 * A device of that name that is none of ours is an error. `fd` is an rtnetlink socket. */
int bridge_ensure(int fd, const struct network_bridge *bridge, struct error *err);

/* What the machine sends to its own loopback may leave by the bridges that there are, where a published
 * port leads there. Only after the rules of nftables.h are in force, which keep others from using it. */
void bridge_admit_loopback(void);

#endif
