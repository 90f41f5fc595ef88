// SPDX-License-Identifier: Apache-2.0
#include "init/net/bridge.h"
#include "init/net/ipv4.h"
#include "init/net/links.h"
#include "init/net/nftables.h"
#include "init/net/rtnetlink.h"
#include "lib/cleanup.h"
#include "lib/tap.h"

#include <arpa/inet.h>
#include <linux/if_link.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/rtnetlink.h>
#include <net/if_arp.h>

static void test_builder(void)
{
	_Alignas(struct nlmsghdr) uint8_t storage[64];
	struct netlink_batch batch;
	struct rtgenmsg header = {.rtgen_family = 7};
	netlink_batch_init(&batch, storage, sizeof storage);
	netlink_begin(&batch, 99, NLM_F_ACK, &header, sizeof header);
	netlink_put_text(&batch, 3, "eth0");
	size_t nest = netlink_nest(&batch, 5);
	netlink_put_be32(&batch, 1, 0x01020304);
	netlink_nest_end(&batch, nest);
	netlink_end(&batch);
	/* clang-format off */
	static const uint8_t want[] = {
		44, 0, 0, 0, 99, 0, NLM_F_REQUEST | NLM_F_ACK, 0, /* header: length, type, flags */
		1, 0, 0, 0, 0, 0, 0, 0,                     /* sequence, port */
		7, 0, 0, 0,                                 /* family, padded */
		9, 0, 3, 0, 'e', 't', 'h', '0', 0, 0, 0, 0, /* text with NUL, padded */
		12, 0, 5, 0x80, 8, 0, 1, 0, 1, 2, 3, 4,     /* nest */
	};
	/* clang-format on */
	ok(batch.size == sizeof want, "the message has %zu bytes (%zu)", sizeof want, batch.size);
	ok(batch.size == sizeof want && memcmp(storage, want, sizeof want) == 0,
	   "and the bytes that netlink(7) asks for");
	ok(!batch.full, "it fitted");
	netlink_put(&batch, 1, want, 40);
	ok(batch.full, "an attribute that does not fit is noticed");
	netlink_put_u32(&batch, 1, 1);
	ok(batch.size == sizeof want, "and nothing is written after that");
	struct error err = ERROR_INIT;
	ok(netlink_exchange(-1, &batch, "test eth0", &err) < 0, "a full batch is not sent");
	is(err.text, "test eth0: the request does not fit in 64 bytes", "with a message");
}

static void test_attributes(void)
{
	_Alignas(struct nlattr) uint8_t bytes[] = {
		8,   0, 1, 0, 42,  0,   0, 0, /* u32 */
		7,   0, 2, 0, 'a', 'b', 0, 0, /* text */
		6,   0, 3, 0, 'a', 'b', 0, 0, /* text without NUL */
		200, 0, 4, 0,                 /* overruns */
	};
	const struct nlattr *table[5];
	char text[8], tiny[2];
	netlink_attributes(bytes, sizeof bytes, table, 4);
	ok(netlink_u32(table[1]) == 42, "a number");
	netlink_text(table[2], text, sizeof text);
	is(text, "ab", "a text");
	netlink_text(table[2], tiny, sizeof tiny);
	is(tiny, "", "a text that is too long");
	netlink_text(table[3], text, sizeof text);
	is(text, "", "a text without an end");
	ok(table[4] == NULL && table[0] == NULL, "an attribute that overruns is not there");
	ok(netlink_u32(table[2]) == 0, "a number of the wrong size");
	bytes[0] = 3;
	netlink_attributes(bytes, sizeof bytes, table, 4);
	ok(table[1] == NULL, "a length below the header ends the walk");
}

/* A link message as the kernel sends it. */
static bool decode_link(uint16_t message, uint8_t family, unsigned flags, const char *kind,
			struct rtnetlink_link *out)
{
	_Alignas(struct nlmsghdr) uint8_t storage[256];
	struct netlink_batch batch;
	struct ifinfomsg info = {
		.ifi_family = family, .ifi_type = ARPHRD_ETHER, .ifi_index = 4, .ifi_flags = flags};
	netlink_batch_init(&batch, storage, sizeof storage);
	netlink_begin(&batch, message, 0, &info, sizeof info);
	netlink_put_text(&batch, IFLA_IFNAME, "eth7");
	netlink_put_u32(&batch, IFLA_MASTER, 2);
	if (kind) {
		size_t nest = netlink_nest(&batch, IFLA_LINKINFO);
		netlink_put_text(&batch, IFLA_INFO_KIND, kind);
		netlink_nest_end(&batch, nest);
	}
	netlink_end(&batch);
	return rtnetlink_link_decode((void *)storage, out);
}

static void test_links(void)
{
	struct rtnetlink_link link;
	ok(decode_link(RTM_NEWLINK, 0, IFF_UP | 1u << 16, "veth", &link), "a link message");
	is(link.name, "eth7", "its name");
	is(link.kind, "veth", "its kind");
	ok(link.index == 4 && link.master == 2 && link.up && link.carrier && !link.removed,
	   "its index, master and flags");
	ok(!links_is_usable(&link), "a bridge port is not for the machine");
	link.master = 0;
	ok(links_is_usable(&link), "an end of a pair is");
	ok(decode_link(RTM_DELLINK, 0, 1u << 16, NULL, &link) && link.removed && !link.carrier,
	   "a device that is gone");
	link.master = 0;
	ok(links_is_usable(&link), "hardware is for the machine");
	link.type = ARPHRD_LOOPBACK;
	ok(!links_is_usable(&link), "loopback is not");
	ok(!decode_link(RTM_NEWLINK, 7, 0, NULL, &link), "a bridge's own message is not a link's");
	ok(!decode_link(RTM_NEWADDR, 0, 0, NULL, &link), "nor is an address's");
	struct links links = {2, {{.name = "eth0"}, {.name = "eth1", .carrier = true}}};
	char names[32];
	links_names(&links, names, sizeof names);
	is(names, "eth0, eth1", "names for a message");
	is(links_choose(&links)->name, "eth1", "the one with a carrier is chosen");
	links.count = 1;
	ok(links_choose(&links) == NULL, "none without");
}

/* Walks the batch and counts its messages by type; -1 when the framing is wrong. */
static int count_messages(const struct netlink_batch *batch, uint16_t type)
{
	size_t left = batch->size;
	int count = 0;
	uint32_t sequence = 0;
	for (const struct nlmsghdr *m = (void *)batch->data; left; m = NLMSG_NEXT(m, left)) {
		if (!NLMSG_OK(m, left) || m->nlmsg_seq != ++sequence)
			return -1;
		count += m->nlmsg_type == type;
	}
	return count;
}

/* Sixteen networks of the largest kind fit; internal ones have two rules, others three or two. */
static void test_networks(uint16_t rule_type)
{
	struct network_bridge list[BRIDGES_MAX];
	const struct network_bridge *bridges[BRIDGES_MAX];
	for (unsigned i = 0; i < BRIDGES_MAX; i++) {
		list[i] = bridge_standard();
		memcpy(list[i].device, "a-longest-name0", IFNAMSIZ);
		list[i].prefix6 = 64;
		list[i].internal = i == 0;
		list[i].untranslated = i == 1;
		bridges[i] = &list[i];
	}
	const struct nftables_rules rules = {bridges, BRIDGES_MAX, NULL, 0};
	struct error err = ERROR_INIT;
	struct netlink_batch batch;
	size_t size = nftables_size(BRIDGES_MAX, 0);
	_cleanup_free_ void *storage = malloc(size);
	netlink_batch_init(&batch, storage, size);
	int built = nftables_build(&batch, &rules, &err);
	ok(built == 0, "rules for %d networks fit (%zu of %zu bytes)",
	   BRIDGES_MAX, batch.size, size);
	ok(count_messages(&batch, rule_type) ==
		   2 + 2 * (1 + 2 + 2 + 3 * (BRIDGES_MAX - 2)) - 1,
	   "with their rules, and those of IPv6");
}

/* A port of both families, at one address of each, on a network that has both. */
static void test_addresses(uint16_t rule_type)
{
	static const char *const texts[] = {"80:80", "127.0.0.1:80:80", "[::1]:80:80", "0.0.0.0:80:80",
					    "[::]:80:80", "192.0.2.1:80:80", "[fd00::1]:80:80"};
	static const int rules_of[] = {4, 1, 1, 2, 2, 2, 2};
	struct network_bridge bridge = bridge_standard();
	const struct network_bridge *const bridges[] = {&bridge};
	bridge.prefix6 = 64;
	for (size_t i = 0; i < countof(texts); i++) {
		struct error err = ERROR_INIT;
		struct nftables_port port = {.address.s_addr = 1, .address6 = IN6ADDR_LOOPBACK_INIT};
		const struct nftables_rules rules = {bridges, 1, &port, 1}, none = {bridges, 1, &port, 0};
		struct netlink_batch with, without;
		_cleanup_free_ void *one = malloc(nftables_size(1, 1)), *other = malloc(nftables_size(1, 1));
		netlink_batch_init(&with, one, nftables_size(1, 1));
		netlink_batch_init(&without, other, nftables_size(1, 1));
		int built = port_mapping_parse(texts[i], &port.mapping, &err) < 0 ||
			    nftables_build(&with, &rules, &err) < 0 ||
			    nftables_build(&without, &none, &err) < 0;
		ok(!built && count_messages(&with, rule_type) - count_messages(&without, rule_type) ==
				     rules_of[i],
		   "%s: %d rules, %zu bytes", texts[i], rules_of[i], with.size - without.size);
	}
}

static void test_nftables(void)
{
	const struct network_bridge bridge = bridge_standard();
	const struct network_bridge *const bridges[] = {&bridge};
	const struct in_addr container = {htonl(ntohl(bridge.gateway.s_addr) + 1)};
	struct nftables_port ports[NFTABLES_PORTS_MAX];
	for (unsigned i = 0; i < NFTABLES_PORTS_MAX; i++)
		ports[i] = (struct nftables_port){
			.owner = 1, .address = container, .address6 = IN6ADDR_LOOPBACK_INIT,
			.mapping = {.machine = (uint16_t)(1000 + i), .container = 80, .udp = i & 1}};
	struct nftables_rules rules = {bridges, 1, ports, 0};
	uint16_t rule_type = NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWRULE;
	static const unsigned counts[] = {0, 1, NFTABLES_PORTS_MAX};
	for (size_t i = 0; i < countof(counts); i++) {
		struct error err = ERROR_INIT;
		struct netlink_batch batch;
		_cleanup_free_ void *storage = malloc(nftables_size(1, counts[i]));
		netlink_batch_init(&batch, storage, nftables_size(1, counts[i]));
		rules.port_count = counts[i];
		int built = nftables_build(&batch, &rules, &err);
		ok(built == 0,
		   "rules for %u ports fit in their %zu "
		   "bytes (%zu used)",
		   counts[i], batch.capacity, batch.size);
		ok(count_messages(&batch, rule_type) == (int)(5 + 2 * counts[i]),
		   "five rules and two for each port");
		ok(count_messages(&batch, NFNL_MSG_BATCH_BEGIN) == 1 &&
			   count_messages(&batch, NFNL_MSG_BATCH_END) == 1,
		   "in one transaction");
	}
	test_networks(rule_type);
	test_addresses(rule_type);
	rules.port_count = NFTABLES_PORTS_MAX;
	_Alignas(struct nlmsghdr) uint8_t small[256];
	struct netlink_batch batch;
	struct error err = ERROR_INIT;
	netlink_batch_init(&batch, small, sizeof small);
	ok(nftables_build(&batch, &rules, &err) < 0, "a batch that is too small");
	is(err.text, "packet filter rules: 128 ports do not fit in 256 bytes", "is refused");
}

static void test_bridge(void)
{
	char text[IPV4_TEXT];
	uint8_t mac[6];
	struct network_bridge bridge = bridge_standard();
	ipv4_format(bridge_subnet(&bridge), text);
	is(text, "172.17.0.0", "the standard network");
	struct in_addr container = {htonl(ntohl(bridge.gateway.s_addr) + 1)};
	bridge_mac(container, mac);
	ok(memcmp(mac, "\x02\x42\xac\x11\x00\x02", 6) == 0, "a container's MAC address");
}

int main(void)
{
	test_builder();
	test_attributes();
	test_links();
	test_nftables();
	test_bridge();
	return tap_end();
}
