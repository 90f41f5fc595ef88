// SPDX-License-Identifier: Apache-2.0
#include "init/config/networks.h"

#include "init/config/network_words.h"
#include "init/config/services.h"
#include "init/net/ipv4.h"

#include <arpa/inet.h>
#include <string.h>

enum { PREFIX_LEAST = 8, PREFIX_MOST = 30, PREFIX6_LEAST = 8, PREFIX6_MOST = 126 };

/* "10.1.0.0/16"; the address has no bits behind the prefix. */
static int parse_subnet(const char *text, struct in_addr *out, uint8_t *prefix, struct error *err)
{
	char address[IPV4_TEXT] = "", right[IPV4_TEXT];
	size_t length = strcspn(text, "/");
	uint32_t bits = 0;
	if (length < sizeof address)
		memcpy(address, text, length);
	if (length >= sizeof address || !ipv4_parse(address, out) || text[length] != '/' ||
	    !decimal_parse(text + length + 1, 32, &bits) || !ipv4_is_unicast(*out))
		return error_set(err, "\"%.60s\" is not a network such as 10.1.0.0/24", text);
	if (bits < PREFIX_LEAST || bits > PREFIX_MOST)
		return error_set(err, "%.60s: a network has from %d to %d bits", text, PREFIX_LEAST,
				 PREFIX_MOST);
	struct in_addr base = {out->s_addr & htonl(ipv4_mask((uint8_t)bits))};
	ipv4_format(base, right);
	if (base.s_addr != out->s_addr)
		return error_set(err, "%.60s is an address in a network: the network is %s/%u", text,
				 right, bits);
	*prefix = (uint8_t)bits;
	return 0;
}

static int parse_subnet6(const char *text, struct in6_addr *out, uint8_t *prefix, struct error *err)
{
	char address[INET6_ADDRSTRLEN] = "";
	size_t length = strcspn(text, "/");
	uint32_t bits = 0;
	if (length < sizeof address)
		memcpy(address, text, length);
	if (inet_pton(AF_INET6, address, out) != 1 || text[length] != '/' ||
	    !decimal_parse(text + length + 1, 128, &bits) || IN6_IS_ADDR_MULTICAST(out))
		return error_set(err, "\"%.60s\" is not an IPv6 network such as fd00:1::/64", text);
	if (bits < PREFIX6_LEAST || bits > PREFIX6_MOST)
		return error_set(err, "%.60s: a network has from %d to %d bits", text, PREFIX6_LEAST,
				 PREFIX6_MOST);
	for (unsigned bit = bits; bit < 128; bit++)
		if (out->s6_addr[bit / 8] & (0x80 >> bit % 8))
			return error_set(err, "%.60s is an address in a network of %u bits, not the network",
					 text, bits);
	*prefix = (uint8_t)bits;
	return 0;
}

static int parse_mtu(const char *text, unsigned *out, struct error *err)
{
	uint32_t value;
	if (!decimal_parse(text, NETWORK_MTU_MOST, &value) || value < NETWORK_MTU_LEAST)
		return error_set(err, "\"%.40s\" is not an MTU from %d to %d", text, NETWORK_MTU_LEAST,
				 NETWORK_MTU_MOST);
	*out = value;
	return 0;
}

static int add_taken(struct network_config *network, const char *text, struct error *err)
{
	if (network->taken_count == NETWORK_TAKEN_MAX)
		return error_set(err, "more than %d addresses that are taken", NETWORK_TAKEN_MAX);
	return network_parse_any(text, &network->taken[network->taken_count++], err);
}

static int parse_range(struct network_config *network, const char *text, struct error *err)
{
	return strchr(text, ':') ? parse_subnet6(text, &network->range6, &network->range6_prefix, err)
				 : parse_subnet(text, &network->range, &network->range_prefix, err);
}

static int parse_source(struct network_bridge *bridge, const char *text, struct error *err)
{
	return strchr(text, ':') ? network_parse_address6(text, &bridge->source6, err)
				 : network_parse_address(text, &bridge->source, err);
}

/* A number follows. */
static int parse_inside(const char *text, char out[IFNAMSIZ], struct error *err)
{
	enum { DIGITS = 2 };
	if (strlen(text) >= IFNAMSIZ - DIGITS)
		return error_set(err, "\"%.40s\" is longer than %d characters", text,
				 IFNAMSIZ - DIGITS - 1);
	return network_parse_device(text, out, err);
}

/* A word of a network; its address and length, until they are complete, are the subnet's. */
static int take_network_word(struct network_config *network, const struct network_word *word,
			     struct in_addr *gateway, struct in6_addr *gateway6, struct error *err)
{
	struct network_bridge *bridge = &network->bridge;
	const char *key = word->key, *value = word->value;
	if (strcmp(key, "subnet") == 0)
		return parse_subnet(value, &bridge->gateway, &bridge->prefix, err);
	if (strcmp(key, "gateway") == 0)
		return network_parse_address(value, gateway, err);
	if (strcmp(key, "range") == 0)
		return parse_range(network, value, err);
	if (strcmp(key, "taken") == 0)
		return add_taken(network, value, err);
	if (strcmp(key, "source") == 0)
		return parse_source(bridge, value, err);
	if (strcmp(key, "inside") == 0)
		return parse_inside(value, network->inside, err);
	if (strcmp(key, "subnet6") == 0)
		return parse_subnet6(value, &bridge->gateway6, &bridge->prefix6, err);
	if (strcmp(key, "gateway6") == 0)
		return network_parse_address6(value, gateway6, err);
	if (strcmp(key, "device") == 0 && strncmp(value, "veth", 4) == 0)
		return error_set(err, "\"%.40s\" is a name of the machine's ends of pairs", value);
	if (strcmp(key, "device") == 0)
		return network_parse_device(value, bridge->device, err);
	if (strcmp(key, "mtu") == 0)
		return parse_mtu(value, &bridge->mtu, err);
	if (strcmp(key, "internal") == 0)
		bridge->internal = true;
	else if (strcmp(key, "separate") == 0)
		bridge->separate = true;
	else if (strcmp(key, "untranslated") == 0)
		bridge->untranslated = true;
	else if (strcmp(key, "no-ipv4") == 0)
		network->no_ipv4 = true;
	else
		return error_set(err, "a network has no \"%.40s\"", key);
	return 0;
}

bool network_overlaps(struct in_addr a, uint8_t prefix, struct in_addr b, uint8_t other)
{
	return ipv4_same_subnet(a, b, prefix < other ? prefix : other);
}

static bool same_subnet6(const struct in6_addr *a, const struct in6_addr *b, unsigned bits)
{
	for (unsigned bit = 0; bit < bits; bit++)
		if ((a->s6_addr[bit / 8] ^ b->s6_addr[bit / 8]) & (0x80 >> bit % 8))
			return false;
	return true;
}

/* The addresses of other networks, and that of the machine when it is known. */
static int check_overlap(const struct machine *machine, const struct network_config *network,
			 struct error *err)
{
	const struct network_bridge *own = &network->bridge;
	for (unsigned i = 0; i < machine->network_count; i++) {
		const struct network_bridge *other = &machine->networks[i]->bridge;
		if (own == other)
			continue;
		if (own->prefix && other->prefix &&
		    network_overlaps(own->gateway, own->prefix, other->gateway, other->prefix))
			return error_set(err, "some of its addresses are those of network %.60s",
					 machine->networks[i]->name);
		unsigned bits = own->prefix6 < other->prefix6 ? own->prefix6 : other->prefix6;
		if (bits && same_subnet6(&own->gateway6, &other->gateway6, bits))
			return error_set(err, "some of its IPv6 addresses are those of network %.60s",
					 machine->networks[i]->name);
		if (own->device[0] && strcmp(own->device, other->device) == 0)
			return error_set(err, "its device %s is that of network %.60s", own->device,
					 machine->networks[i]->name);
	}
	return 0;
}

bool network_has_host(const struct network_bridge *bridge, struct in_addr address)
{
	return ipv4_same_subnet(address, bridge->gateway, bridge->prefix) &&
	       ipv4_is_host(address, bridge->prefix);
}

bool network_has6(const struct network_bridge *bridge, const struct in6_addr *address)
{
	return same_subnet6(address, &bridge->gateway6, bridge->prefix6);
}

static bool is_taken_by(const struct network_bridge *bridge, const struct plan_address *taken)
{
	return taken->family == AF_INET
		       ? bridge->prefix && ipv4_same_subnet(taken->v4, bridge->gateway, bridge->prefix)
		       : bridge->prefix6 && network_has6(bridge, &taken->v6);
}

static int check_taken(const struct network_config *network, struct error *err)
{
	for (unsigned i = 0; i < network->taken_count; i++)
		if (!is_taken_by(&network->bridge, &network->taken[i]))
			return error_set(err, "an address that is taken is in no subnet of the network");
	return 0;
}

static int complete_gateway(struct network_config *network, struct in_addr gateway,
			    struct error *err)
{
	struct network_bridge *bridge = &network->bridge;
	if (network->no_ipv4 && bridge->prefix)
		return error_set(err, "a network without IPv4 has no IPv4 subnet");
	if (!bridge->prefix && (gateway.s_addr || network->range_prefix))
		return error_set(err, "a gateway or range needs a subnet that it is in");
	if (!bridge->prefix)
		return 0;
	if (gateway.s_addr && !network_has_host(bridge, gateway))
		return error_set(err, "the gateway is no address of a host in the subnet");
	if (network->range_prefix && (network->range_prefix < bridge->prefix ||
				      !ipv4_same_subnet(network->range, bridge->gateway, bridge->prefix)))
		return error_set(err, "the range is not in the subnet");
	bridge->gateway.s_addr = gateway.s_addr ? gateway.s_addr
						: htonl(ntohl(bridge->gateway.s_addr) + 1);
	return 0;
}

static int complete_gateway6(struct network_config *network, const struct in6_addr *gateway,
			     struct error *err)
{
	struct network_bridge *bridge = &network->bridge;
	bool given = !IN6_IS_ADDR_UNSPECIFIED(gateway);
	if (given && (!bridge->prefix6 || !network_has6(bridge, gateway)))
		return error_set(err, "the IPv6 gateway is not in the subnet");
	if (network->range6_prefix &&
	    (!bridge->prefix6 || network->range6_prefix < bridge->prefix6 ||
	     !network_has6(bridge, &network->range6)))
		return error_set(err, "the IPv6 range is not in the subnet");
	if (bridge->prefix6 && bridge->mtu && bridge->mtu < 1280)
		return error_set(err, "IPv6 needs an MTU of 1280 at least, not %u", bridge->mtu);
	if (network->no_ipv4 && !bridge->prefix6)
		return error_set(err, "a network without IPv4 needs IPv6: enable_ipv6: true");
	if (given)
		bridge->gateway6 = *gateway;
	else if (bridge->prefix6)
		bridge->gateway6.s6_addr[15] |= 1;
	return check_taken(network, err);
}

int add_network(struct machine *machine, const char *value, struct error *err)
{
	struct network_config *network = arena_alloc(&machine->arena, sizeof *network);
	struct in_addr gateway = {0};
	struct in6_addr gateway6 = {0};
	struct network_word word;
	char *rest;
	if (!network || machine->network_count == MACHINE_NETWORKS_MAX)
		return error_set(err, "more than %d networks", MACHINE_NETWORKS_MAX);
	if (network_keep_text(machine, value, &network->text, &rest, err) < 0)
		return -1;
	network->name = strsep(&rest, ",");
	if (service_name_check(network->name, err) < 0)
		return -1;
	if (network_find(machine, network->name))
		return error_set(err, "there are two networks %.60s", network->name);
	machine->networks[machine->network_count++] = network; /* whoever is on it finds it */
	while (network_word_next(&rest, &word))
		if (take_network_word(network, &word, &gateway, &gateway6, err) < 0)
			return -1;
	if (complete_gateway(network, gateway, err) < 0)
		return -1;
	return complete_gateway6(network, &gateway6, err) < 0
		       ? -1
		       : check_overlap(machine, network, err);
}

struct network_config *network_find(const struct machine *machine, const char *name)
{
	for (unsigned i = 0; i < machine->network_count; i++)
		if (strcmp(machine->networks[i]->name, name) == 0)
			return machine->networks[i];
	return NULL;
}
