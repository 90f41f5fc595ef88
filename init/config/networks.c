// SPDX-License-Identifier: Apache-2.0
#include "init/config/networks.h"

#include "init/config/services.h"
#include "init/net/ipv4.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PREFIX_LEAST = 8, PREFIX_MOST = 30, PREFIX6_LEAST = 8, PREFIX6_MOST = 126 };

/* A word of a text: "key=value", or "key" alone with "" behind it. */
struct word {
	char *key, *value;
};

static bool next_word(char **rest, struct word *out)
{
	char *text = strsep(rest, ",");
	if (!text)
		return false;
	char *equals = strchr(text, '=');
	*out = (struct word){text, equals ? equals + 1 : text + strlen(text)};
	if (equals)
		*equals = 0;
	return true;
}

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

static int parse_address(const char *text, struct in_addr *out, struct error *err)
{
	return ipv4_parse(text, out) && ipv4_is_unicast(*out)
		       ? 0
		       : error_set(err, "\"%.60s\" is not an address of a host", text);
}

static int parse_address6(const char *text, struct in6_addr *out, struct error *err)
{
	return inet_pton(AF_INET6, text, out) == 1 && !IN6_IS_ADDR_MULTICAST(out)
		       ? 0
		       : error_set(err, "\"%.60s\" is not an IPv6 address of a host", text);
}

/* As `ip link` takes it, and no path. */
static int parse_device(const char *text, char out[IFNAMSIZ], struct error *err)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
	size_t length = strspn(text, letters);
	if (!length || text[length] || length >= IFNAMSIZ || *text == '.' || strcmp(text, "lo") == 0)
		return error_set(err,
				 "\"%.40s\" is not a name of a network device: 1 to %d letters, digits, "
				 "_ . and -",
				 text, IFNAMSIZ - 1);
	memcpy(out, text, length + 1);
	return 0;
}

static int parse_mac(const char *text, uint8_t out[6], struct error *err)
{
	static const uint8_t none[6];
	int end = 0;
	if (strlen(text) != 17 ||
	    sscanf(text, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx%n", out, out + 1, out + 2, out + 3,
		   out + 4, out + 5, &end) != 6 ||
	    end != 17 || (out[0] & 1) || memcmp(out, none, sizeof none) == 0)
		return error_set(err, "\"%.40s\" is not a MAC address of a host such as 02:00:00:00:00:01",
				 text);
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

static int parse_priority(const char *text, int *out, struct error *err)
{
	char *end;
	long value = strtol(text, &end, 10);
	if (!*text || *end || value < -1000000 || value > 1000000)
		return error_set(err, "\"%.40s\" is not a priority from -1000000 to 1000000", text);
	*out = (int)value;
	return 0;
}

/* Of either family. */
static int parse_any(const char *text, struct plan_address *out, struct error *err)
{
	out->family = strchr(text, ':') ? AF_INET6 : AF_INET;
	return out->family == AF_INET ? parse_address(text, &out->v4, err)
				      : parse_address6(text, &out->v6, err);
}

static int add_taken(struct network_config *network, const char *text, struct error *err)
{
	if (network->taken_count == NETWORK_TAKEN_MAX)
		return error_set(err, "more than %d addresses that are taken", NETWORK_TAKEN_MAX);
	return parse_any(text, &network->taken[network->taken_count++], err);
}

static int parse_range(struct network_config *network, const char *text, struct error *err)
{
	return strchr(text, ':') ? parse_subnet6(text, &network->range6, &network->range6_prefix, err)
				 : parse_subnet(text, &network->range, &network->range_prefix, err);
}

static int parse_source(struct network_bridge *bridge, const char *text, struct error *err)
{
	return strchr(text, ':') ? parse_address6(text, &bridge->source6, err)
				 : parse_address(text, &bridge->source, err);
}

/* A number follows. */
static int parse_inside(const char *text, char out[IFNAMSIZ], struct error *err)
{
	enum { DIGITS = 2 };
	if (strlen(text) >= IFNAMSIZ - DIGITS)
		return error_set(err, "\"%.40s\" is longer than %d characters", text,
				 IFNAMSIZ - DIGITS - 1);
	return parse_device(text, out, err);
}

/* A word of a network; its address and length, until they are complete, are the subnet's. */
static int take_network_word(struct network_config *network, const struct word *word,
			     struct in_addr *gateway, struct in6_addr *gateway6, struct error *err)
{
	struct network_bridge *bridge = &network->bridge;
	const char *key = word->key, *value = word->value;
	if (strcmp(key, "subnet") == 0)
		return parse_subnet(value, &bridge->gateway, &bridge->prefix, err);
	if (strcmp(key, "gateway") == 0)
		return parse_address(value, gateway, err);
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
		return parse_address6(value, gateway6, err);
	if (strcmp(key, "device") == 0 && strncmp(value, "veth", 4) == 0)
		return error_set(err, "\"%.40s\" is a name of the machine's ends of pairs", value);
	if (strcmp(key, "device") == 0)
		return parse_device(value, bridge->device, err);
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

static bool is_host_of(struct in_addr address, const struct network_bridge *bridge)
{
	return ipv4_same_subnet(address, bridge->gateway, bridge->prefix) &&
	       ipv4_is_host(address, bridge->prefix);
}

static bool is_taken_by(const struct network_bridge *bridge, const struct plan_address *taken)
{
	return taken->family == AF_INET
		       ? bridge->prefix && ipv4_same_subnet(taken->v4, bridge->gateway, bridge->prefix)
		       : bridge->prefix6 &&
				 same_subnet6(&taken->v6, &bridge->gateway6, bridge->prefix6);
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
	if (gateway.s_addr && !is_host_of(gateway, bridge))
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
	if (given && (!bridge->prefix6 ||
		      !same_subnet6(gateway, &bridge->gateway6, bridge->prefix6)))
		return error_set(err, "the IPv6 gateway is not in the subnet");
	if (network->range6_prefix &&
	    (!bridge->prefix6 || network->range6_prefix < bridge->prefix6 ||
	     !same_subnet6(&network->range6, &bridge->gateway6, bridge->prefix6)))
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

/* A copy that strsep may cut, and one that stays. */
static int copy_texts(struct machine *machine, const char *value, const char **kept, char **cut,
		      struct error *err)
{
	if (strlen(value) > NETWORK_TEXT_MAX)
		return error_set(err, "more than %d bytes are said of a network", NETWORK_TEXT_MAX);
	*kept = arena_strdup(&machine->arena, value);
	*cut = arena_strdup(&machine->arena, value);
	return *kept && *cut ? 0 : error_set(err, "too many settings");
}

int add_network(struct machine *machine, const char *value, struct error *err)
{
	struct network_config *network = arena_alloc(&machine->arena, sizeof *network);
	struct in_addr gateway = {0};
	struct in6_addr gateway6 = {0};
	struct word word;
	char *rest;
	if (!network || machine->network_count == MACHINE_NETWORKS_MAX)
		return error_set(err, "more than %d networks", MACHINE_NETWORKS_MAX);
	if (copy_texts(machine, value, &network->text, &rest, err) < 0)
		return -1;
	network->name = strsep(&rest, ",");
	if (service_name_check(network->name, err) < 0)
		return -1;
	if (network_find(machine, network->name))
		return error_set(err, "there are two networks %.60s", network->name);
	machine->networks[machine->network_count++] = network; /* whoever is on it finds it */
	while (next_word(&rest, &word))
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

/* With the length that their networks have (RFC 3927, RFC 4291), as Docker gives them. */
static int add_link_local(struct network_attachment *attachment, const char *text, struct error *err)
{
	struct network_endpoint *endpoint = &attachment->endpoint;
	struct plan_address *address = &attachment->link_local[endpoint->more_count];
	if (endpoint->more_count == NETWORK_LINK_LOCAL_MAX)
		return error_set(err, "more than %d link-local addresses", NETWORK_LINK_LOCAL_MAX);
	if (parse_any(text, address, err) < 0)
		return -1;
	bool four = address->family == AF_INET;
	if (four ? ntohl(address->v4.s_addr) >> 16 != 0xa9fe : !IN6_IS_ADDR_LINKLOCAL(&address->v6))
		return error_set(err, "%.60s is not a link-local address: of 169.254.0.0/16 or fe80::/10",
				 text);
	address->prefix = four ? 16 : 64;
	endpoint->more = attachment->link_local;
	endpoint->more_count++;
	return 0;
}

static int take_attachment_word(struct machine *machine, struct network_attachment *attachment,
				const struct word *word, struct error *err)
{
	struct network_endpoint *endpoint = &attachment->endpoint;
	if (strcmp(word->key, "address") == 0)
		return parse_address(word->value, &endpoint->address, err);
	if (strcmp(word->key, "address6") == 0)
		return parse_address6(word->value, &endpoint->address6, err);
	if (strcmp(word->key, "link-local") == 0)
		return add_link_local(attachment, word->value, err);
	if (strcmp(word->key, "mac") == 0)
		return parse_mac(word->value, endpoint->mac, err);
	if (strcmp(word->key, "device") == 0)
		return parse_device(word->value, endpoint->device, err);
	if (strcmp(word->key, "gateway-priority") == 0)
		return parse_priority(word->value, &attachment->gateway_priority, err);
	if (strcmp(word->key, "alias") == 0)
		return service_name_check(word->value, err) < 0
			       ? -1
			       : string_list_add(&attachment->aliases, &machine->arena, word->value,
						 err);
	return error_set(err, "a place on a network has no \"%.40s\"", word->key);
}

/* Somebody else's address, on the same network. */
static const struct container_config *who_has(const struct machine *machine,
					      const struct network_attachment *wanted)
{
	const struct network_endpoint *own = &wanted->endpoint;
	for (unsigned i = 0; i < machine->container_count; i++) {
		const struct network_attachment *at = machine->containers[i]->attachments;
		for (; at; at = at->next) {
			const struct network_endpoint *other = &at->endpoint;
			bool same = own->address.s_addr &&
				    own->address.s_addr == other->address.s_addr;
			bool same6 = !IN6_IS_ADDR_UNSPECIFIED(&own->address6) &&
				     IN6_ARE_ADDR_EQUAL(&own->address6, &other->address6);
			if (at->network == wanted->network && (same || same6))
				return machine->containers[i];
		}
	}
	return NULL;
}

static int check_addresses(const struct machine *machine, const struct network_attachment *wanted,
			   struct error *err)
{
	const struct network_endpoint *own = &wanted->endpoint;
	const struct network_bridge *bridge = &wanted->network->bridge;
	const struct container_config *other = who_has(machine, wanted);
	bool v4 = own->address.s_addr, v6 = !IN6_IS_ADDR_UNSPECIFIED(&own->address6);
	if ((v4 && !bridge->prefix) || (v6 && !bridge->prefix6))
		return error_set(err, "a fixed address needs a network with ipam.config: [{subnet: …}]");
	if (v4 && !is_host_of(own->address, bridge))
		return error_set(err, "the address is none of a host in the network's subnet");
	if (v6 && !same_subnet6(&own->address6, &bridge->gateway6, bridge->prefix6))
		return error_set(err, "the IPv6 address is not in the network's subnet");
	if ((v4 && own->address.s_addr == bridge->gateway.s_addr) ||
	    (v6 && IN6_ARE_ADDR_EQUAL(&own->address6, &bridge->gateway6)))
		return error_set(err, "the address is the machine's own, the network's gateway");
	if (other)
		return error_set(err, "the address is that of %.60s",
				 other->service ? other->service : other->name ? other->name : "another");
	return 0;
}

/* Behind those that came before, if it is on another network and another device. */
static int append(struct container_config *container, struct network_attachment *attachment,
		  struct error *err)
{
	struct network_attachment **at = &container->attachments;
	for (; *at; at = &(*at)->next) {
		if ((*at)->network == attachment->network)
			return error_set(err, "it is on network %.60s twice",
					 attachment->network->name);
		if (attachment->endpoint.device[0] &&
		    strcmp((*at)->endpoint.device, attachment->endpoint.device) == 0)
			return error_set(err, "its device on two networks is %s",
					 attachment->endpoint.device);
	}
	*at = attachment;
	return 0;
}

int add_attachment(struct machine *machine, const char *value, struct error *err)
{
	struct network_attachment *attachment = arena_alloc(&machine->arena, sizeof *attachment);
	struct word word;
	char *rest;
	if (!attachment)
		return error_set(err, "too many settings");
	if (copy_texts(machine, value, &attachment->text, &rest, err) < 0)
		return -1;
	const char *name = strsep(&rest, ",");
	attachment->network = network_find(machine, name);
	if (!attachment->network)
		return error_set(err, "there is no network %.60s", name);
	while (next_word(&rest, &word))
		if (take_attachment_word(machine, attachment, &word, err) < 0)
			return -1;
	if (check_addresses(machine, attachment, err) < 0)
		return -1;
	return append(machine->container, attachment, err);
}
