// SPDX-License-Identifier: Apache-2.0
#include "init/net/network.h"
#include "lib/cleanup.h"
#include "lib/tap.h"

static const struct {
	const char *text, *want;
} table[] = {
	{"80", "80:80/tcp"},
	{"8080:80", "8080:80/tcp"},
	{"8080:80/tcp", "8080:80/tcp"},
	{"53/udp", "53:53/udp"},
	{"5353:53/udp", "5353:53/udp"},
	{"65535:1", "65535:1/tcp"},
	{"", "port: empty, expected [[ADDRESS:]MACHINE:]CONTAINER[/tcp|/udp]"},
	{"0", "port \"0\": the container port \"0\" is not a number from 1 to 65535"},
	{"65536", "port \"65536\": the container port \"65536\" is not a number from 1 to 65535"},
	{"080", "port \"080\": the container port \"080\" is not a number from 1 to 65535"},
	{"+80", "port \"+80\": the container port \"+80\" is not a number from 1 to 65535"},
	{"80:", "port \"80:\": the container port \"\" is not a number from 1 to 65535"},
	{":80", "port \":80\": the machine port \"\" is not a number from 1 to 65535"},
	{"http:80", "port \"http:80\": the machine port \"http\" is not a number from 1 to 65535"},
	{"80/", "port \"80/\": protocol \"\" is neither tcp nor udp"},
	{"80/sctp", "port \"80/sctp\": protocol \"sctp\" is neither tcp nor udp"},
	{"80/TCP", "port \"80/TCP\": protocol \"TCP\" is neither tcp nor udp"},
	{"127.0.0.1:8080:80", "127.0.0.1:8080:80/tcp"},
	{"0.0.0.0:53:53/udp", "0.0.0.0:53:53/udp"},
	{"192.0.2.7:443:8443/tcp", "192.0.2.7:443:8443/tcp"},
	{"[::1]:80:81", "[::1]:80:81/tcp"},
	{"[::]:80:80/udp", "[::]:80:80/udp"},
	{"[fd00:0::5]:80:80", "[fd00::5]:80:80/tcp"},
	{"127.0.0.1:80", "port \"127.0.0.1:80\": the machine port \"127.0.0.1\" is not a number from 1 to "
			 "65535"},
	{"127.0.0.1::80", "port \"127.0.0.1::80\": the machine port \"\" is not a number from 1 to 65535"},
	{"224.0.0.1:80:80", "port \"224.0.0.1:80:80\": \"224.0.0.1\" is not an address that the machine can "
			    "answer at, such as 127.0.0.1 or [::1]"},
	{"127.0.1:80:80", "port \"127.0.1:80:80\": \"127.0.1\" is not an address that the machine can "
			  "answer at, such as 127.0.0.1 or [::1]"},
	{"[fe80::1]:80:80", "port \"[fe80::1]:80:80\": \"fe80::1\" is not an address that the machine can "
			    "answer at, such as 127.0.0.1 or [::1]"},
	{"::1:80:80", "port \"::1:80:80\": \"\" is not an address that the machine can answer at, such as "
		      "127.0.0.1 or [::1]"},
	{"[::1:80:80", "port \"[::1:80:80\": expected [[ADDRESS:]MACHINE:]CONTAINER[/tcp|/udp]"},
	{"[::1]:80", "port \"[::1]:80\": expected [[ADDRESS:]MACHINE:]CONTAINER[/tcp|/udp]"},
	{"8000-8010:80", "port \"8000-8010:80\": ranges are not supported, name each port"},
	{"11111111111111111111111111111111111111111111111111111111111111111111111111111111",
	 "port \"1111111111111111111111111111111111111111…\": longer than 79 characters"},
};

static const struct {
	const char *one, *other;
	bool clash;
} clashes[] = {
	{"80:80", "80:81", true},
	{"80:80", "80:80/udp", false},
	{"80:80", "81:80", false},
	{"80:80", "127.0.0.1:80:80", true},
	{"80:80", "[::1]:80:80", true},
	{"0.0.0.0:80:80", "127.0.0.1:80:80", true},
	{"0.0.0.0:80:80", "[::1]:80:80", false},
	{"127.0.0.1:80:80", "127.0.0.2:80:80", false},
	{"[fd00::1]:80:80", "[fd00:0::1]:80:90", true},
	{"[fd00::1]:80:80", "[::]:80:80", true},
	{"[fd00::1]:80:80", "[fd00::2]:80:80", false},
};

static void test_clashes(void)
{
	for (size_t i = 0; i < countof(clashes); i++) {
		struct port_mapping one, other;
		bool parsed = port_mapping_parse(clashes[i].one, &one, NULL) == 0 &&
			      port_mapping_parse(clashes[i].other, &other, NULL) == 0;
		ok(parsed && port_mapping_clashes(&one, &other) == clashes[i].clash &&
			   port_mapping_clashes(&other, &one) == clashes[i].clash,
		   "%s and %s", clashes[i].one, clashes[i].other);
	}
}

int main(void)
{
	test_clashes();
	for (size_t i = 0; i < countof(table); i++) {
		struct port_mapping mapping;
		struct error err = ERROR_INIT;
		char got[ERROR_TEXT_MAX];
		if (port_mapping_parse(table[i].text, &mapping, &err) < 0)
			snprintf(got, sizeof got, "%s", err.text);
		else
			port_mapping_format(&mapping, got);
		is(got, table[i].want, table[i].text);
	}
	return tap_end();
}
