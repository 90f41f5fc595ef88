// SPDX-License-Identifier: Apache-2.0
/* The texts of what the network has beside one card with one address. */
#include "init/net/plan.h"

#include "lib/cleanup.h"
#include "lib/tap.h"

#include <arpa/inet.h>

static void test_addresses(void)
{
	static const char *const good[] = {"10.0.0.5/24", "10.0.0.0/31", "10.0.0.5/32", "fd00::5/64",
					   "2001:db8::1/128", "fe80::1/64"};
	static const char *const bad[] = {"", "10.0.0.5", "10.0.0.5/33", "10.0.0.0/24", "10.0.0.255/24",
					  "127.0.0.1/8", "224.0.0.1/4", "10.0.0.5/", "10.0.0.5/x", "10.0.0/8",
					  "fd00::5", "fd00::5/129", "::/0", "::1/128", "ff02::1/64",
					  "10.0.0.5/0", "10.0.0.5/ 24", "fd00:::1/64"};
	struct plan_address address;
	struct error err = ERROR_INIT;
	for (size_t i = 0; i < countof(good); i++)
		ok(plan_address_parse(good[i], &address, &err) == 0, "%s", good[i]);
	for (size_t i = 0; i < countof(bad); i++)
		ok(plan_address_parse(bad[i], &address, &err) < 0, "\"%s\": %s", bad[i], err.text);
}

static void test_routes(void)
{
	struct plan_route route;
	struct error err = ERROR_INIT;
	ok(plan_route_parse("10.0.0.0/8=10.0.2.2", &route, &err) == 0 && route.to.prefix == 8 &&
		   route.via.family == AF_INET, "IPv4");
	ok(plan_route_parse("::/0=fe80::1", &route, &err) == 0 && route.to.prefix == 0 &&
		   route.to.family == AF_INET6, "the default route of IPv6");
	static const char *const bad[] = {"", "10.0.0.0/8", "10.0.0.0/8=", "10.0.0.0/8=fd00::1",
					  "::/0=10.0.0.1", "x=10.0.0.1", "10.0.0.0/8=10.0.0.1/24"};
	for (size_t i = 0; i < countof(bad); i++)
		ok(plan_route_parse(bad[i], &route, &err) < 0, "\"%s\": %s", bad[i], err.text);
}

static void test_links(void)
{
	struct plan_link link;
	struct error err = ERROR_INIT;
	ok(plan_link_parse("v5,vlan=5,on=bond0,mtu=1400,address=10.0.0.5/24,address=fd00::5/64", &link,
			   &err) == 0 && link.kind == LINK_VLAN && link.vlan == 5 && link.mtu == 1400 &&
		   link.address_count == 2 && strcmp(link.below, "bond0") == 0, "a VLAN: %s", err.text);
	ok(plan_link_parse("bond0,bond=802.3ad,member=eth0,member=eth1,miimon=50", &link, &err) == 0 &&
		   link.kind == LINK_BOND && link.mode == 4 && link.member_count == 2 &&
		   link.miimon_ms == 50, "a bond: %s", err.text);
	ok(plan_link_parse("eth1", &link, &err) == 0 && link.kind == LINK_CARD && link.miimon_ms == 100,
	   "a card");
	static const char *const bad[] = {
		"", "lo", "berth0", "a/b", "0123456789abcdef", ".", "v,vlan=0,on=eth0", "v,vlan=4095,on=eth0",
		"v,vlan=5", "v,on=eth0", "b,bond=active-backup", "b,member=eth0", "b,bond=fast,member=eth0",
		"b,bond=broadcast,member=eth0,vlan=4,on=eth1", "e,mtu=67", "e,mtu=65536", "e,address=x",
		"e,color=red", "e,", "b,bond=broadcast,member=eth0,miimon=-1", "v,vlan=5,on=lo"};
	for (size_t i = 0; i < countof(bad); i++)
		ok(plan_link_parse(bad[i], &link, &err) < 0 && *err.text, "\"%s\": %s", bad[i], err.text);
}

static void test_resolver(void)
{
	struct network_plan plan = {0};
	char text[200] = "search old.example\nnameserver 10.0.0.1\n";
	plan_resolver(&plan, text, sizeof text);
	is(text, "search old.example\nnameserver 10.0.0.1\n", "nothing of its own");
	plan.dns_count = 1;
	strcpy(plan.dns[0], "fd00::1");
	plan_resolver(&plan, text, sizeof text);
	is(text, "nameserver fd00::1\nsearch old.example\n", "a name server of its own");
	plan.search_count = 2;
	strcpy(plan.search[0], "a.example");
	strcpy(plan.search[1], "b.example");
	plan_resolver(&plan, text, sizeof text);
	is(text, "search a.example b.example\nnameserver fd00::1\n", "and domains");
	ok(plan_dns_check("::1", NULL) == 0 && plan_dns_check("one.example", NULL) < 0 &&
		   plan_search_check("a-b.c", NULL) == 0 && plan_search_check("", NULL) < 0 &&
		   plan_search_check("a b", NULL) < 0, "what is one");
}

int main(void)
{
	test_addresses();
	test_routes();
	test_links();
	test_resolver();
	return tap_end();
}
