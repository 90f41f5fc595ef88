// SPDX-License-Identifier: Apache-2.0
/* Which registries are on the workstation's loopback, and the way to them. */
#include "init/workstation/registry_route.h"

#include "init/workstation/resolve.h"
#include "lib/cleanup.h"
#include "lib/tap.h"

#include <arpa/inet.h>

static void test_names(void)
{
	static const char *const yes[] = {"localhost", "LOCALHOST", "reg.localhost", "127.0.0.1",
					  "127.9.9.9", "::1", "::ffff:127.0.0.1"};
	static const char *const no[] = {"docker.io", "localhost.example", "128.0.0.1", "10.0.2.2",
					 "::", "::2", "notlocalhost", "127.0.0.1.example", "0.0.0.0"};
	for (size_t i = 0; i < countof(yes); i++)
		ok(registry_name_is_loopback(yes[i]), "%s is loopback", yes[i]);
	for (size_t i = 0; i < countof(no); i++)
		ok(!registry_name_is_loopback(no[i]), "%s is not", no[i]);
}

static void test_split(void)
{
	char name[64];
	uint16_t port;
	ok(registry_host_split("localhost:5000", name, sizeof name, &port, NULL) == 0 && port == 5000,
	   "NAME:PORT");
	is(name, "localhost", "its name");
	ok(registry_host_split("[::1]:5000", name, sizeof name, &port, NULL) == 0 && port == 5000,
	   "[ADDRESS]:PORT");
	is(name, "::1", "its address");
	ok(registry_host_split("quay.io", name, sizeof name, &port, NULL) == 0 && port == 0, "NAME");
	ok(registry_host_split("[::1]", name, sizeof name, &port, NULL) == 0 && port == 0, "[ADDRESS]");
	static const char *const bad[] = {"", ":5000", "a:", "a:0", "a:65536", "a:b", "[::1]5000",
					  "[]:1"};
	for (size_t i = 0; i < countof(bad); i++)
		ok(registry_host_split(bad[i], name, sizeof name, &port, NULL) < 0,
		   "\"%s\" is refused", bad[i]);
}

static int listen_on(const char *text, uint16_t *port)
{
	struct loopback_address address;
	struct sockaddr_storage storage;
	loopback_address_parse(text, &address);
	socklen_t length = loopback_socket_address(&address, 0, &storage);
	int fd = socket(address.family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&storage, length) < 0 || listen(fd, 4) < 0 ||
	    getsockname(fd, (struct sockaddr *)&storage, &length) < 0) {
		if (fd >= 0)
			close(fd);
		return -1;
	}
	struct sockaddr_in v4;
	memcpy(&v4, &storage, sizeof v4); /* the port stands at the same place in both families */
	*port = ntohs(v4.sin_port);
	return fd;
}

static void test_route(const char *listen_at, const char *name, const char *gate,
		       const char *relay_to)
{
	uint16_t port;
	char host[128], want[128];
	struct registry_route route;
	struct error err = ERROR_INIT;
	_cleanup_close_ int fd = listen_on(listen_at, &port);
	if (fd < 0) {
		skip(listen_at, "this machine has no such address");
		return;
	}
	snprintf(host, sizeof host, "%s:%u", name, port);
	snprintf(want, sizeof want, "%s:%u", gate, port);
	ok(registry_route_find(host, &route, &err) == 0 && route.loopback, "%s, listening at %s", host,
	   listen_at);
	is(route.connect, want, "its address in the machine");
	is(route.relay_to, relay_to, "its relay");
}

int main(void)
{
	struct registry_route route;
	struct error err = ERROR_INIT;
	test_names();
	test_split();
	test_route("127.0.0.1", "localhost", "10.0.2.2", "");
	test_route("127.0.0.1", "127.0.0.1", "10.0.2.2", "");
	test_route("127.0.0.2", "127.0.0.2", "10.0.2.100", "127.0.0.2");
	test_route("::1", "localhost", "10.0.2.100", "::1");
	test_route("::1", "[::1]", "10.0.2.100", "::1");
	ok(registry_route_find("localhost:1", &route, &err) == 0, "nothing listens");
	is(route.connect, "10.0.2.2:1", "the machine finds that out");
	ok(registry_route_find("192.0.2.1:5000", &route, &err) == 0 && !route.loopback,
	   "an address elsewhere");
	return tap_end();
}
