// SPDX-License-Identifier: Apache-2.0
#include "init/net/ipv4.h"
#include "init/net/network.h"
#include "lib/cleanup.h"
#include "lib/tap.h"

#include <arpa/inet.h>

static const char *six(const struct in6_addr *address)
{
	static char text[INET6_ADDRSTRLEN];
	return inet_ntop(AF_INET6, address, text, sizeof text);
}

/* What is set, in words, or the error. */
static const char *describe(const char *text)
{
	static char out[1024];
	struct ip_config c;
	struct error err = ERROR_INIT;
	char a[IPV4_TEXT];
	size_t used = 0;
	if (ip_config_parse(text, &c, &err) < 0) {
		snprintf(out, sizeof out, "%s", err.text);
		return out;
	}
	out[0] = 0;
#define ADD(...) (used += (size_t)snprintf(out + used, sizeof out - used, __VA_ARGS__))
	if (c.client.s_addr) {
		ipv4_format(c.client, a);
		ADD("%s/%u ", a, c.prefix);
	}
	if (c.gateway.s_addr) {
		ipv4_format(c.gateway, a);
		ADD("gw=%s ", a);
	}
	if (c.prefix6)
		ADD("%s/%u ", six(&c.client6), c.prefix6);
	if (!IN6_IS_ADDR_UNSPECIFIED(&c.gateway6))
		ADD("gw=%s ", six(&c.gateway6));
	if (c.device[0])
		ADD("dev=%s ", c.device);
	if (c.hostname[0])
		ADD("host=%s ", c.hostname);
	for (unsigned i = 0; i < c.dns_count; i++) {
		ipv4_format(c.dns[i], a);
		ADD("dns=%s ", a);
	}
	for (unsigned i = 0; i < c.dns6_count; i++)
		ADD("dns=%s ", six(&c.dns6[i]));
	if (!IN6_IS_ADDR_UNSPECIFIED(&c.ntp6))
		ADD("ntp=%s ", six(&c.ntp6));
	if (c.ntp.s_addr) {
		ipv4_format(c.ntp, a);
		ADD("ntp=%s ", a);
	}
	if (c.client_id[0])
		ADD("id=%u,%s ", c.client_id_type, c.client_id);
	ADD("%s%s", c.dhcp ? "dhcp" : "", c.off ? "off" : "");
	if (used && out[used - 1] == ' ')
		out[used - 1] = 0;
	return out;
}

static const struct {
	const char *text, *want;
} table[] = {
	{"", "dhcp"},
	{"[fd00::5]", "fd00::5/64"},
	{"[fd00::5]::[fd00::1]:56:box:eth1:off:[fd00::53]:9.9.9.9:[fd00::7b]",
	 "fd00::5/56 gw=fd00::1 dev=eth1 host=box dns=9.9.9.9 dns=fd00::53 ntp=fd00::7b"},
	{"[fd00::5]:[fd00::2]:[fe80::1]::::none", "fd00::5/64 gw=fe80::1"},
	{"10.0.0.2:::24::::[fd00::53]", "10.0.0.2/24 dns=fd00::53"},
	{":::::eth0:dhcp:[fd00::53]", "dev=eth0 dns=fd00::53 dhcp"},
	{"[fd00::5]:::129", "ip=: <netmask> \"129\" is not the length of a prefix, 1 to 128"},
	{"[fd00::5]:::255.255.255.0",
	 "ip=: <netmask> \"255.255.255.0\" is not the length of a prefix, 1 to 128"},
	{"[fd00::5", "ip=: <client-ip> \"[fd00\" is not an IPv6 address like [fd00::5]"},
	{"fd00::5", "ip=: <client-ip> \"fd00\" is not an IPv4 address like 10.0.2.15"},
	{"[]", "ip=: <client-ip> \"[]\" is not an IPv6 address like [fd00::5]"},
	{"[::1]", "ip=: <client-ip> \"[::1]\" is not an address that a host can have"},
	{"[::ffff:1.2.3.4]", "ip=: <client-ip> \"[::ffff:1.2.3.4]\" is not an address that a host can have"},
	{"[fd00::5]::10.0.0.1", "ip=: <gw-ip> \"10.0.0.1\" is IPv4, and <client-ip> is IPv6"},
	{"10.0.0.2::[fd00::1]:24", "ip=: <gw-ip> \"[fd00::1]\" needs a <client-ip> of IPv6"},
	{"::[fd00::1]", "ip=: <gw-ip> \"[fd00::1]\" needs a <client-ip> of IPv6"},
	{"[fd00::5]::[fd00::5]", "ip=: <gw-ip> \"[fd00::5]\" is the <client-ip> itself"},
	{"[fd00::5]::::::dhcp",
	 "ip=: <autoconf> \"dhcp\" contradicts the given <client-ip>: leave one of them out"},
	{"dhcp", "dhcp"},
	{"on", "dhcp"},
	{"any", "dhcp"},
	{"off", "off"},
	{"none", "off"},
	{":::::eth0:dhcp", "dev=eth0 dhcp"},
	{"::::host:eth0:dhcp", "dev=eth0 host=host dhcp"},
	{"::::box.example.org::", "host=box dhcp"},
	{"::::box::off", "host=box off"},
	{"dhcp,1,02:42", "id=1,02:42 dhcp"},
	{"dhcp,0,machine-7", "id=0,machine-7 dhcp"},
	{"::::::dhcp,255,x", "id=255,x dhcp"},
	{"10.0.2.15", "10.0.2.15/8"},
	{"172.20.1.2", "172.20.1.2/16"},
	{"192.168.7.2", "192.168.7.2/24"},
	{"10.0.2.15::10.0.2.2:255.255.255.0::eth0:off", "10.0.2.15/24 gw=10.0.2.2 dev=eth0"},
	{"10.0.2.15::10.0.2.2:24", "10.0.2.15/24 gw=10.0.2.2"},
	{"10.0.2.15:10.0.2.2:10.0.2.2:24:n:eth0:none:10.0.2.3:1.1.1.1:10.0.2.4",
	 "10.0.2.15/24 gw=10.0.2.2 dev=eth0 host=n dns=10.0.2.3 dns=1.1.1.1 ntp=10.0.2.4"},
	{"10.0.2.15:::24:::any::1.1.1.1", "10.0.2.15/24 dns=1.1.1.1"},
	{"10.0.2.15::192.0.2.1:32", "10.0.2.15/32 gw=192.0.2.1"},
	{"10.0.2.14::10.0.2.15:31", "10.0.2.14/31 gw=10.0.2.15"},
	{":::::: :", "ip=: <autoconf> \" \" is none of dhcp, on, any, off, none"},
	{"dchp", "ip=: <client-ip> \"dchp\" is not an IPv4 address like 10.0.2.15"},
	{"10.0.2", "ip=: <client-ip> \"10.0.2\" is not an IPv4 address like 10.0.2.15"},
	{"10.0.2.256", "ip=: <client-ip> \"10.0.2.256\" is not an IPv4 address like 10.0.2.15"},
	{"10.0.02.1", "ip=: <client-ip> \"10.0.02.1\" is not an IPv4 address like 10.0.2.15"},
	{"10.0.2.15.1", "ip=: <client-ip> \"10.0.2.15.1\" is not an IPv4 address like 10.0.2.15"},
	{"127.0.0.1", "ip=: <client-ip> \"127.0.0.1\" is not an address that a host can have"},
	{"224.0.0.1:::24", "ip=: <client-ip> \"224.0.0.1\" is not an address that a host can have"},
	{"10.0.2.0:::24",
	 "ip=: <client-ip> \"10.0.2.0\" is the network or broadcast address of its subnet"},
	{"10.0.2.255:::24",
	 "ip=: <client-ip> \"10.0.2.255\" is the network or broadcast address of its subnet"},
	{"10.0.2.15::10.0.3.1:24",
	 "ip=: <gw-ip> \"10.0.3.1\" is not in the subnet of <client-ip> 10.0.2.15/24"},
	{"10.0.2.15::10.0.2.15:24", "ip=: <gw-ip> \"10.0.2.15\" is the <client-ip> itself"},
	{"10.0.2.15::gw:24", "ip=: <gw-ip> \"gw\" is not an IPv4 address like 10.0.2.15"},
	{"::10.0.2.2::::dhcp", "ip=: <gw-ip> \"10.0.2.2\" needs a <client-ip>"},
	{"10.0.2.15:::255.0.255.0", "ip=: <netmask> \"255.0.255.0\" is neither a mask like "
				    "255.255.255.0 nor a length from 1 to 32"},
	{"10.0.2.15:::33",
	 "ip=: <netmask> \"33\" is neither a mask like 255.255.255.0 nor a length from 1 to 32"},
	{"10.0.2.15:::0",
	 "ip=: <netmask> \"0\" is neither a mask like 255.255.255.0 nor a length from 1 to 32"},
	{"10.0.2.15:::24:::dhcp",
	 "ip=: <autoconf> \"dhcp\" contradicts the given <client-ip>: leave one of them out"},
	{"bootp", "ip=: <autoconf> \"bootp\" is a protocol that is not supported, dhcp is"},
	{"::::::both", "ip=: <autoconf> \"both\" is a protocol that is not supported, dhcp is"},
	{"::::-bad:eth0:dhcp",
	 "ip=: <hostname> \"-bad\" may hold only letters, digits and inner '-'"},
	{"::::a_b", "ip=: <hostname> \"a_b\" may hold only letters, digits and inner '-'"},
	{":::::interface-name-16:dhcp",
	 "ip=: <device> \"interface-name-16\" is longer than 15 characters"},
	{":::::lo:dhcp", "ip=: <device> \"lo\" is the loopback device"},
	{":::::a/b:dhcp", "ip=: <device> \"a/b\" is not a device name"},
	{"::::::dhcp,256,x",
	 "ip=: <autoconf> \"dhcp,256,x\" has a client identifier type that is not 0 to 255"},
	{"::::::dhcp,1",
	 "ip=: <autoconf> \"dhcp,1\" is not dhcp,TYPE,VALUE with a value of 1 to 63 characters"},
	{"::::::dhcp:8.8.8", "ip=: <dns0-ip> \"8.8.8\" is not an IPv4 address like 10.0.2.15"},
	{"::::::dhcp::x", "ip=: <dns1-ip> \"x\" is not an IPv4 address like 10.0.2.15"},
	{"::::::dhcp:::y", "ip=: <ntp0-ip> \"y\" is not an IPv4 address like 10.0.2.15"},
	{"::::::dhcp::::z", "ip=: more than 10 fields, \":z\" is too much"},
	{"fe80::1", "ip=: <client-ip> \"fe80\" is not an IPv4 address like 10.0.2.15"},
};

int main(void)
{
	for (size_t i = 0; i < countof(table); i++)
		is(describe(table[i].text), table[i].want, table[i].text);
	char longer[300];
	memset(longer, ':', sizeof longer - 1);
	longer[sizeof longer - 1] = 0;
	is(describe(longer), "ip=: longer than 255 characters", "an over-long value");
	return tap_end();
}
