// SPDX-License-Identifier: Apache-2.0
/*
 * The machine's network: links, addresses from `ip=` or DHCP, resolver, and the bridge that
 * containers stand behind. Nothing here blocks PID 1: rtnetlink and nf_tables requests are answered
 * by the kernel at once; DHCP is a confined, supervised udhcpc whose script is this binary.
 */
#ifndef BERTH_INIT_NET_NETWORK_H
#define BERTH_INIT_NET_NETWORK_H

#include "init/net/bridge.h"
#include "lib/error.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

enum { NET_DNS_MAX = 4, NET_TEXT = 128, NET_PORTS_MAX = 32 };

/* `ip=` in the kernel's syntax (Documentation/admin-guide/nfs/nfsroot.rst):
 * client:server:gateway:netmask:hostname:device:autoconf:dns0:dns1:ntp0, or off|none|dhcp|on|any.
 * Beyond the kernel's, client and gateway may both be IPv6 in brackets, with the length of the prefix as
 * netmask (64), and so may name servers and the time server: [fd00::5]::[fd00::1]:64::eth0:off:[fd00::53].
 */
struct ip_config {
	bool present;
	bool dhcp; /* also when absent */
	bool off;  /* no network at all was asked for */
	struct in_addr client, gateway;
	uint8_t prefix; /* bits */
	char hostname[65], device[16];
	char client_id[64]; /* DHCP client identifier of dhcp,TYPE,VALUE; "" = by address */
	uint8_t client_id_type;
	struct in_addr dns[NET_DNS_MAX], ntp;
	unsigned dns_count;
	struct in6_addr client6, gateway6, ntp6;
	uint8_t prefix6; /* 0: the client is IPv4, or there is none */
	struct in6_addr dns6[NET_DNS_MAX]; /* behind the others */
	unsigned dns6_count;
};

/* `text` is what follows "ip=". Errors name the field. */
int ip_config_parse(const char *text, struct ip_config *out, struct error *err);

struct port_mapping {
	uint16_t machine, container; /* machine port → container port */
	bool udp;
	int family; /* AF_UNSPEC: at all addresses of the machine; AF_INET, AF_INET6: at this one, or, when
		     * it is unspecified, at all of the family */
	union {
		struct in_addr v4;
		struct in6_addr v6;
	};
};

enum { PORT_MAPPING_TEXT = 80 };

/* "80", "8080:80", "8080:80/udp", "127.0.0.1:8080:80", "[::1]:8080:80". */
int port_mapping_parse(const char *text, struct port_mapping *out, struct error *err);
/* The same as text, with all of its parts: "[::1]:8080:80/tcp". */
void port_mapping_format(const struct port_mapping *port, char out[PORT_MAPPING_TEXT]);
/* One address of the machine, as opposed to all or all of a family. */
bool port_mapping_has_address(const struct port_mapping *port);
/* Both cannot be there: the same port at one address or more. */
bool port_mapping_clashes(const struct port_mapping *a, const struct port_mapping *b);

struct network_state {
	bool up;
	char device[16];
	char address[NET_TEXT]; /* "10.0.2.15/24" */
	char gateway[NET_TEXT]; /* "" when there is none */
	char ntp[NET_TEXT];     /* time server from ip= or DHCP, "" when none was named */
	char source[16];        /* "static", "dhcp", "off" */
	char resolv_conf[512];  /* contents for /etc/resolv.conf, also given to containers */
};

/* Called once, from the loop, when the network is usable or has failed (err != NULL). With ip=off
 * state->up is false and err NULL. The state lives on and follows renewals. */
typedef void network_ready(const struct network_state *state, const struct error *err,
			   void *context);

/* Starts bringing up the network with the event loop (lib/loop.h): loopback, the first device with
 * a carrier (or the named one), its address. DHCP is retried with back-off and reported once as
 * failed after `timeout_ms`, but goes on in the background. -1 only when it cannot even begin. */
int network_start(const struct ip_config *config, uint64_t timeout_ms, network_ready *ready,
		  void *context, struct error *err);

struct network_plan;
/* What there is beside the one card and address; to be called before network_start(), which makes it.
 * The plan must live on. */
void network_use_plan(const struct network_plan *plan);

/* Adds a route to the one IPv4 address as a neighbour on the device that is up. */
int network_reach_on_link(const char *address, struct error *err);

/* The child `pid` has been reaped; true when it was one of the network's (udhcpc). */
bool network_child_exited(pid_t pid, int wait_status);

/* To be called before the first link to the outside comes up (network_start does): from now on
 * the packet filter's rules are in force. */
int network_open_outside(struct error *err);
/* There will be none: what is published is for the machine itself. */
int network_stay_alone(struct error *err);

/* The machine's own addresses are there, or will not come for now: ports that are published at an address
 * that no device has are told on the console, now and from now on. */
void network_addresses_settled(void);

/* All bridges that containers of this machine stand behind, at most BRIDGES_MAX; borrowed for as long
 * as there are containers. Each is made when the first container needs it. Until this is called it
 * is berth0 alone. */
void network_set_bridges(const struct network_bridge *const *bridges, unsigned count);

/* A new network namespace: lo, and a device for each endpoint, of which there is at least one, up; a
 * default route of each family by the one that leads out; ports mapped to that one's address by nf_tables
 * (DNAT), and outgoing traffic masqueraded. Returns its descriptor (O_CLOEXEC) or -1. `index` is the
 * container's, from 1; using one again replaces its devices and its ports. */
int network_container_create(unsigned index, const struct network_endpoint *endpoints,
			     unsigned endpoint_count, const struct port_mapping *ports,
			     unsigned port_count, struct error *err);

/* Takes back the ports of the container; its devices go when the last descriptor of the namespace
 * and the last process in it are gone. Unknown indexes are ignored. */
int network_container_remove(unsigned index, struct error *err);

/* The user namespace (borrowed) whose root has power over the network namespaces that are made from
 * now on; -1: the machine's. */
void network_belongs_to(int user_ns);

/* A new network namespace with nothing but its loopback, up. Returns its descriptor or -1. */
int network_isolated_create(struct error *err);

/* The body of the udhcpc script: `berth` called under the name "default.script". */
int dhcp_script_main(int argc, char **argv);

#endif
