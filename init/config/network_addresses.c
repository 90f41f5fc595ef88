// SPDX-License-Identifier: Apache-2.0
/* What nobody has said of networks: which addresses they have, and who has which of them. */
#include "init/config/networks.h"

#include "init/net/ipv4.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

/* Docker's pools: 172.17.0.0/16 to 172.31.0.0/16, then 192.168.0.0/20, 192.168.16.0/20 … */
enum { POOL_LARGE = 15, POOL_SMALL = 16, LARGE_PREFIX = 16, SMALL_PREFIX = 20 };

static struct in_addr pool_subnet(unsigned number, uint8_t *prefix)
{
	*prefix = number < POOL_LARGE ? LARGE_PREFIX : SMALL_PREFIX;
	return (struct in_addr){htonl(number < POOL_LARGE
					      ? 172u << 24 | (17 + number) << 16
					      : 192u << 24 | 168u << 16 | (number - POOL_LARGE) << 12)};
}

/* What the machine itself is in, when that is said beforehand. */
static bool is_machines(const struct machine *machine, struct in_addr subnet, uint8_t prefix)
{
	const struct ip_config *ip = &machine->ip;
	return ip->client.s_addr && network_overlaps(subnet, prefix, ip->client, ip->prefix);
}

static bool is_free_subnet(const struct machine *machine, struct in_addr subnet, uint8_t prefix)
{
	for (unsigned i = 0; i < machine->network_count; i++) {
		const struct network_bridge *other = &machine->networks[i]->bridge;
		if (other->prefix && network_overlaps(subnet, prefix, other->gateway, other->prefix))
			return false;
	}
	return !is_machines(machine, subnet, prefix);
}

static int give_subnet(const struct machine *machine, struct network_config *network,
		       struct error *err)
{
	if (network->no_ipv4)
		return 0;
	for (unsigned i = 0; i < POOL_LARGE + POOL_SMALL && !network->bridge.prefix; i++) {
		uint8_t prefix;
		struct in_addr subnet = pool_subnet(i, &prefix);
		if (!is_free_subnet(machine, subnet, prefix))
			continue;
		network->bridge.gateway.s_addr = htonl(ntohl(subnet.s_addr) + 1);
		network->bridge.prefix = prefix;
	}
	if (!network->bridge.prefix)
		return error_set(err, "no addresses are left for network %.60s", network->name);
	if (is_machines(machine, network->bridge.gateway, network->bridge.prefix))
		return error_set(err, "some addresses of network %.60s are those of the machine's own",
				 network->name);
	return 0;
}

static bool is_device(const struct machine *machine, const char *name)
{
	for (unsigned i = 0; i < machine->network_count; i++)
		if (strcmp(machine->networks[i]->bridge.device, name) == 0)
			return true;
	return false;
}

/* berth0, berth1 … */
static void give_device(const struct machine *machine, struct network_bridge *bridge)
{
	char name[IFNAMSIZ] = "";
	for (unsigned i = 0; i <= BRIDGES_MAX && !bridge->device[0]; i++) {
		snprintf(name, sizeof name, "berth%u", i);
		if (!is_device(machine, name))
			memcpy(bridge->device, name, sizeof name);
	}
}

typedef bool attachment_test(const struct network_attachment *attachment, const void *context);

static bool any_on(const struct machine *machine, const struct network_config *network,
		   attachment_test *test, const void *context)
{
	for (unsigned i = 0; i < machine->container_count; i++) {
		const struct network_attachment *at = machine->containers[i]->attachments;
		for (; at; at = at->next)
			if (at->network == network && test(at, context))
				return true;
	}
	return false;
}

static bool has_address(const struct network_attachment *attachment, const void *context)
{
	const struct in_addr *address = context;
	return attachment->endpoint.address.s_addr == address->s_addr;
}

static bool has_address6(const struct network_attachment *attachment, const void *context)
{
	return IN6_ARE_ADDR_EQUAL(&attachment->endpoint.address6, (const struct in6_addr *)context);
}

static bool is_free(const struct machine *machine, const struct network_config *network,
		    struct in_addr address)
{
	for (unsigned i = 0; i < network->taken_count; i++)
		if (network->taken[i].family == AF_INET &&
		    network->taken[i].v4.s_addr == address.s_addr)
			return false;
	return ipv4_is_host(address, network->bridge.prefix) &&
	       address.s_addr != network->bridge.gateway.s_addr &&
	       !any_on(machine, network, has_address, &address);
}

/* The first one that is free; so many are tried at most as can be taken. */
static int give_address(const struct machine *machine, struct network_attachment *attachment,
			struct error *err)
{
	enum { TAKEN_MOST = MACHINE_SERVICES_MAX + NETWORK_TAKEN_MAX + 3 };
	struct network_config *network = attachment->network;
	bool ranged = network->range_prefix != 0;
	uint8_t prefix = ranged ? network->range_prefix : network->bridge.prefix;
	uint32_t base = ntohl(ranged ? network->range.s_addr
				     : bridge_subnet(&network->bridge).s_addr);
	while (network->next <= TAKEN_MOST && network->next <= ~ipv4_mask(prefix)) {
		struct in_addr address = {htonl(base + network->next++)};
		if (!is_free(machine, network, address))
			continue;
		attachment->endpoint.address = address;
		return 0;
	}
	return error_set(err, "network %.60s has no address left", network->name);
}

static bool is_free6(const struct machine *machine, const struct network_config *network,
		     const struct in6_addr *address)
{
	for (unsigned i = 0; i < network->taken_count; i++)
		if (network->taken[i].family == AF_INET6 &&
		    IN6_ARE_ADDR_EQUAL(&network->taken[i].v6, address))
			return false;
	return !IN6_ARE_ADDR_EQUAL(address, &network->bridge.gateway6) &&
	       !any_on(machine, network, has_address6, address);
}

/* The first ones of the network, or of its range, that are free. */
static int give_address6(const struct machine *machine, struct network_attachment *attachment,
			 struct error *err)
{
	enum { TAKEN_MOST = MACHINE_SERVICES_MAX + NETWORK_TAKEN_MAX + 3 };
	struct network_config *network = attachment->network;
	const struct network_bridge *bridge = &network->bridge;
	bool ranged = network->range6_prefix != 0;
	unsigned host_bits = 128u - (ranged ? network->range6_prefix : bridge->prefix6);
	uint32_t most = host_bits > 8 ? TAKEN_MOST : (1u << host_bits) - 1;
	struct in6_addr base = ranged ? network->range6 : bridge_subnet6(bridge);
	while (network->next6 < most) {
		struct in6_addr address = base;
		address.s6_addr[15] |= (uint8_t)++network->next6;
		if (!is_free6(machine, network, &address))
			continue;
		attachment->endpoint.address6 = address;
		return 0;
	}
	return error_set(err, "network %.60s has no IPv6 address left", network->name);
}

static bool has_device(const struct network_attachment *first, const char *name)
{
	for (; first; first = first->next)
		if (strcmp(first->endpoint.device, name) == 0)
			return true;
	return false;
}

/* eth0, eth1 …, in the order of the container's networks. */
static void name_devices(struct network_attachment *first)
{
	for (struct network_attachment *at = first; at; at = at->next) {
		const char *begin = at->network->inside[0] ? at->network->inside : "eth";
		char name[IFNAMSIZ] = "";
		unsigned number = 0;
		if (at->endpoint.device[0])
			continue;
		do
			snprintf(name, sizeof name, "%s%u", begin, number++);
		while (has_device(first, name));
		memcpy(at->endpoint.device, name, sizeof name);
	}
}

/* Its default route of one family: the highest priority, then the first. Internal networks lead nowhere. */
static struct network_attachment *way_out(struct network_attachment *first, bool six)
{
	struct network_attachment *best = NULL;
	for (struct network_attachment *at = first; at; at = at->next) {
		const struct network_bridge *bridge = &at->network->bridge;
		if (!bridge->internal && (six ? bridge->prefix6 : bridge->prefix) &&
		    (!best || at->gateway_priority > best->gateway_priority))
			best = at;
	}
	return best;
}

static void choose_ways_out(struct network_attachment *first)
{
	struct network_attachment *four = way_out(first, false), *six = way_out(first, true);
	for (struct network_attachment *at = first; at; at = at->next) {
		at->endpoint.leads_out = at == four;
		at->endpoint.leads_out6 = at == six;
	}
}

/* A port at an address of one family needs a container that has it. */
static int check_ports(const struct container_config *container, struct error *err)
{
	bool four = way_out(container->attachments, false), six = way_out(container->attachments, true);
	for (unsigned i = 0; i < container->port_count && container->network == NETWORK_BRIDGE; i++) {
		char text[PORT_MAPPING_TEXT];
		int family = container->ports[i].family;
		if (family == AF_UNSPEC || (family == AF_INET6 ? six : four))
			continue;
		port_mapping_format(&container->ports[i], text);
		return error_set(err, "port %s: container %s has no %s: its network needs %s", text,
				 container->name ? container->name : "", family == AF_INET6 ? "IPv6" : "IPv4",
				 family == AF_INET6 ? "enable_ipv6: true" : "enable_ipv4");
	}
	return 0;
}

static int complete_container(const struct machine *machine, struct container_config *container,
			      struct error *err)
{
	for (struct network_attachment *at = container->attachments; at; at = at->next) {
		at->endpoint.bridge = &at->network->bridge;
		if (at->network->bridge.prefix && !at->endpoint.address.s_addr &&
		    give_address(machine, at, err) < 0)
			return -1;
		if (at->network->bridge.prefix6 && IN6_IS_ADDR_UNSPECIFIED(&at->endpoint.address6) &&
		    give_address6(machine, at, err) < 0)
			return -1;
	}
	name_devices(container->attachments);
	choose_ways_out(container->attachments);
	return check_ports(container, err);
}

/* Behind a machine that has nothing but IPv6 (RFC 4193), without which nobody would reach its containers,
 * nor they anybody. */
static void give_ipv6_only(const struct machine *machine, struct network_bridge *bridge)
{
	static const struct in6_addr gateway = {
		{{0xfd, 0x62, 0x65, 0x72, 0x74, 0x68, 0xff, 0xff, [15] = 1}}};
	if (!machine->ip.prefix6 || bridge->prefix6)
		return;
	bridge->gateway6 = gateway;
	bridge->prefix6 = 64;
}

/* The network of containers that name none: Docker's own bridge. */
static struct network_config *plain_network(struct machine *machine)
{
	struct network_config *network = network_find(machine, "");
	if (network || machine->network_count == MACHINE_NETWORKS_MAX)
		return network;
	network = arena_alloc(&machine->arena, sizeof *network);
	if (!network)
		return NULL;
	network->name = "";
	return machine->networks[machine->network_count++] = network;
}

static int attach_to_plain(struct machine *machine, struct container_config *container,
			   struct error *err)
{
	struct network_attachment *attachment =
		arena_alloc(&machine->arena, sizeof *attachment);
	struct network_config *network = plain_network(machine);
	if (!attachment || !network)
		return error_set(err, "more than %d networks, or too many settings",
				 MACHINE_NETWORKS_MAX);
	attachment->network = network;
	container->attachments = attachment;
	return 0;
}

int networks_complete(struct machine *machine, struct error *err)
{
	for (unsigned i = 0; i < machine->container_count; i++) {
		struct container_config *container = machine->containers[i];
		if (container->network == NETWORK_BRIDGE && !container->attachments &&
		    attach_to_plain(machine, container, err) < 0)
			return -1;
	}
	for (unsigned i = 0; i < machine->network_count; i++) {
		if (!machine->networks[i]->text)
			give_ipv6_only(machine, &machine->networks[i]->bridge);
		give_device(machine, &machine->networks[i]->bridge);
		if (give_subnet(machine, machine->networks[i], err) < 0)
			return -1;
	}
	for (unsigned i = 0; i < machine->container_count; i++)
		if (complete_container(machine, machine->containers[i], err) < 0)
			return -1;
	return 0;
}

/* The first container of the service, or the number of all when there is none. */
static unsigned first_of(const struct machine *machine, const char *service)
{
	unsigned i = 0;
	while (i < machine->container_count &&
	       !(machine->containers[i]->service &&
		 strcmp(machine->containers[i]->service, service) == 0))
		i++;
	return i;
}

const struct network_attachment *networks_of(const struct machine *machine, unsigned number)
{
	unsigned depth = 0;
	while (number < machine->container_count && depth++ < machine->container_count &&
	       machine->containers[number]->network == NETWORK_SERVICE)
		number = first_of(machine, machine->containers[number]->network_of);
	if (number >= machine->container_count ||
	    machine->containers[number]->network != NETWORK_BRIDGE)
		return NULL;
	return machine->containers[number]->attachments;
}
