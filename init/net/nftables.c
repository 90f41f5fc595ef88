// SPDX-License-Identifier: Apache-2.0
#include "init/net/nftables.h"

#include "lib/cleanup.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_nat.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>

static const char TABLE[] = "berth";

/* Priorities of <linux/netfilter_ipv4.h>, which clashes with <netinet/in.h>. */
enum { PRIORITY_RAW = -300, PRIORITY_DSTNAT = -100, PRIORITY_FILTER = 0, PRIORITY_SRCNAT = 100 };

/* Offset in the TCP and UDP headers. */
enum { PORT_DESTINATION_AT = 2 };

/* Room for a port of both families, and for a bridge; test_netlink.c measures what they take. */
enum { BATCH_BASE = 3072, BATCH_PER_BRIDGE = 3072, BATCH_PER_PORT = 2560 };

/* One family's table `berth` in the transaction. */
struct table {
	struct netlink_batch *batch;
	uint8_t family; /* NFPROTO_IPV4, NFPROTO_IPV6 */
	uint32_t source_at, destination_at; /* in the header (RFC 791, RFC 8200) */
	uint32_t size;                      /* of an address */
};

/* Of one family; `prefix` is in bits. */
struct block {
	union {
		struct in_addr v4;
		struct in6_addr v6;
	};
	uint8_t prefix;
};

static void begin(const struct table *table, uint16_t message, uint16_t flags)
{
	struct nfgenmsg header = {.nfgen_family = table->family, .version = NFNETLINK_V0};
	netlink_begin(table->batch, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | message), flags, &header,
		      sizeof header);
}

static void put_batch_edge(struct netlink_batch *batch, uint16_t type)
{
	struct nfgenmsg header = {
		.nfgen_family = AF_UNSPEC,
		.version = NFNETLINK_V0,
		.res_id = htons(NFNL_SUBSYS_NFTABLES),
	};
	netlink_begin(batch, type, 0, &header, sizeof header);
	netlink_end(batch);
}

static void put_table(const struct table *table, uint16_t message, uint16_t flags)
{
	begin(table, message, flags);
	netlink_put_text(table->batch, NFTA_TABLE_NAME, TABLE);
	netlink_end(table->batch);
}

/* Created first so that the deletion finds it: the table is replaced, old rules included. */
static void replace_table(const struct table *table)
{
	put_table(table, NFT_MSG_NEWTABLE, NLM_F_CREATE);
	put_table(table, NFT_MSG_DELTABLE, 0);
	put_table(table, NFT_MSG_NEWTABLE, NLM_F_CREATE);
}

static void put_chain(const struct table *table, const char *name, const char *type, uint32_t hook,
		      int32_t priority)
{
	struct netlink_batch *batch = table->batch;
	begin(table, NFT_MSG_NEWCHAIN, NLM_F_CREATE);
	netlink_put_text(batch, NFTA_CHAIN_TABLE, TABLE);
	netlink_put_text(batch, NFTA_CHAIN_NAME, name);
	size_t nest = netlink_nest(batch, NFTA_CHAIN_HOOK);
	netlink_put_be32(batch, NFTA_HOOK_HOOKNUM, hook);
	netlink_put_be32(batch, NFTA_HOOK_PRIORITY, (uint32_t)priority);
	netlink_nest_end(batch, nest);
	netlink_put_be32(batch, NFTA_CHAIN_POLICY, NF_ACCEPT);
	netlink_put_text(batch, NFTA_CHAIN_TYPE, type);
	netlink_end(batch);
}

/* A rule is its list of expressions; each is opened with its name and closed again. */
struct rule {
	struct netlink_batch *batch;
	size_t list, element, data;
};

static void rule_begin(struct rule *rule, const struct table *table, const char *chain)
{
	struct netlink_batch *batch = table->batch;
	rule->batch = batch;
	begin(table, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND);
	netlink_put_text(batch, NFTA_RULE_TABLE, TABLE);
	netlink_put_text(batch, NFTA_RULE_CHAIN, chain);
	rule->list = netlink_nest(batch, NFTA_RULE_EXPRESSIONS);
}

static void rule_end(struct rule *rule)
{
	netlink_nest_end(rule->batch, rule->list);
	netlink_end(rule->batch);
}

static void expression_begin(struct rule *rule, const char *name)
{
	rule->element = netlink_nest(rule->batch, NFTA_LIST_ELEM);
	netlink_put_text(rule->batch, NFTA_EXPR_NAME, name);
	rule->data = netlink_nest(rule->batch, NFTA_EXPR_DATA);
}

static void expression_end(struct rule *rule)
{
	netlink_nest_end(rule->batch, rule->data);
	netlink_nest_end(rule->batch, rule->element);
}

static void put_value(struct rule *rule, uint16_t attribute, const void *value, size_t size)
{
	size_t nest = netlink_nest(rule->batch, attribute);
	netlink_put(rule->batch, NFTA_DATA_VALUE, value, size);
	netlink_nest_end(rule->batch, nest);
}

static void load_meta(struct rule *rule, uint32_t key)
{
	expression_begin(rule, "meta");
	netlink_put_be32(rule->batch, NFTA_META_KEY, key);
	netlink_put_be32(rule->batch, NFTA_META_DREG, NFT_REG_1);
	expression_end(rule);
}

static void load_conntrack(struct rule *rule, uint32_t key)
{
	expression_begin(rule, "ct");
	netlink_put_be32(rule->batch, NFTA_CT_KEY, key);
	netlink_put_be32(rule->batch, NFTA_CT_DREG, NFT_REG_1);
	expression_end(rule);
}

static void load_payload(struct rule *rule, uint32_t base, uint32_t offset, uint32_t length)
{
	expression_begin(rule, "payload");
	netlink_put_be32(rule->batch, NFTA_PAYLOAD_DREG, NFT_REG_1);
	netlink_put_be32(rule->batch, NFTA_PAYLOAD_BASE, base);
	netlink_put_be32(rule->batch, NFTA_PAYLOAD_OFFSET, offset);
	netlink_put_be32(rule->batch, NFTA_PAYLOAD_LEN, length);
	expression_end(rule);
}

/* Keeps only the bits of the mask in register 1. */
static void mask_bytes(struct rule *rule, const void *mask, uint32_t size)
{
	static const uint8_t zero[16];
	expression_begin(rule, "bitwise");
	netlink_put_be32(rule->batch, NFTA_BITWISE_SREG, NFT_REG_1);
	netlink_put_be32(rule->batch, NFTA_BITWISE_DREG, NFT_REG_1);
	netlink_put_be32(rule->batch, NFTA_BITWISE_LEN, size);
	put_value(rule, NFTA_BITWISE_MASK, mask, size);
	put_value(rule, NFTA_BITWISE_XOR, zero, size);
	expression_end(rule);
}

static void mask_bits(struct rule *rule, uint32_t mask)
{
	mask_bytes(rule, &mask, sizeof mask);
}

static void compare(struct rule *rule, uint32_t operation, const void *value, size_t size)
{
	expression_begin(rule, "cmp");
	netlink_put_be32(rule->batch, NFTA_CMP_SREG, NFT_REG_1);
	netlink_put_be32(rule->batch, NFTA_CMP_OP, operation);
	put_value(rule, NFTA_CMP_DATA, value, size);
	expression_end(rule);
}

static void compare_device(struct rule *rule, uint32_t key, uint32_t operation, const char *device)
{
	char name[IFNAMSIZ] = "";
	memcpy(name, device, strnlen(device, sizeof name - 1));
	load_meta(rule, key);
	compare(rule, operation, name, sizeof name);
}

static void compare_block(struct rule *rule, const struct table *table, uint32_t offset,
			  uint32_t operation, const struct block *block)
{
	uint8_t mask[16] = {0};
	for (unsigned bit = 0; bit < block->prefix; bit++)
		mask[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
	load_payload(rule, NFT_PAYLOAD_NETWORK_HEADER, offset, table->size);
	if (block->prefix < table->size * 8)
		mask_bytes(rule, mask, table->size);
	compare(rule, operation, &block->v6, table->size);
}

/* The destination is an address of the machine itself. */
static void require_local_destination(struct rule *rule)
{
	uint32_t local = RTN_LOCAL;
	expression_begin(rule, "fib");
	netlink_put_be32(rule->batch, NFTA_FIB_DREG, NFT_REG_1);
	netlink_put_be32(rule->batch, NFTA_FIB_RESULT, NFT_FIB_RESULT_ADDRTYPE);
	netlink_put_be32(rule->batch, NFTA_FIB_FLAGS, NFTA_FIB_F_DADDR);
	expression_end(rule);
	compare(rule, NFT_CMP_EQ, &local, sizeof local);
}

static void load_immediate(struct rule *rule, uint32_t dreg, const void *value, size_t size)
{
	expression_begin(rule, "immediate");
	netlink_put_be32(rule->batch, NFTA_IMMEDIATE_DREG, dreg);
	put_value(rule, NFTA_IMMEDIATE_DATA, value, size);
	expression_end(rule);
}

static bool is_six(const struct table *table)
{
	return table->family == NFPROTO_IPV6;
}

/* Of the machine itself: 127.0.0.0/8, ::1. */
static struct block loopback_of(const struct table *table)
{
	return is_six(table) ? (struct block){.v6 = IN6ADDR_LOOPBACK_INIT, .prefix = 128}
			     : (struct block){.v4 = {htonl(INADDR_LOOPBACK & 0xff000000)}, .prefix = 8};
}

static void translate_destination(struct rule *rule, const struct table *table,
				  const struct nftables_port *port)
{
	uint16_t number = htons(port->mapping.container);
	const void *address = is_six(table) ? (const void *)&port->address6 : &port->address;
	/* Registers 1 and 2 of 16 bytes each: an IPv6 address fills one. */
	load_immediate(rule, NFT_REG_1, address, table->size);
	load_immediate(rule, NFT_REG_2, &number, sizeof number);
	expression_begin(rule, "nat");
	netlink_put_be32(rule->batch, NFTA_NAT_TYPE, NFT_NAT_DNAT);
	netlink_put_be32(rule->batch, NFTA_NAT_FAMILY, table->family);
	netlink_put_be32(rule->batch, NFTA_NAT_REG_ADDR_MIN, NFT_REG_1);
	netlink_put_be32(rule->batch, NFTA_NAT_REG_PROTO_MIN, NFT_REG_2);
	expression_end(rule);
}

/* Whether it has a rule in this table: it is published there, and leads to somewhere there. */
static bool is_in(const struct table *table, const struct nftables_port *port)
{
	int family = port->mapping.family;
	if (family != AF_UNSPEC && (family == AF_INET6) != is_six(table))
		return false;
	return is_six(table) ? !IN6_IS_ADDR_UNSPECIFIED(&port->address6) : port->address.s_addr != 0;
}

static bool is_loopback(const struct port_mapping *mapping)
{
	return mapping->family == AF_INET ? ntohl(mapping->v4.s_addr) >> 24 == 127
	       : mapping->family == AF_INET6 ? IN6_IS_ADDR_LOOPBACK(&mapping->v6)
					     : false;
}

static void put_port(const struct table *table, const char *chain, const struct nftables_port *port)
{
	struct rule rule;
	const struct port_mapping *mapping = &port->mapping;
	uint8_t protocol = mapping->udp ? IPPROTO_UDP : IPPROTO_TCP;
	uint16_t number = htons(mapping->machine);
	rule_begin(&rule, table, chain);
	if (port_mapping_has_address(mapping)) {
		load_payload(&rule, NFT_PAYLOAD_NETWORK_HEADER, table->destination_at, table->size);
		compare(&rule, NFT_CMP_EQ, &mapping->v6, table->size);
	}
	require_local_destination(&rule);
	load_meta(&rule, NFT_META_L4PROTO);
	compare(&rule, NFT_CMP_EQ, &protocol, sizeof protocol);
	load_payload(&rule, NFT_PAYLOAD_TRANSPORT_HEADER, PORT_DESTINATION_AT, sizeof number);
	compare(&rule, NFT_CMP_EQ, &number, sizeof number);
	translate_destination(&rule, table, port);
	rule_end(&rule);
}

static void put_ports(const struct table *table, const struct nftables_rules *rules)
{
	for (unsigned i = 0; i < rules->port_count; i++) {
		const struct nftables_port *port = &rules->ports[i];
		if (!is_in(table, port))
			continue;
		if (!is_loopback(&port->mapping)) /* nobody outside sends there */
			put_port(table, "prerouting", port);
		put_port(table, "output", port);
	}
}

/* To the address that is stated, or to that of the device it leaves by. */
static void translate_source(struct rule *rule, const struct table *table,
			     const struct network_bridge *bridge)
{
	const void *source = is_six(table) ? (const void *)&bridge->source6 : &bridge->source;
	if (is_six(table) ? IN6_IS_ADDR_UNSPECIFIED(&bridge->source6) : !bridge->source.s_addr) {
		expression_begin(rule, "masq");
	} else {
		load_immediate(rule, NFT_REG_1, source, table->size);
		expression_begin(rule, "nat");
		netlink_put_be32(rule->batch, NFTA_NAT_TYPE, NFT_NAT_SNAT);
		netlink_put_be32(rule->batch, NFTA_NAT_FAMILY, table->family);
		netlink_put_be32(rule->batch, NFTA_NAT_REG_ADDR_MIN, NFT_REG_1);
	}
	expression_end(rule);
}

static void put_leaving(const struct table *table, const struct network_bridge *bridge,
			const struct block *subnet)
{
	struct rule rule;
	rule_begin(&rule, table, "postrouting");
	compare_block(&rule, table, table->source_at, NFT_CMP_EQ, subnet);
	compare_block(&rule, table, table->destination_at, NFT_CMP_NEQ, subnet);
	translate_source(&rule, table, bridge);
	rule_end(&rule);
}

/* What comes back to where it is from by a published port, through the machine. */
static void put_returning(const struct table *table, const struct block *subnet)
{
	struct rule rule;
	uint32_t zero = 0;
	rule_begin(&rule, table, "postrouting");
	compare_block(&rule, table, table->source_at, NFT_CMP_EQ, subnet);
	load_conntrack(&rule, NFT_CT_STATUS);
	mask_bits(&rule, IPS_DST_NAT);
	compare(&rule, NFT_CMP_NEQ, &zero, sizeof zero);
	expression_begin(&rule, "masq");
	expression_end(&rule);
	rule_end(&rule);
}

/* What the machine sends to itself and a published port leads away. */
static void put_loopback(const struct table *table)
{
	const struct block loopback = loopback_of(table);
	put_returning(table, &loopback);
}

static void put_drop(struct rule *rule)
{
	struct netlink_batch *batch = rule->batch;
	expression_begin(rule, "immediate");
	netlink_put_be32(batch, NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
	size_t data = netlink_nest(batch, NFTA_IMMEDIATE_DATA);
	size_t verdict = netlink_nest(batch, NFTA_DATA_VERDICT);
	netlink_put_be32(batch, NFTA_VERDICT_CODE, NF_DROP);
	netlink_nest_end(batch, verdict);
	netlink_nest_end(batch, data);
	expression_end(rule);
}

/* Of `key` (one of the two interfaces) it is this bridge, of the other one not. */
static void begin_border(struct rule *rule, const struct table *table, uint32_t key,
			 const struct network_bridge *bridge)
{
	uint32_t other = key == NFT_META_OIFNAME ? NFT_META_IIFNAME : NFT_META_OIFNAME;
	rule_begin(rule, table, "forward");
	compare_device(rule, key, NFT_CMP_EQ, bridge->device);
	compare_device(rule, other, NFT_CMP_NEQ, bridge->device);
}

/* Only answers, and what comes by a published port, get in. */
static void put_guard(const struct table *table, const struct network_bridge *bridge)
{
	struct rule rule;
	uint32_t zero = 0;
	begin_border(&rule, table, NFT_META_OIFNAME, bridge);
	load_conntrack(&rule, NFT_CT_STATE);
	mask_bits(&rule, NF_CT_STATE_BIT(IP_CT_ESTABLISHED) | NF_CT_STATE_BIT(IP_CT_RELATED));
	compare(&rule, NFT_CMP_EQ, &zero, sizeof zero);
	load_conntrack(&rule, NFT_CT_STATUS);
	mask_bits(&rule, IPS_DST_NAT);
	compare(&rule, NFT_CMP_EQ, &zero, sizeof zero);
	put_drop(&rule);
	rule_end(&rule);
}

/* Nothing gets in or out. */
static void put_wall(const struct table *table, const struct network_bridge *bridge)
{
	static const uint32_t keys[] = {NFT_META_OIFNAME, NFT_META_IIFNAME};
	for (size_t i = 0; i < countof(keys); i++) {
		struct rule rule;
		begin_border(&rule, table, keys[i], bridge);
		put_drop(&rule);
		rule_end(&rule);
	}
}

static struct block subnet_of(const struct table *table, const struct network_bridge *bridge)
{
	struct block block = {.prefix = is_six(table) ? bridge->prefix6 : bridge->prefix};
	if (is_six(table))
		block.v6 = bridge_subnet6(bridge);
	else
		block.v4 = bridge_subnet(bridge);
	return block;
}

static void put_bridge(const struct table *table, const struct network_bridge *bridge)
{
	const struct block subnet = subnet_of(table, bridge);
	if (bridge->internal || !subnet.prefix) {
		put_wall(table, bridge);
		return;
	}
	if (!bridge->untranslated)
		put_leaving(table, bridge, &subnet);
	put_returning(table, &subnet);
	put_guard(table, bridge);
}

/* Whoever is behind a bridge does not reach the machine's loopback, which route_localnet opens. */
static void put_raw(const struct table *table)
{
	static const char device[IFNAMSIZ] = "lo";
	const struct block loopback = loopback_of(table);
	struct rule rule;
	put_chain(table, "raw", "filter", NF_INET_PRE_ROUTING, PRIORITY_RAW);
	rule_begin(&rule, table, "raw");
	compare_device(&rule, NFT_META_IIFNAME, NFT_CMP_NEQ, device);
	compare_block(&rule, table, table->destination_at, NFT_CMP_EQ, &loopback);
	put_drop(&rule);
	rule_end(&rule);
}

static void put_family(const struct table *table, const struct nftables_rules *rules)
{
	replace_table(table);
	if (!is_six(table)) /* of IPv6 the kernel drops it itself */
		put_raw(table);
	put_chain(table, "prerouting", "nat", NF_INET_PRE_ROUTING, PRIORITY_DSTNAT);
	put_chain(table, "output", "nat", NF_INET_LOCAL_OUT, PRIORITY_DSTNAT);
	put_chain(table, "postrouting", "nat", NF_INET_POST_ROUTING, PRIORITY_SRCNAT);
	put_chain(table, "forward", "filter", NF_INET_FORWARD, PRIORITY_FILTER);
	put_ports(table, rules);
	put_loopback(table);
	for (unsigned i = 0; i < rules->bridge_count; i++)
		put_bridge(table, rules->bridges[i]);
}

static bool has_ipv6(const struct nftables_rules *rules)
{
	for (unsigned i = 0; i < rules->bridge_count; i++)
		if (rules->bridges[i]->prefix6)
			return true;
	return false;
}

size_t nftables_size(unsigned bridge_count, unsigned port_count)
{
	return BATCH_BASE + (size_t)bridge_count * BATCH_PER_BRIDGE +
	       (size_t)port_count * BATCH_PER_PORT;
}

int nftables_build(struct netlink_batch *batch, const struct nftables_rules *rules,
		   struct error *err)
{
	const struct table ipv4 = {batch, NFPROTO_IPV4, 12, 16, sizeof(struct in_addr)},
			   ipv6 = {batch, NFPROTO_IPV6, 8, 24, sizeof(struct in6_addr)};
	put_batch_edge(batch, NFNL_MSG_BATCH_BEGIN);
	if (has_ipv6(rules))
		put_family(&ipv6, rules);
	put_family(&ipv4, rules);
	/* The batch's only acknowledgement; a message that fails is answered all the same. */
	put_table(&ipv4, NFT_MSG_NEWTABLE, NLM_F_CREATE | NLM_F_ACK);
	put_batch_edge(batch, NFNL_MSG_BATCH_END);
	return batch->full ? error_set(err, "packet filter rules: %u ports do not fit in %zu bytes",
				       rules->port_count, batch->capacity)
			   : 0;
}

int nftables_apply(const struct nftables_rules *rules, struct error *err)
{
	size_t capacity = nftables_size(rules->bridge_count, rules->port_count);
	_cleanup_free_ void *storage = malloc(capacity);
	if (!storage)
		return error_errno(err, ENOMEM, "packet filter rules of %u ports",
				   rules->port_count);
	struct netlink_batch batch;
	netlink_batch_init(&batch, storage, capacity);
	if (nftables_build(&batch, rules, err) < 0)
		return -1;
	_cleanup_close_ int fd = netlink_open(NETLINK_NETFILTER, 0, err);
	if (fd < 0)
		return -1;
	return netlink_exchange(fd, &batch, "replace the packet filter rules", err);
}
