// SPDX-License-Identifier: Apache-2.0
#include "init/net/nftables.h"

#include "init/net/ipv4.h"
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
enum { PRIORITY_DSTNAT = -100, PRIORITY_FILTER = 0, PRIORITY_SRCNAT = 100 };

/* Offsets in the IPv4 (RFC 791), TCP and UDP headers. */
enum { IPV4_SOURCE_AT = 12, IPV4_DESTINATION_AT = 16, PORT_DESTINATION_AT = 2 };

/* Measured: a port's two rules take 1,064 bytes; sixteen bridges with IPv6, and all else, 30,020. */
enum { BATCH_BASE = 2048, BATCH_PER_BRIDGE = 2560, BATCH_PER_PORT = 1200 };

/* One family's table `berth` in the transaction. */
struct table {
	struct netlink_batch *batch;
	uint8_t family; /* NFPROTO_IPV4, NFPROTO_IPV6 */
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
static void mask_bits(struct rule *rule, uint32_t mask)
{
	uint32_t zero = 0;
	expression_begin(rule, "bitwise");
	netlink_put_be32(rule->batch, NFTA_BITWISE_SREG, NFT_REG_1);
	netlink_put_be32(rule->batch, NFTA_BITWISE_DREG, NFT_REG_1);
	netlink_put_be32(rule->batch, NFTA_BITWISE_LEN, sizeof mask);
	put_value(rule, NFTA_BITWISE_MASK, &mask, sizeof mask);
	put_value(rule, NFTA_BITWISE_XOR, &zero, sizeof zero);
	expression_end(rule);
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

static void compare_subnet(struct rule *rule, uint32_t offset, uint32_t operation,
			   struct in_addr subnet, uint8_t prefix)
{
	load_payload(rule, NFT_PAYLOAD_NETWORK_HEADER, offset, sizeof subnet);
	mask_bits(rule, htonl(ipv4_mask(prefix)));
	compare(rule, operation, &subnet, sizeof subnet);
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

static void translate_destination(struct rule *rule, const struct nftables_port *port)
{
	uint16_t number = htons(port->mapping.container);
	load_immediate(rule, NFT_REG_1, &port->address, sizeof port->address);
	load_immediate(rule, NFT_REG_2, &number, sizeof number);
	expression_begin(rule, "nat");
	netlink_put_be32(rule->batch, NFTA_NAT_TYPE, NFT_NAT_DNAT);
	netlink_put_be32(rule->batch, NFTA_NAT_FAMILY, NFPROTO_IPV4);
	netlink_put_be32(rule->batch, NFTA_NAT_REG_ADDR_MIN, NFT_REG_1);
	netlink_put_be32(rule->batch, NFTA_NAT_REG_PROTO_MIN, NFT_REG_2);
	expression_end(rule);
}

static void put_port(const struct table *table, const char *chain, bool outgoing,
		     const struct nftables_port *port)
{
	struct rule rule;
	uint8_t protocol = port->mapping.udp ? IPPROTO_UDP : IPPROTO_TCP;
	uint16_t number = htons(port->mapping.machine);
	struct in_addr loopback = {htonl(INADDR_LOOPBACK & 0xff000000)};
	rule_begin(&rule, table, chain);
	if (outgoing) /* an answer to 127.0.0.1 could not come back over the bridge */
		compare_subnet(&rule, IPV4_DESTINATION_AT, NFT_CMP_NEQ, loopback, 8);
	require_local_destination(&rule);
	load_meta(&rule, NFT_META_L4PROTO);
	compare(&rule, NFT_CMP_EQ, &protocol, sizeof protocol);
	load_payload(&rule, NFT_PAYLOAD_TRANSPORT_HEADER, PORT_DESTINATION_AT, sizeof number);
	compare(&rule, NFT_CMP_EQ, &number, sizeof number);
	translate_destination(&rule, port);
	rule_end(&rule);
}

/* `leaving`: what goes out of the subnet; else what comes back to it by a published port. */
static void put_masquerade(const struct table *table, const struct network_bridge *bridge,
			   bool leaving)
{
	struct rule rule;
	uint32_t zero = 0;
	struct in_addr subnet = bridge_subnet(bridge);
	rule_begin(&rule, table, "postrouting");
	compare_subnet(&rule, IPV4_SOURCE_AT, NFT_CMP_EQ, subnet, bridge->prefix);
	if (leaving) {
		compare_subnet(&rule, IPV4_DESTINATION_AT, NFT_CMP_NEQ, subnet, bridge->prefix);
	} else {
		load_conntrack(&rule, NFT_CT_STATUS);
		mask_bits(&rule, IPS_DST_NAT);
		compare(&rule, NFT_CMP_NEQ, &zero, sizeof zero);
	}
	expression_begin(&rule, "masq");
	expression_end(&rule);
	rule_end(&rule);
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

static void put_bridge(const struct table *table, const struct network_bridge *bridge)
{
	if (bridge->internal) {
		put_wall(table, bridge);
		return;
	}
	if (!bridge->untranslated)
		put_masquerade(table, bridge, true);
	put_masquerade(table, bridge, false);
	put_guard(table, bridge);
}

static void put_ipv4(const struct table *table, const struct nftables_rules *rules)
{
	replace_table(table);
	put_chain(table, "prerouting", "nat", NF_INET_PRE_ROUTING, PRIORITY_DSTNAT);
	put_chain(table, "output", "nat", NF_INET_LOCAL_OUT, PRIORITY_DSTNAT);
	put_chain(table, "postrouting", "nat", NF_INET_POST_ROUTING, PRIORITY_SRCNAT);
	put_chain(table, "forward", "filter", NF_INET_FORWARD, PRIORITY_FILTER);
	for (unsigned i = 0; i < rules->port_count; i++) {
		put_port(table, "prerouting", false, &rules->ports[i]);
		put_port(table, "output", true, &rules->ports[i]);
	}
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

/* IPv6 ends at its bridge, also in a machine that has been told to forward it. */
static void put_ipv6(const struct table *table, const struct nftables_rules *rules)
{
	replace_table(table);
	put_chain(table, "forward", "filter", NF_INET_FORWARD, PRIORITY_FILTER);
	for (unsigned i = 0; i < rules->bridge_count; i++)
		put_wall(table, rules->bridges[i]);
}

size_t nftables_size(unsigned bridge_count, unsigned port_count)
{
	return BATCH_BASE + (size_t)bridge_count * BATCH_PER_BRIDGE +
	       (size_t)port_count * BATCH_PER_PORT;
}

int nftables_build(struct netlink_batch *batch, const struct nftables_rules *rules,
		   struct error *err)
{
	const struct table ipv4 = {batch, NFPROTO_IPV4}, ipv6 = {batch, NFPROTO_IPV6};
	put_batch_edge(batch, NFNL_MSG_BATCH_BEGIN);
	if (has_ipv6(rules))
		put_ipv6(&ipv6, rules);
	put_ipv4(&ipv4, rules);
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
