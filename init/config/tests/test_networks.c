// SPDX-License-Identifier: Apache-2.0
/* Networks of containers: what is said of them, addresses, the frame to PID 1, and hosts files. */
#include "init/config/networks.h"

#include "init/config/keys.h"
#include "init/config/machine_codec.h"
#include "init/config/services.h"
#include "init/net/ipv4.h"
#include "init/supervise/hosts.h"
#include "lib/tap.h"

#include <arpa/inet.h>

static struct machine machine;
static struct error err;

static int set(const char *key, const char *value)
{
	err = (struct error){0};
	return setting_key_find(key)->apply(&machine, value, &err);
}

static void begin(void)
{
	machine_init(&machine);
}

static void service(const char *name)
{
	if (machine.container->service)
		machine_add_container(&machine, &err);
	set("service.name", name);
	set("berth.name", name);
	set("berth.image", "x");
}

static const struct network_endpoint *endpoint(unsigned container, unsigned number)
{
	const struct network_attachment *at = machine.containers[container]->attachments;
	while (at && number--)
		at = at->next;
	return at ? &at->endpoint : NULL;
}

static const char *address(unsigned container, unsigned number)
{
	static char text[IPV4_TEXT];
	const struct network_endpoint *found = endpoint(container, number);
	ipv4_format(found ? found->address : (struct in_addr){0}, text);
	return text;
}

static const char *address6(unsigned container, unsigned number)
{
	static char text[INET6_ADDRSTRLEN];
	return inet_ntop(AF_INET6, &endpoint(container, number)->address6, text, sizeof text);
}

static void test_refusals(void)
{
	static const struct {
		const char *network, *why;
	} rows[] = {
		{"n,subnet=10.0.0.1/24", "the network is 10.0.0.0/24"},
		{"n,subnet=10.0.0.0/31", "from 8 to 30 bits"},
		{"n,subnet=10.0.0.0/7", "from 8 to 30 bits"},
		{"n,subnet=10.0.0.0", "is not a network"},
		{"n,subnet=127.0.0.0/8", "is not a network"},
		{"n,subnet=999.0.0.0/8", "is not a network"},
		{"n,gateway=10.0.0.1", "needs a subnet"},
		{"n,subnet=10.0.0.0/24,gateway=10.0.1.1", "no address of a host in the subnet"},
		{"n,subnet=10.0.0.0/24,gateway=10.0.0.255", "no address of a host in the subnet"},
		{"n,subnet=10.0.0.0/24,range=10.0.1.0/25", "the range is not in the subnet"},
		{"n,subnet=10.0.0.0/24,range=10.0.0.0/16", "the range is not in the subnet"},
		{"n,subnet=10.0.0.0/24,taken=10.1.0.1", "that is taken is in no subnet"},
		{"n,subnet=10.0.0.0/24,taken=fd00::1", "that is taken is in no subnet"},
		{"n,subnet6=fd00::/64,range=fd01::/80", "the IPv6 range is not in the subnet"},
		{"n,subnet=10.0.0.0/24,range=fd00::/80", "the IPv6 range is not in the subnet"},
		{"n,no-ipv4", "needs IPv6"},
		{"n,no-ipv4,subnet=10.0.0.0/24", "has no IPv4 subnet"},
		{"n,source=224.0.0.1", "is not an address of a host"},
		{"n,inside=a-long-prefix0", "is longer than 13"},
		{"n,inside=..", "not a name of a network device"},
		{"n,subnet6=fd00::1/64", "not the network"},
		{"n,subnet6=fd00::/127", "from 8 to 126 bits"},
		{"n,subnet6=ff02::/64", "is not an IPv6 network"},
		{"n,subnet6=fd00::/64,gateway6=fd01::1", "not in the subnet"},
		{"n,subnet6=fd00::/64,mtu=1000", "IPv6 needs an MTU of 1280"},
		{"n,mtu=67", "is not an MTU"},
		{"n,mtu=65536", "is not an MTU"},
		{"n,device=a/b", "not a name of a network device"},
		{"n,device=longer-than-15-c", "not a name of a network device"},
		{"n,device=veth1", "ends of pairs"},
		{"n,device=..", "not a name of a network device"},
		{"n,fast", "a network has no \"fast\""},
		{"a b", "is not a name"},
		{"", "is not a name"},
		{"old,subnet=10.9.0.0/24", "there are two networks old"},
		{"n,subnet=10.8.0.0/16", "some of its addresses are those of network old"},
		{"n,subnet6=fd08:0:0:1::/64", "some of its IPv6 addresses are those of network old"},
		{"n,device=bridge8", "its device bridge8 is that of network old"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		begin();
		ok(set("machine.network", "old,subnet=10.8.1.0/24,subnet6=fd08::/48,device=bridge8") == 0,
		   "one network");
		ok(set("machine.network", rows[i].network) < 0 && strstr(err.text, rows[i].why),
		   "%s: %s", rows[i].network, err.text);
	}
}

static void test_places(void)
{
	static const struct {
		const char *place, *why;
	} rows[] = {
		{"m", "there is no network m"},
		{"n,address=10.8.2.1", "none of a host in the network's subnet"},
		{"n,address=10.8.1.0", "none of a host in the network's subnet"},
		{"n,address=10.8.1.1", "the machine's own"},
		{"n,address=10.8.1.9", "the address is that of first"},
		{"n,address6=fd09::1", "not in the network's subnet"},
		{"n,address6=fd08::1", "the machine's own"},
		{"plain,address=172.18.0.2", "needs a network with ipam.config"},
		{"n,mac=01:00:00:00:00:01", "is not a MAC address of a host"},
		{"n,mac=02:00:00:00:00", "is not a MAC address of a host"},
		{"n,mac=00:00:00:00:00:00", "is not a MAC address of a host"},
		{"n,alias=a b", "is not a name"},
		{"n,link-local=10.0.0.1", "is not a link-local address"},
		{"n,link-local=fd00::1", "is not a link-local address"},
		{"n,link-local=x", "is not an address of a host"},
		{"n,link-local=169.254.0.1,link-local=169.254.0.2,link-local=169.254.0.3,link-local=169.254.0.4,"
		 "link-local=fe80::1", "more than 4 link-local addresses"},
		{"n,gateway-priority=x", "is not a priority"},
		{"n,colour=red", "has no \"colour\""},
		{"other", "it is on network other twice"},
		{"n,device=eth7", "its device on two networks is eth7"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		begin();
		set("machine.network", "n,subnet=10.8.1.0/24,subnet6=fd08::/64");
		set("machine.network", "plain");
		set("machine.network", "other");
		service("first");
		ok(set("service.network", "n,address=10.8.1.9") == 0, "one place: %s", err.text);
		service("second");
		ok(set("service.network", "other,device=eth7") == 0, "another: %s", err.text);
		ok(set("service.network", rows[i].place) < 0 && strstr(err.text, rows[i].why), "%s: %s",
		   rows[i].place, err.text);
	}
}

/* web on front; app on both; db on back, which is internal and has IPv6; alone on nothing. */
static void describe(void)
{
	begin();
	set("machine.network", "front");
	set("machine.network", "back,subnet=10.8.1.0/24,gateway=10.8.1.254,range=10.8.1.128/25,"
			       "taken=10.8.1.129,subnet6=fd08::/64,internal,mtu=1400,source=10.8.1.7");
	service("web");
	set("service.network", "front,alias=www,link-local=169.254.7.7");
	service("app");
	set("service.network", "back,alias=api,mac=02:00:00:00:00:07");
	set("service.network", "front,alias=app-front,gateway-priority=-1");
	set("service.link", "web:page");
	service("db");
	set("service.network", "back,address=10.8.1.130,address6=fd08::2");
	service("alone");
	service("side");
	set("service.network-of", "db");
	service("host");
	set("berth.network", "host");
	ok(machine_complete(&machine, &err) == 0, "a machine with two networks: %s", err.text);
}

static void test_addresses(void)
{
	describe();
	ok(machine.network_count == 3, "and one for who is on none of them");
	is(machine.networks[0]->bridge.device, "berth0", "devices are numbered");
	is(machine.networks[1]->bridge.device, "berth1", "");
	is(address(0, 0), "172.17.0.2", "the first address of the first network");
	is(address(1, 0), "10.8.1.128", "the first one of a range");
	is(address(1, 1), "172.17.0.3", "the next one of the other network");
	is(address(2, 0), "10.8.1.130", "a fixed one");
	is(address(3, 0), "172.18.0.2", "a network of its own");
	is(address6(1, 0), "fd08::3", "the first IPv6 address that nobody has");
	is(address6(2, 0), "fd08::2", "a fixed one");
	is(endpoint(1, 0)->device, "eth0", "devices in a container are numbered");
	is(endpoint(1, 1)->device, "eth1", "");
	ok(!endpoint(1, 0)->leads_out && endpoint(1, 1)->leads_out,
	   "the way out is not by an internal network");
	ok(!endpoint(2, 0)->leads_out, "and may be none");
	ok(machine.networks[1]->bridge.mtu == 1400, "an MTU");
	ok(networks_complete(&machine, &err) == 0 && machine.network_count == 3, "again: %s", err.text);
	is(address(1, 0), "10.8.1.128", "it is all the same");
}

static void test_pool(void)
{
	char name[16];
	begin();
	set("machine.network", "given,subnet=172.18.0.0/15");
	for (int i = 0; i < MACHINE_NETWORKS_MAX - 1; i++) {
		snprintf(name, sizeof name, "n%d", i);
		ok(set("machine.network", name) == 0, "network %d", i);
	}
	ok(set("machine.network", "more") < 0, "and no more: %s", err.text);
	service("a");
	for (int i = 0; i < MACHINE_NETWORKS_MAX - 1; i++) {
		snprintf(name, sizeof name, "n%d", i);
		set("service.network", name);
	}
	ok(machine_complete(&machine, &err) == 0, "a machine: %s", err.text);
	is(address(0, 0), "172.17.0.2", "the first pool");
	is(address(0, 1), "172.20.0.2", "what is given is left out");
	is(address(0, 13), "192.168.0.2", "then smaller ones");
	is(address(0, 14), "192.168.16.2", "");
	begin();
	set("ip", "172.17.3.4::172.17.0.1:255.255.0.0::eth0:off");
	service("a");
	ok(machine_complete(&machine, &err) == 0, "one in the way: %s", err.text);
	is(address(0, 0), "172.18.0.2", "the machine's own network is left out");
	begin();
	set("ip", "10.1.2.3::10.1.2.1:255.255.255.0::eth0:off");
	set("machine.network", "given,subnet=10.0.0.0/8");
	service("a");
	set("service.network", "given");
	ok(machine_complete(&machine, &err) < 0 && strstr(err.text, "those of the machine's own"),
	   "one that is given is refused: %s", err.text);
	begin();
	set("machine.network", "tiny,subnet=10.0.0.0/30");
	service("a");
	set("service.network", "tiny");
	ok(machine_complete(&machine, &err) == 0, "a network of two");
	is(address(0, 0), "10.0.0.2", "has one address");
	service("b");
	set("service.network", "tiny");
	ok(machine_complete(&machine, &err) < 0 && strstr(err.text, "tiny has no address left"),
	   "and no second one: %s", err.text);
}

static const char *hosts_of(unsigned number)
{
	static char block[64 * 1024];
	struct arena arena;
	struct instance instance = {
		.machine = &machine, .config = machine.containers[number], .number = number};
	arena_init(&arena, block, sizeof block);
	const char *text = hosts_file(&instance, instance.config->name, &arena);
	return strstr(text, "ip6-loopback\n") + strlen("ip6-loopback\n");
}

/* Networks of IPv6, alone or beside IPv4; ranges, and how devices are called. */
static void test_ipv6(void)
{
	begin();
	set("machine.network", "six,no-ipv4,subnet6=fd06::/64,range=fd06::80/121,taken=fd06::81,inside=net");
	set("machine.network", "both,subnet6=fd07::/64");
	service("a");
	set("service.network", "six,link-local=169.254.3.4,link-local=fe80::9,gateway-priority=1");
	set("service.network", "both");
	set("berth.port", "[::1]:80:80");
	ok(machine_complete(&machine, &err) == 0, "a machine with IPv6: %s", err.text);
	is(address6(0, 0), "fd06::82", "the first address of a range that nobody has");
	is(address(0, 0), "0.0.0.0", "and no IPv4");
	is(endpoint(0, 0)->device, "net0", "a device by the network's prefix");
	is(endpoint(0, 1)->device, "eth0", "another one by none");
	ok(endpoint(0, 0)->more_count == 2 && endpoint(0, 0)->more[0].prefix == 16 &&
		   endpoint(0, 0)->more[1].prefix == 64,
	   "more addresses, with the length of their kind");
	ok(!endpoint(0, 0)->leads_out && endpoint(0, 0)->leads_out6 && endpoint(0, 1)->leads_out &&
		   !endpoint(0, 1)->leads_out6,
	   "each family has its own way out");
	is(hosts_of(0), "fd06::82\ta\n172.17.0.2\ta\nfd07::2\ta\n", "names at the addresses there are");
	begin();
	service("a");
	set("berth.port", "[::1]:80:80");
	ok(machine_complete(&machine, &err) < 0, "a port at an address without IPv6");
	is(err.text, "port [::1]:80:80/tcp: container a has no IPv6: its network needs enable_ipv6: true",
	   "is refused");
	begin();
	set("ip", "[fd00::5]::[fd00::1]:64:::off");
	service("a");
	set("berth.port", "[::]:80:80");
	ok(machine_complete(&machine, &err) == 0, "behind a machine of IPv6 alone: %s", err.text);
	is(address6(0, 0), "fd62:6572:7468:ffff::2", "a container that says nothing has it, too");
	begin();
	service("a");
	set("berth.port", "127.0.0.1:80:80");
	set("berth.port", "127.0.0.2:80:80");
	ok(machine_complete(&machine, &err) == 0, "one port at two addresses: %s", err.text);
	set("berth.port", "80:81");
	ok(machine_complete(&machine, &err) < 0, "not at all and at one");
	is(err.text, "a and a publish one port of the machine, 80", "is refused");
}

static void test_frame(void)
{
	static unsigned char storage[FRAME_MAX], again[FRAME_MAX];
	static struct machine other;
	struct frame frame, second;
	describe();
	frame_begin(&frame, 1, storage, sizeof storage);
	machine_encode(&frame, &machine);
	frame.at = 1;
	machine_init(&other);
	ok(!frame.bad && machine_decode(&frame, &other, &err) == 0, "PID 1 has it: %s", err.text);
	ok(other.network_count == 3, "with its networks");
	frame_begin(&second, 1, again, sizeof again);
	machine_encode(&second, &other);
	ok(second.size == frame.size && memcmp(storage, again, frame.size) == 0, "as it was");
	for (unsigned i = 0; i < 4; i++)
		ok(memcmp(&other.containers[i]->attachments->endpoint.address,
			  &machine.containers[i]->attachments->endpoint.address,
			  sizeof(struct in_addr)) == 0,
		   "and the address of container %u", i);
	unsigned wrong = 0;
	for (size_t at = 1; at < frame.size; at++) {
		struct frame damaged = frame;
		damaged.at = 1;
		damaged.bad = false;
		storage[at] ^= 0x15;
		machine_init(&other);
		wrong += machine_decode(&damaged, &other, &err) == 0 &&
			 other.network_count > MACHINE_NETWORKS_MAX;
		storage[at] ^= 0x15;
	}
	ok(wrong == 0, "no damaged frame leads out of the bounds");
}

static void test_hosts(void)
{
	describe();
	is(hosts_of(0), "172.17.0.2\tweb www\n172.17.0.3 app app-front\n", "who is on front");
	is(hosts_of(1),
	   "10.8.1.128\tapp api\nfd08::3\tapp api\n172.17.0.3\tapp app-front\n"
	   "10.8.1.130 db\nfd08::2 db\n10.8.1.130 side\nfd08::2 side\n172.17.0.2 web www page\n",
	   "who is on both, with a link");
	is(hosts_of(2), "10.8.1.130\tdb\nfd08::2\tdb\n10.8.1.130 side\nfd08::2 side\n"
			"10.8.1.128 app api\nfd08::3 app api\n",
	   "who is on back");
	is(hosts_of(3), "172.18.0.2\talone\n", "who is on neither");
	is(hosts_of(4), "10.8.1.130\tside\nfd08::2\tside\n10.8.1.128 app api\nfd08::3 app api\n"
			"10.8.1.130 db\nfd08::2 db\n",
	   "who shares a network");
	ok(strstr(hosts_of(5), "172.17.0.2 web www\n10.8.1.128 app api\n") != NULL, "the machine knows all: %s",
	   hosts_of(5));
}

/* Each looks at the one behind it first. */
static void test_replicas(void)
{
	begin();
	for (int i = 1; i <= 3; i++) {
		char name[16];
		service("web");
		snprintf(name, sizeof name, "web-%d", i);
		set("berth.name", name);
	}
	ok(machine_complete(&machine, &err) == 0, "three of one service: %s", err.text);
	is(hosts_of(0), "172.17.0.2\tweb-1 web\n172.17.0.3 web web-2\n172.17.0.4 web web-3\n", "web-1");
	is(hosts_of(1), "172.17.0.3\tweb-2 web\n172.17.0.4 web web-3\n172.17.0.2 web web-1\n", "web-2");
}

int main(void)
{
	test_refusals();
	test_places();
	test_addresses();
	test_pool();
	test_ipv6();
	test_frame();
	test_hosts();
	test_replicas();
	return tap_end();
}
