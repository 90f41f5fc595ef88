// SPDX-License-Identifier: Apache-2.0
/*
 * The machine's packet filter: tables `ip berth` and, when a network has IPv6, `ip6 berth`, which are
 * replaced as a whole, in one transaction, whenever the published ports change. In nft's own language,
 * with one port published at all addresses, one at 127.0.0.1, one at 192.0.2.7, and two networks, of which
 * the second is internal:
 *
 *   table ip berth {
 *     chain raw         { type filter hook prerouting priority raw;
 *       iifname != "lo" ip daddr 127.0.0.0/8 drop }
 *     chain prerouting  { type nat hook prerouting priority dstnat;
 *       fib daddr type local tcp dport 8080 dnat to 172.17.0.2:80
 *       ip daddr 192.0.2.7 fib daddr type local tcp dport 8443 dnat to 172.17.0.2:443 }
 *     chain output      { type nat hook output priority dstnat;
 *       fib daddr type local tcp dport 8080 dnat to 172.17.0.2:80
 *       ip daddr 127.0.0.1 fib daddr type local tcp dport 8081 dnat to 172.17.0.2:81
 *       ip daddr 192.0.2.7 fib daddr type local tcp dport 8443 dnat to 172.17.0.2:443 }
 *     chain postrouting { type nat hook postrouting priority srcnat;
 *       ip saddr 127.0.0.0/8 ct status dnat masquerade
 *       ip saddr 172.17.0.0/16 ip daddr != 172.17.0.0/16 masquerade
 *       ip saddr 172.17.0.0/16 ct status dnat masquerade }
 *     chain forward     { type filter hook forward priority filter; policy accept;
 *       oifname "berth0" iifname != "berth0" ct state & (established|related) == 0
 *         ct status & dnat == 0 drop
 *       oifname "berth1" iifname != "berth1" drop
 *       iifname "berth1" oifname != "berth1" drop }
 *   }
 *
 * A network may name another address than that of the device as source (snat to A). `ip6 berth` is the
 * same, without the chain `raw`, for those that have IPv6; what has none is walled off as the internal one.
 *
 * What the machine itself, or a container on its network, sends to a port at 127.0.0.1 leaves by a
 * bridge, which the kernel allows where route_localnet is set (bridge_admit_loopback(); for ::1 it is
 * rtnetlink_loopback6_admit()); `raw` keeps whoever is behind a bridge from the machine's own loopback all
 * the same. An address need not be the machine's when the rule is made: it holds as soon as it is.
 *
 * The last masquerade is for a container that connects to a port which the machine publishes for
 * itself or for its neighbour: the answer has to come back through the machine. The forward chain
 * keeps the machine's neighbours on the wire, and the containers of other networks, from routing to
 * containers past the published ports.
 */
#ifndef BERTH_INIT_NET_NFTABLES_H
#define BERTH_INIT_NET_NFTABLES_H

#include "lib/netlink.h"
#include "init/net/network.h"

enum { NFTABLES_PORTS_MAX = 128 };

struct nftables_port {
	unsigned owner; /* index of the container */
	struct in_addr address;   /* where it leads; 0: it has no IPv4 */
	struct in6_addr address6; /* unspecified: it has no IPv6 */
	struct port_mapping mapping;
};

struct nftables_rules {
	const struct network_bridge *const *bridges;
	unsigned bridge_count;
	const struct nftables_port *ports;
	unsigned port_count; /* at most NFTABLES_PORTS_MAX */
};

/* Bytes that the whole transaction needs at most. */
size_t nftables_size(unsigned bridge_count, unsigned port_count);
/* Builds the transaction. Fails only when the batch is too small. */
int nftables_build(struct netlink_batch *batch, const struct nftables_rules *rules,
		   struct error *err);
/* Builds and commits it. */
int nftables_apply(const struct nftables_rules *rules, struct error *err);

#endif
