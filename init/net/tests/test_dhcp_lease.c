// SPDX-License-Identifier: Apache-2.0
#include "init/net/dhcp_lease.h"
#include "init/net/ipv4.h"
#include "lib/cleanup.h"
#include "lib/tap.h"

#include <stdlib.h>

static const char *text_of(struct in_addr address)
{
	static char ring[4][IPV4_TEXT];
	static int next;
	char *out = ring[next++ % 4];
	ipv4_format(address, out);
	return out;
}

static const char *lease_text(const struct dhcp_lease *lease)
{
	static char out[1024];
	size_t used = (size_t)snprintf(out, sizeof out, "%d %s", lease->event, lease->device);
	if (lease->event != DHCP_BOUND)
		return out;
	used += (size_t)snprintf(out + used, sizeof out - used, " %s/%u via %s ntp %s %us \"%s\"",
				 text_of(lease->address), lease->prefix, text_of(lease->router),
				 text_of(lease->ntp), lease->lifetime, lease->domain);
	for (unsigned i = 0; i < lease->dns_count; i++)
		used += (size_t)snprintf(out + used, sizeof out - used, " %s",
					 text_of(lease->dns[i]));
	return out;
}

#define FULL "interface=eth0", "ip=10.0.2.15", "subnet=255.255.255.0"

static const struct {
	const char *name, *event;
	char *environment[12];
	const char *want;
} table[] = {
	{"a whole lease",
	 "bound",
	 {FULL, "mask=24", "router=10.0.2.2", "dns=10.0.2.3 1.1.1.1", "ntpsrv=10.0.2.4",
	  "lease=86400", "domain=lan.example", "serverid=10.0.2.2"},
	 "2 eth0 10.0.2.15/24 via 10.0.2.2 ntp 10.0.2.4 86400s \"lan.example\" 10.0.2.3 1.1.1.1"},
	{"a renewal is the same",
	 "renew",
	 {FULL},
	 "2 eth0 10.0.2.15/24 via 0.0.0.0 ntp 0.0.0.0 0s \"\""},
	{"the mask as a length",
	 "bound",
	 {"interface=eth0", "ip=10.0.2.15", "mask=20"},
	 "2 eth0 10.0.2.15/20 via 0.0.0.0 ntp 0.0.0.0 0s \"\""},
	{"/32",
	 "bound",
	 {"interface=eth0", "ip=10.0.2.15", "mask=32", "router=10.0.2.1"},
	 "2 eth0 10.0.2.15/32 via 10.0.2.1 ntp 0.0.0.0 0s \"\""},
	{"the first usable router",
	 "bound",
	 {FULL, "router=127.0.0.1 junk 10.0.2.9 10.0.2.8"},
	 "2 eth0 10.0.2.15/24 via 10.0.2.9 ntp 0.0.0.0 0s \"\""},
	{"unusable resolvers are left out",
	 "bound",
	 {FULL, "dns=127.0.0.53 0.0.0.0 9.9.9.9"},
	 "2 eth0 10.0.2.15/24 via 0.0.0.0 ntp 0.0.0.0 0s \"\" 9.9.9.9"},
	{"at most four resolvers",
	 "bound",
	 {FULL, "dns=1.1.1.1 1.1.1.2 1.1.1.3 1.1.1.4 1.1.1.5"},
	 "2 eth0 10.0.2.15/24 via 0.0.0.0 ntp 0.0.0.0 0s \"\" 1.1.1.1 1.1.1.2 1.1.1.3 1.1.1.4"},
	{"an infinite lease",
	 "bound",
	 {FULL, "lease=4294967295"},
	 "2 eth0 10.0.2.15/24 via 0.0.0.0 ntp 0.0.0.0 0s \"\""},
	{"a very short lease",
	 "bound",
	 {FULL, "lease=1"},
	 "2 eth0 10.0.2.15/24 via 0.0.0.0 ntp 0.0.0.0 30s \"\""},
	{"a domain with a newline is left out",
	 "bound",
	 {FULL, "domain=a\nnameserver 6.6.6.6"},
	 "2 eth0 10.0.2.15/24 via 0.0.0.0 ntp 0.0.0.0 0s \"\""},
	{"deconfig", "deconfig", {"interface=eth0"}, "1 eth0"},
	{"leasefail", "leasefail", {"interface=eth0"}, "3 eth0"},
	{"nak", "nak", {"interface=eth0"}, "3 eth0"},
	{"an unknown event", "stop", {FULL}, "(nothing)"},
	{"no device", "bound", {"ip=10.0.2.15"}, "DHCP lease: no usable device name"},
	{"a long device",
	 "deconfig",
	 {"interface=aaaaaaaaaaaaaaaa"},
	 "DHCP lease: no usable device name"},
	{"a device with a blank",
	 "deconfig",
	 {"interface=a b"},
	 "DHCP lease: \"a b\" is not a device name"},
	{"no address", "bound", {"interface=eth0"}, "DHCP lease: bad address \"(none)\""},
	{"not an address",
	 "bound",
	 {"interface=eth0", "ip=1.2.3"},
	 "DHCP lease: bad address \"1.2.3\""},
	{"no mask",
	 "bound",
	 {"interface=eth0", "ip=10.0.2.15"},
	 "DHCP lease: bad netmask \"(none)\""},
	{"a mask with holes",
	 "bound",
	 {"interface=eth0", "ip=10.0.2.15", "subnet=255.0.255.0"},
	 "DHCP lease: bad netmask \"255.0.255.0\""},
	{"a mask of 0",
	 "bound",
	 {"interface=eth0", "ip=10.0.2.15", "subnet=0.0.0.0"},
	 "DHCP lease: 10.0.2.15/0 is not a host in a subnet"},
	{"loopback",
	 "bound",
	 {"interface=eth0", "ip=127.0.0.2", "mask=8"},
	 "DHCP lease: 127.0.0.2 is not an address that a host can have"},
	{"multicast",
	 "bound",
	 {"interface=eth0", "ip=224.0.0.9", "mask=24"},
	 "DHCP lease: 224.0.0.9 is not an address that a host can have"},
	{"the broadcast address",
	 "bound",
	 {"interface=eth0", "ip=10.0.2.255", "mask=24"},
	 "DHCP lease: 10.0.2.255/24 is not a host in a subnet"},
	{"the router is ourselves",
	 "bound",
	 {FULL, "router=10.0.2.15"},
	 "DHCP lease: router 10.0.2.15 is the leased address itself"},
	{"a bad lease time", "bound", {FULL, "lease=-1"}, "DHCP lease: bad lease time \"-1\""},
};

static void test_environment(void)
{
	for (size_t i = 0; i < countof(table); i++) {
		struct dhcp_lease lease, back;
		struct error err = ERROR_INIT;
		int known = dhcp_lease_from_environment(table[i].event, table[i].environment,
							&lease, &err);
		is(known < 0    ? err.text
		   : known == 0 ? "(nothing)"
				: lease_text(&lease),
		   table[i].want, table[i].name);
		if (known <= 0)
			continue;
		uint8_t storage[DHCP_FRAME_MAX];
		struct frame frame;
		dhcp_lease_encode(&lease, &frame, storage, sizeof storage);
		frame.at = 1;
		int decoded = dhcp_lease_decode(&frame, &back, &err);
		ok(decoded == 0, "%s: its frame is accepted", table[i].name);
		is(decoded < 0 ? err.text : lease_text(&back), table[i].want, "and says the same");
	}
}

/* A frame of a lease that is right but for what `change` does to it. */
static const char *decode(void (*change)(struct dhcp_lease *lease, struct frame *frame))
{
	static struct error err;
	struct dhcp_lease lease = {.event = DHCP_BOUND, .device = "eth0", .prefix = 24}, back;
	struct frame frame;
	uint8_t storage[DHCP_FRAME_MAX];
	ipv4_parse("10.0.2.15", &lease.address);
	change(&lease, NULL);
	dhcp_lease_encode(&lease, &frame, storage, sizeof storage);
	frame.at = 1;
	change(&lease, &frame);
	memset(&err, 0, sizeof err);
	return dhcp_lease_decode(&frame, &back, &err) < 0 ? err.text : "accepted";
}

static void unchanged(struct dhcp_lease *lease, struct frame *frame)
{
	(void)lease;
	(void)frame;
}

static void bad_type(struct dhcp_lease *lease, struct frame *frame)
{
	(void)lease;
	if (frame)
		frame->type = 9;
}

static void cut(struct dhcp_lease *lease, struct frame *frame)
{
	(void)lease;
	if (frame)
		frame->size--;
}

static void appended(struct dhcp_lease *lease, struct frame *frame)
{
	(void)lease;
	if (frame)
		frame->data[frame->size++] = 0;
}

static void loopback_resolver(struct dhcp_lease *lease, struct frame *frame)
{
	(void)frame;
	lease->dns_count = 1;
	ipv4_parse("127.0.0.1", &lease->dns[0]);
}

static void forged_domain(struct dhcp_lease *lease, struct frame *frame)
{
	(void)frame;
	strcpy(lease->domain, "a\nnameserver 6.6.6.6");
}

static void test_frames(void)
{
	is(decode(unchanged), "accepted", "a good frame");
	is(decode(bad_type), "DHCP lease: unknown message type 9", "a frame of another type");
	is(decode(cut), "DHCP lease: malformed message of 60 bytes", "a frame cut short");
	is(decode(appended), "DHCP lease: malformed message of 62 bytes", "a frame with a tail");
	is(decode(loopback_resolver),
	   "DHCP lease: name server 1 is not an address that a host can have",
	   "PID 1 does not take what the script would not have sent");
	is(decode(forged_domain), "DHCP lease: bad domain \"a?nameserver 6.6.6.6\"",
	   "a line cannot be smuggled into resolv.conf");
}

static void test_resolv_conf(void)
{
	char out[512], small[39];
	struct in_addr dns[2];
	ipv4_parse("10.0.2.3", &dns[0]);
	ipv4_parse("1.1.1.1", &dns[1]);
	resolv_conf_format("lan.example", dns, 2, out, sizeof out);
	is(out, "search lan.example\nnameserver 10.0.2.3\nnameserver 1.1.1.1\n", "resolv.conf");
	resolv_conf_format("", NULL, 0, out, sizeof out);
	is(out, "", "an empty resolv.conf");
	resolv_conf_format("", dns, 2, small, sizeof small);
	is(small, "nameserver 10.0.2.3\n", "only whole lines");
}

int main(void)
{
	test_environment();
	test_frames();
	test_resolv_conf();
	return tap_end();
}
