// SPDX-License-Identifier: Apache-2.0
/*
 * What the machine's network has beside one card with one address: VLANs, bonds, more addresses (IPv6
 * too), routes, name servers, packet sizes. Each is parsed from the text of its key (docs/command-line.md:
 * berth.machine-link, berth.machine-address and so on).
 */
#ifndef BERTH_INIT_NET_PLAN_H
#define BERTH_INIT_NET_PLAN_H

#include "lib/error.h"

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

enum {
	PLAN_LINKS_MAX = 8,
	PLAN_MEMBERS_MAX = 8,
	PLAN_ADDRESSES_MAX = 8,
	PLAN_ROUTES_MAX = 16,
	PLAN_DNS_MAX = 4,
	PLAN_SEARCH_MAX = 6,
	PLAN_MTU_LEAST = 68, PLAN_MTU_MOST = 65535,
};

struct plan_address {
	int family; /* AF_INET, AF_INET6 */
	union {
		struct in_addr v4;
		struct in6_addr v6;
	};
	uint8_t prefix;
};

struct plan_route {
	struct plan_address to; /* its network */
	struct plan_address via; /* of the same family */
};

enum plan_kind { LINK_CARD, LINK_VLAN, LINK_BOND };

struct plan_link {
	char name[IFNAMSIZ];
	enum plan_kind kind;
	uint16_t vlan;        /* 1 to 4094 */
	char below[IFNAMSIZ]; /* that the VLAN is on */
	uint8_t mode;         /* of a bond: 0 to 6, as BOND_MODE_* */
	uint32_t miimon_ms;
	char members[PLAN_MEMBERS_MAX][IFNAMSIZ];
	unsigned member_count;
	uint32_t mtu; /* 0: as it is */
	struct plan_address addresses[PLAN_ADDRESSES_MAX];
	unsigned address_count;
};

struct network_plan {
	struct plan_link links[PLAN_LINKS_MAX];
	struct plan_address addresses[PLAN_ADDRESSES_MAX]; /* of the machine's card */
	struct plan_route routes[PLAN_ROUTES_MAX];
	char dns[PLAN_DNS_MAX][INET6_ADDRSTRLEN];
	char search[PLAN_SEARCH_MAX][64];
	unsigned link_count, address_count, route_count, dns_count, search_count;
	uint32_t mtu; /* 0: as it is */
};

/* "10.0.0.5/24", "fd00::5/64". */
int plan_address_parse(const char *text, struct plan_address *out, struct error *err);
/* "10.0.0.0/8=10.0.2.2", "::/0=fd00::1". */
int plan_route_parse(const char *text, struct plan_route *out, struct error *err);
/* "NAME,vlan=5,on=eth0", "NAME,bond=active-backup,member=eth0,member=eth1,miimon=100", "eth1", each with
 * mtu= and address= (several times). */
int plan_link_parse(const char *text, struct plan_link *out, struct error *err);
/* An address of either family, without a prefix. */
int plan_dns_check(const char *text, struct error *err);
int plan_search_check(const char *text, struct error *err);

/* More addresses of a device, each for ever. `fd` is a socket of netlink_open(). */
int plan_add_addresses(int fd, const char *name, const struct plan_address *addresses,
		       unsigned count, struct error *err);
/* Makes the links; before the machine's card is chosen. */
int plan_make_links(int fd, const struct network_plan *plan, struct error *err);
/* The size of packets, more addresses and the routes of the card `device`, which has its first address.
 * Doing it again changes nothing. */
int plan_apply(int fd, const struct network_plan *plan, const char *device, struct error *err);
/* /etc/resolv.conf, when the plan has name servers or domains; the others' text is kept otherwise. */
void plan_resolver(const struct network_plan *plan, char *text, size_t capacity);

#endif
