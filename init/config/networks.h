// SPDX-License-Identifier: Apache-2.0
/*
 * Networks of containers, as the Compose Specification has them: what a document says of each, which
 * containers are on it, and their addresses, which hold for as long as the machine runs. As text, a
 * network is
 *
 *   NAME[,subnet=A/N][,gateway=A][,subnet6=A/N][,gateway6=A][,range=A/N][,taken=A]…[,source=A]
 *       [,device=NAME][,inside=PREFIX][,mtu=N][,internal][,separate][,untranslated][,no-ipv4]
 *
 * and the place of a container on one
 *
 *   NAME[,address=A][,address6=A][,link-local=A]…[,mac=M][,device=NAME][,gateway-priority=N][,alias=NAME]…
 *
 * Of range, taken, source and link-local each may be of IPv4 or of IPv6.
 */
#ifndef BERTH_INIT_CONFIG_NETWORKS_H
#define BERTH_INIT_CONFIG_NETWORKS_H

#include "init/config/machine.h"
#include "init/net/bridge.h"

enum {
	NETWORK_TAKEN_MAX = 16,
	NETWORK_LINK_LOCAL_MAX = 4,
	NETWORK_TEXT_MAX = 4000, /* of what is said of one */
	NETWORK_MTU_LEAST = 68,  /* RFC 791; with IPv6 1,280 (RFC 8200) */
	NETWORK_MTU_MOST = 65535,
};

struct network_config {
	const char *text; /* as it was given; NULL of the one that nobody has named */
	const char *name; /* in the document */
	struct network_bridge bridge;
	bool no_ipv4;
	char inside[IFNAMSIZ]; /* how its devices in containers begin; "": eth */
	/* Where addresses are taken from; its length 0: all of the network. */
	struct in_addr range;
	struct in6_addr range6;
	uint8_t range_prefix, range6_prefix;
	struct plan_address taken[NETWORK_TAKEN_MAX];
	unsigned taken_count;
	uint32_t next, next6; /* those before are not asked for again */
};

struct network_attachment {
	const char *text; /* as it was given, or NULL */
	struct network_config *network;
	struct network_endpoint endpoint;
	struct plan_address link_local[NETWORK_LINK_LOCAL_MAX];
	int gateway_priority;
	struct string_list aliases;
	struct network_attachment *next; /* in the order of the container's devices */
};

/* Setters of `machine.network` and `service.network`; each network comes before those who are on it.
 * They check all that can be checked then. */
int add_network(struct machine *machine, const char *value, struct error *err);
int add_attachment(struct machine *machine, const char *value, struct error *err);

/* The network, or NULL. */
struct network_config *network_find(const struct machine *machine, const char *name);

/* Whether anything of the two blocks of addresses is the same. */
bool network_overlaps(struct in_addr a, uint8_t prefix, struct in_addr b, uint8_t other);

/* Whether the subnet has a host of that address; whether the IPv6 one has the address. */
bool network_has_host(const struct network_bridge *bridge, struct in_addr address);
bool network_has6(const struct network_bridge *bridge, const struct in6_addr *address);

/* Gives every network and every place on one what nobody has said: a container that names none is
 * on one more network; addresses come from 172.17.0.0/16 to 172.31.0.0/16, then from twenty-bit
 * parts of 192.168.0.0/16, and in them in the order of the containers. Doing it again changes
 * nothing. */
int networks_complete(struct machine *machine, struct error *err);

/* The places of a container, or of the one whose network it shares; NULL on the machine's own network
 * and on none. */
const struct network_attachment *networks_of(const struct machine *machine, unsigned number);

#endif
