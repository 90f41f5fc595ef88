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
	{"", "port: empty, expected [MACHINE:]CONTAINER[/tcp|udp]"},
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
	{"127.0.0.1:8080:80",
	 "port \"127.0.0.1:8080:80\": a listening address is not supported, the "
	 "machine answers on all of its addresses; write "
	 "[MACHINE:]CONTAINER[/tcp|udp]"},
	{"[::1]:80:80", "port \"[::1]:80:80\": a listening address is not supported, the machine "
			"answers on all of its addresses; write [MACHINE:]CONTAINER[/tcp|udp]"},
	{"8000-8010:80", "port \"8000-8010:80\": ranges are not supported, name each port"},
	{"111111111111111111111111111111111111111",
	 "port \"111111111111111111111111111111111111111…\": longer than 31 characters"},
};

int main(void)
{
	for (size_t i = 0; i < countof(table); i++) {
		struct port_mapping mapping;
		struct error err = ERROR_INIT;
		char got[ERROR_TEXT_MAX];
		if (port_mapping_parse(table[i].text, &mapping, &err) < 0)
			snprintf(got, sizeof got, "%s", err.text);
		else
			snprintf(got, sizeof got, "%u:%u/%s", mapping.machine, mapping.container,
				 mapping.udp ? "udp" : "tcp");
		is(got, table[i].want, table[i].text);
	}
	return tap_end();
}
