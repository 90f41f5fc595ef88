// SPDX-License-Identifier: Apache-2.0
#include "init/workstation/port.h"
#include "lib/cleanup.h"
#include "lib/tap.h"

#include <arpa/inet.h>

static const struct {
	const char *text, *address;
	unsigned host, container;
	int udp;
} good[] = {
	{"80", "127.0.0.1", 80, 80, 0},
	{"8080:80", "127.0.0.1", 8080, 80, 0},
	{"53:5353/udp", "127.0.0.1", 53, 5353, 1},
	{"8080:80/tcp", "127.0.0.1", 8080, 80, 0},
	{"0.0.0.0:8080:80", "0.0.0.0", 8080, 80, 0},
	{"192.0.2.1::80", "192.0.2.1", 80, 80, 0},
	{"65535:1", "127.0.0.1", 65535, 1, 0},
};

static const char *const bad[] = {
	"", ":", "0", "65536", "80:", ":80", "a:80", "80/sctp", "80/", "1:2:3", "1.2.3:1:2",
	"localhost:80:80", "[::1]:80:80", "80-90:80-90", "-1", "8080:80:80:80", " 80", "80 ",
	"100000", "1.1.1.1:80:", "80/udp/tcp",
	"11111111111111111111111111111111111111111111111111111111111111111111111:80",
};

static void test_check(void)
{
	struct published_port port = {.address.s_addr = htonl(INADDR_LOOPBACK)};
	struct error err = ERROR_INIT;
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = port.address};
	socklen_t length = sizeof address;
	_cleanup_close_ int fd = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(fd, (struct sockaddr *)&address, length) < 0 || listen(fd, 1) < 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &length) < 0) {
		skip("a port in use", "no loopback socket can be had");
		return;
	}
	port.host = ntohs(address.sin_port);
	ok(published_port_check(&port, &err) < 0, "a port in use is refused: %s", err.text);
	close(fd);
	fd = -1;
	ok(published_port_check(&port, &err) == 0, "a free port is accepted");
}

int main(void)
{
	struct published_port port;
	struct error err = ERROR_INIT;
	for (size_t i = 0; i < countof(good); i++) {
		char address[INET_ADDRSTRLEN] = "";
		int result = published_port_parse(good[i].text, &port, &err);
		inet_ntop(AF_INET, &port.address, address, sizeof address);
		ok(result == 0 && port.host == good[i].host && port.container == good[i].container &&
		   port.udp == good[i].udp, "-p %s", good[i].text);
		is(address, good[i].address, "its address");
	}
	for (size_t i = 0; i < countof(bad); i++)
		ok(published_port_parse(bad[i], &port, &err) < 0, "-p \"%s\" is refused: %s", bad[i],
		   err.text);
	test_check();
	return tap_end();
}
