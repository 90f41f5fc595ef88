// SPDX-License-Identifier: Apache-2.0
/*
 * Real bridges, pairs and namespaces, inside a network namespace made for the test. A third
 * namespace plays the wire's other end, so that published ports and masquerading are seen from
 * outside.
 */
#include "init/net/bridge.h"
#include "init/net/ipv4.h"
#include "init/net/network.h"
#include "init/net/rtnetlink.h"
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/loop.h"
#include "lib/tap.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <spawn.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define MACHINE "192.0.2.2"
#define OUTSIDE "192.0.2.1"

static int home; /* the test's own "machine" namespace */

static struct sockaddr_in address_of(const char *text, uint16_t port)
{
	struct sockaddr_in out = {.sin_family = AF_INET, .sin_port = htons(port)};
	ipv4_parse(text, &out.sin_addr);
	return out;
}

static void enter(int netns)
{
	if (setns(netns, CLONE_NEWNET) < 0)
		perror("setns");
}

/* A listening (or bound datagram) socket inside the namespace; a socket stays where it was made. */
static int listen_in(int netns, int type, uint16_t port)
{
	struct sockaddr_in any = address_of("0.0.0.0", port);
	enter(netns);
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0), on = 1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(fd, (struct sockaddr *)&any, sizeof any) < 0 ||
	    (type == SOCK_STREAM && listen(fd, 8) < 0))
		perror("listen");
	enter(home);
	return fd;
}

/* Connects from inside a namespace to a listener and tells who the listener saw: "172.17.0.2", or
 * the errno text. */
static const char *connect_from(int netns, const char *to, uint16_t port, int listener)
{
	static char seen[IPV4_TEXT];
	struct sockaddr_in address = address_of(to, port), peer;
	socklen_t length = sizeof peer;
	enter(netns);
	_cleanup_close_ int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	enter(home);
	struct pollfd waiting = {fd, POLLOUT, 0};
	if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0 && errno != EINPROGRESS)
		return strerror(errno);
	int cause = 0;
	socklen_t cause_length = sizeof cause;
	if (poll(&waiting, 1, 1500) <= 0)
		return "no answer";
	getsockopt(fd, SOL_SOCKET, SO_ERROR, &cause, &cause_length);
	if (cause)
		return strerror(cause);
	_cleanup_close_ int accepted =
		accept4(listener, (struct sockaddr *)&peer, &length, SOCK_CLOEXEC);
	ipv4_format(peer.sin_addr, seen);
	return accepted < 0 ? "not accepted" : seen;
}

static void test_udp(int from, int receiver)
{
	struct sockaddr_in address = address_of(MACHINE, 5353);
	enter(from);
	_cleanup_close_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	enter(home);
	char got[8] = "";
	struct pollfd waiting = {receiver, POLLIN, 0};
	sendto(fd, "ping", 5, 0, (struct sockaddr *)&address, sizeof address);
	if (poll(&waiting, 1, 1500) == 1 && recv(receiver, got, sizeof got, 0) < 0)
		perror("recv");
	is(got, "ping", "a datagram reaches a published udp port");
}

/* A namespace with eth0 = 192.0.2.1, the other end of the machine's eth0 = 192.0.2.2. */
static int make_outside(void)
{
	struct error err = ERROR_INIT;
	static const uint8_t mac[6] = {2, 0, 0, 0, 0, 9};
	_cleanup_close_ int route = netlink_open(NETLINK_ROUTE, 0, &err);
	enter(home);
	if (unshare(CLONE_NEWNET) < 0)
		return -1;
	int outside = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	_cleanup_close_ int other = netlink_open(NETLINK_ROUTE, 0, &err);
	enter(home);
	struct in_addr here, there;
	ipv4_parse(MACHINE, &here);
	ipv4_parse(OUTSIDE, &there);
	const struct rtnetlink_pair pair = {"eth0", 0, "eth0", mac, outside, 0};
	if (rtnetlink_veth_create(route, &pair, &err) < 0 ||
	    rtnetlink_address_add(route, "eth0", here, 24, 0, &err) < 0 ||
	    rtnetlink_address_add(other, "eth0", there, 24, 0, &err) < 0 ||
	    rtnetlink_link_up(other, "eth0", &err) < 0 ||
	    rtnetlink_link_up(route, "lo", &err) < 0 || rtnetlink_link_up(other, "lo", &err) < 0) {
		printf("# %s\n", err.text);
		return -1;
	}
	return outside;
}

static bool same_namespace(int a, int b)
{
	struct stat first, second;
	return fstat(a, &first) == 0 && fstat(b, &second) == 0 && first.st_ino == second.st_ino;
}

/* At all addresses of the machine. */
#define PORT(at, to, is_udp) {.machine = (at), .container = (to), .udp = (is_udp)}

static struct network_bridge standard;

static struct network_endpoint endpoint_on(const struct network_bridge *bridge, unsigned number,
					   const char *device)
{
	return (struct network_endpoint){
		.bridge = bridge,
		.device = {device[0], device[1], device[2], device[3]},
		.address = {htonl(ntohl(bridge_subnet(bridge).s_addr) + number)},
		.leads_out = !bridge->internal,
		.leads_out6 = !bridge->internal && bridge->prefix6,
	};
}

static int create_on(unsigned index, const struct network_endpoint *endpoints, unsigned count,
		     const struct port_mapping *ports, unsigned port_count)
{
	struct error err = ERROR_INIT;
	uint64_t begin = monotonic_ns();
	int netns = network_container_create(index, endpoints, count, ports, port_count, &err);
	printf("# container %u: %.2f ms\n", index, (double)(monotonic_ns() - begin) / 1e6);
	if (!ok(netns >= 0, "container %u has a network", index))
		printf("# %s\n", err.text);
	_cleanup_close_ int now = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	ok(same_namespace(now, home), "and we are still in our own namespace");
	ok(fcntl(netns, F_GETFD) == FD_CLOEXEC, "the descriptor is close-on-exec");
	return netns;
}

static int create(unsigned index, const struct port_mapping *ports, unsigned count)
{
	const struct network_endpoint only = endpoint_on(&standard, 1 + index, "eth0");
	return create_on(index, &only, 1, ports, count);
}

static void test_traffic(int outside, int first, int second)
{
	_cleanup_close_ int web = listen_in(first, SOCK_STREAM, 80);
	_cleanup_close_ int hidden = listen_in(first, SOCK_STREAM, 81);
	_cleanup_close_ int dns = listen_in(first, SOCK_DGRAM, 53);
	_cleanup_close_ int internet = listen_in(outside, SOCK_STREAM, 443);
	_cleanup_close_ int machine = listen_in(home, SOCK_STREAM, 22);
	is(connect_from(first, "127.0.0.1", 80, web), "127.0.0.1", "loopback of a container");
	is(connect_from(home, "172.17.0.2", 80, web), "172.17.0.1", "machine to container");
	is(connect_from(second, "172.17.0.2", 81, hidden), "172.17.0.3", "container to container");
	is(connect_from(first, "172.17.0.1", 22, machine), "172.17.0.2", "container to machine");
	/* The containers came first, as with an image that is already there. */
	struct error err = ERROR_INIT;
	ok(network_open_outside(&err) == 0, "the rules come before the network: %s", err.text);
	is(connect_from(outside, MACHINE, 8080, web), OUTSIDE, "outside to a published port");
	is(connect_from(home, MACHINE, 8080, web), MACHINE, "machine to its own published port");
	is(connect_from(second, MACHINE, 8080, web), "172.17.0.1", "container to a published port");
	is(connect_from(first, MACHINE, 8080, web), "172.17.0.1", "container to its own port");
	is(connect_from(outside, MACHINE, 81, hidden), "Connection refused", "an unpublished port");
	is(connect_from(first, OUTSIDE, 443, internet), MACHINE, "container to outside");
	is(connect_from(first, MACHINE, 22, machine), "172.17.0.2",
	   "container to the machine's address");
	test_udp(outside, dns);
	/* A neighbour that routes by way of the machine. */
	struct in_addr gateway;
	ipv4_parse(MACHINE, &gateway);
	enter(outside);
	_cleanup_close_ int route = netlink_open(NETLINK_ROUTE, 0, &err);
	enter(home);
	ok(rtnetlink_default_route_set(route, "eth0", gateway, false, &err) == 0,
	   "a nosy neighbour");
	is(connect_from(outside, "172.17.0.2", 81, hidden), "no answer",
	   "cannot reach what is hidden");
	is(connect_from(outside, "172.17.0.2", 80, web), "no answer", "nor what is published");
}

static void test_replacement(int outside)
{
	struct error err = ERROR_INIT;
	const struct network_endpoint third = endpoint_on(&standard, 4, "eth0");
	static const struct port_mapping ports[] = {PORT(8081, 80, false)},
					 taken[] = {PORT(9000, 1, false)};
	int again = create(1, ports, 1);
	_cleanup_close_ int web = listen_in(again, SOCK_STREAM, 80);
	is(connect_from(outside, MACHINE, 8081, web), OUTSIDE,
	   "a container made again has its new port");
	is(connect_from(outside, MACHINE, 8080, web), "Connection refused", "and not its old one");
	ok(network_container_create(3, &third, 1, taken, 1, &err) < 0, "a port that is taken");
	is(err.text,
	   "network of container 3: publish port 9000/tcp: the machine's port is already "
	   "taken by port 80 of container 2",
	   "is refused");
	ok(network_container_remove(1, &err) == 0, "a container's ports are taken back");
	is(connect_from(outside, MACHINE, 8081, web), "Connection refused", "and closed");
	ok(network_container_remove(99, &err) == 0, "an unknown container has none");
	close(again);
}

static struct in6_addr address6(const char *text)
{
	struct in6_addr out;
	inet_pton(AF_INET6, text, &out);
	return out;
}

static struct network_bridge front, back, apart;

static void make_networks(void)
{
	static const struct network_bridge *const all[] = {&standard, &front, &back, &apart};
	front = (struct network_bridge){.device = "front", .prefix = 24, .mtu = 1400};
	back = (struct network_bridge){.device = "back", .prefix = 24, .internal = true,
				       .prefix6 = 64, .gateway6 = address6("fd00:9::1")};
	apart = (struct network_bridge){.device = "apart", .prefix = 28, .separate = true};
	ipv4_parse("10.9.1.1", &front.gateway);
	ipv4_parse("10.9.2.1", &back.gateway);
	ipv4_parse("10.9.3.1", &apart.gateway);
	network_set_bridges(all, 4);
}

/* Whether somebody in `from` reaches port 6 of `to` at this IPv6 address and port. */
static bool reaches6_by(int from, int to, const char *text, uint16_t port)
{
	struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = htons(port),
				       .sin6_addr = address6(text)};
	struct sockaddr_in6 any = {.sin6_family = AF_INET6, .sin6_port = htons(6)};
	enter(to);
	_cleanup_close_ int listener = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	enter(from);
	_cleanup_close_ int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	enter(home);
	if (bind(listener, (struct sockaddr *)&any, sizeof any) < 0 || listen(listener, 1) < 0)
		return false;
	struct pollfd waiting = {fd, POLLOUT, 0};
	int cause = 0;
	socklen_t length = sizeof cause;
	if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0 && errno != EINPROGRESS)
		return false;
	return poll(&waiting, 1, 1500) > 0 &&
	       getsockopt(fd, SOL_SOCKET, SO_ERROR, &cause, &length) == 0 && cause == 0;
}

static bool reaches6(int from, int to, const char *text)
{
	return reaches6_by(from, to, text, 6);
}

/* `ip …` in a namespace, or in the machine's (-1); true when it succeeds. */
static bool ip(int netns, const char *words)
{
	char copy[100], *rest = copy, *argv[16] = {"ip"};
	int count = 1, status = -1;
	pid_t pid;
	snprintf(copy, sizeof copy, "%s", words);
	while (count < 15 && (argv[count] = strsep(&rest, " ")))
		count++;
	enter(netns < 0 ? home : netns);
	bool begun = posix_spawnp(&pid, "ip", NULL, NULL, argv, environ) == 0;
	enter(home);
	return begun && waitpid(pid, &status, 0) == pid && status == 0;
}

static bool ip6(int netns, const char *words)
{
	char all[100];
	snprintf(all, sizeof all, "-6 %s", words);
	return ip(netns, all);
}

/* The bridge and web get addresses, and web and db ways to each other by the machine. */
static void front_has_ipv6(int web, int db)
{
	file_put(AT_FDCWD, "/proc/sys/net/ipv6/conf/front/disable_ipv6", "0", NULL);
	ok(ip6(-1, "addr add fd00:8::1/64 dev front nodad") &&
		   ip6(db, "route add default via fd00:9::1") &&
		   ip6(web, "addr add fd00:8::2/64 dev eth0 nodad") &&
		   ip6(web, "route add default via fd00:8::1"),
	   "IPv6 by hand");
}

/* web is on front, app on both, db on back, which is internal. */
static void test_several(int outside)
{
	static const struct port_mapping ports[] = {PORT(8090, 90, false)}, app_ports[] = {PORT(8091, 91, false)};
	make_networks();
	const struct network_endpoint web_at[] = {endpoint_on(&front, 2, "eth0")};
	struct network_endpoint app_at[] = {endpoint_on(&back, 3, "eth0"),
					    endpoint_on(&front, 3, "eth1")};
	struct network_endpoint db_at[] = {endpoint_on(&back, 4, "eth0")};
	app_at[0].address6 = address6("fd00:9::2");
	db_at[0].address6 = address6("fd00:9::3");
	memcpy(app_at[1].mac, "\x02\x11\x22\x33\x44\x55", 6);
	_cleanup_close_ int web = create_on(11, web_at, 1, ports, 1);
	_cleanup_close_ int app = create_on(12, app_at, 2, app_ports, 1);
	_cleanup_close_ int db = create_on(13, db_at, 1, NULL, 0);
	_cleanup_close_ int web_port = listen_in(web, SOCK_STREAM, 90);
	_cleanup_close_ int app_port = listen_in(app, SOCK_STREAM, 91);
	_cleanup_close_ int db_port = listen_in(db, SOCK_STREAM, 92);
	_cleanup_close_ int internet = listen_in(outside, SOCK_STREAM, 444);
	is(connect_from(web, "10.9.1.3", 91, app_port), "10.9.1.2", "front to app");
	is(connect_from(app, "10.9.2.4", 92, db_port), "10.9.2.3", "app to db");
	is(connect_from(db, "10.9.2.3", 91, app_port), "10.9.2.4", "db to app");
	is(connect_from(web, "10.9.2.4", 92, db_port), "no answer", "front does not reach db");
	is(connect_from(db, "10.9.1.2", 90, web_port), "Network is unreachable",
	   "db has no way to front");
	is(connect_from(web, OUTSIDE, 444, internet), MACHINE, "front to outside");
	is(connect_from(app, OUTSIDE, 444, internet), MACHINE, "app to outside, by front");
	is(connect_from(db, OUTSIDE, 444, internet), "Network is unreachable", "db not");
	is(connect_from(outside, MACHINE, 8090, web_port), OUTSIDE, "outside to front's port");
	is(connect_from(outside, MACHINE, 8091, app_port), OUTSIDE, "outside to app's port");
	is(connect_from(web, MACHINE, 8091, app_port), "10.9.1.1", "front to app's port");
	is(connect_from(home, "10.9.2.4", 92, db_port), "10.9.2.1", "the machine to db");
	ok(reaches6(app, db, "fd00:9::3"), "IPv6 on the network");
	ok(reaches6(home, db, "fd00:9::3"), "and from the machine");
	ok(!reaches6(web, db, "fd00:9::3"), "but not from another network");
	file_put(AT_FDCWD, "/proc/sys/net/ipv6/conf/all/forwarding", "1", NULL);
	front_has_ipv6(web, db);
	ok(reaches6(web, home, "fd00:8::1"), "front has IPv6, too");
	ok(!reaches6(web, db, "fd00:9::3"), "and still does not get there, through the machine");
	/* A container that makes itself a route is held up all the same. */
	struct error err = ERROR_INIT;
	enter(db);
	_cleanup_close_ int route = netlink_open(NETLINK_ROUTE, 0, &err);
	enter(home);
	ok(rtnetlink_default_route_set(route, "eth0", back.gateway, false, &err) == 0, "db makes a route");
	is(connect_from(db, OUTSIDE, 444, internet), "no answer", "and does not get out");
	is(connect_from(db, "10.9.1.2", 90, web_port), "no answer", "nor to front");
	is(connect_from(db, MACHINE, 8090, web_port), "no answer", "nor to a published port");
}

/* On a network that keeps its containers apart. */
static void test_separate(int outside)
{
	const struct network_endpoint one[] = {endpoint_on(&apart, 2, "eth0")},
				      two[] = {endpoint_on(&apart, 3, "eth0")};
	_cleanup_close_ int first = create_on(21, one, 1, NULL, 0);
	_cleanup_close_ int second = create_on(22, two, 1, NULL, 0);
	_cleanup_close_ int port = listen_in(first, SOCK_STREAM, 95);
	_cleanup_close_ int internet = listen_in(outside, SOCK_STREAM, 445);
	is(connect_from(home, "10.9.3.2", 95, port), "10.9.3.1", "the machine reaches it");
	is(connect_from(second, "10.9.3.2", 95, port), "no answer", "its neighbour does not");
	is(connect_from(second, OUTSIDE, 445, internet), MACHINE, "outside is reached");
}

static struct port_mapping at(const char *text)
{
	struct port_mapping mapping;
	struct error err = ERROR_INIT;
	if (port_mapping_parse(text, &mapping, &err) < 0)
		printf("# %s\n", err.text);
	return mapping;
}

/* Whoever has a device on the bridge makes its own loopback lead to the machine's. */
static void test_loopback_is_closed(int container, int machine)
{
	enter(container);
	file_put(AT_FDCWD, "/proc/sys/net/ipv4/conf/eth0/route_localnet", "1", NULL);
	enter(home);
	ok(ip(container, "route del table local local 127.0.0.0/8 dev lo") &&
		   ip(container, "route add 127.0.0.9/32 via 172.17.0.1 dev eth0 src 172.17.0.51"),
	   "a container with a route to the machine's loopback");
	is(connect_from(home, "127.0.0.9", 22, machine), "127.0.0.1", "where somebody listens");
	is(connect_from(container, "127.0.0.9", 22, machine), "no answer", "does not reach it");
}

/* Ports that are published at one address of the machine, and others at another. */
static void test_addresses(int outside)
{
	const struct port_mapping ports[] = {at("127.0.0.1:8443:443"), at(MACHINE ":8444:443"),
					     at("127.0.0.1:8445:443"), at(MACHINE ":8445:444"),
					     at("198.51.100.9:8446:443"), at("8447:443")};
	const struct network_endpoint place = endpoint_on(&standard, 51, "eth0");
	_cleanup_close_ int web = create_on(41, &place, 1, ports, countof(ports));
	_cleanup_close_ int first = listen_in(web, SOCK_STREAM, 443);
	_cleanup_close_ int second = listen_in(web, SOCK_STREAM, 444);
	_cleanup_close_ int machine = listen_in(home, SOCK_STREAM, 22);
	is(connect_from(home, "127.0.0.1", 8443, first), "172.17.0.1", "loopback of the machine");
	is(connect_from(home, MACHINE, 8443, first), "Connection refused", "and no other address");
	is(connect_from(outside, MACHINE, 8443, first), "Connection refused", "nor from outside");
	is(connect_from(web, MACHINE, 8443, first), "Connection refused", "nor from a container");
	is(connect_from(outside, MACHINE, 8444, first), OUTSIDE, "an address of the machine's");
	is(connect_from(home, MACHINE, 8444, first), MACHINE, "from itself too");
	is(connect_from(home, "127.0.0.1", 8444, first), "Connection refused", "but not its loopback");
	is(connect_from(home, "172.17.0.1", 8444, first), "Connection refused", "nor the bridge's");
	is(connect_from(home, "127.0.0.1", 8445, first), "172.17.0.1", "one port at two addresses");
	is(connect_from(outside, MACHINE, 8445, second), OUTSIDE, "leads to two");
	is(connect_from(home, "127.0.0.1", 8447, first), "172.17.0.1", "all addresses: loopback, too");
	is(connect_from(home, "127.0.0.7", 8447, first), "172.17.0.1", "all of it");
	is(connect_from(outside, MACHINE, 8447, first), OUTSIDE, "and from outside");
	is(connect_from(outside, MACHINE, 8446, first), "Connection refused", "one that nobody has");
	ok(ip(-1, "addr add 198.51.100.9/32 dev eth0") &&
		   ip(outside, "route add 198.51.100.9/32 via " MACHINE),
	   "it comes later");
	is(connect_from(outside, "198.51.100.9", 8446, first), OUTSIDE, "and answers");
	test_loopback_is_closed(web, machine);
}

/* A network with IPv6 leads out and is reached by published ports. */
static void test_ipv6(int outside)
{
	static struct network_bridge six, only;
	static const struct network_bridge *const all[] = {&six, &only};
	const struct port_mapping ports[] = {at("6006:6"), at("[::1]:6007:6"), at("[fd00:2::1]:6008:6"),
					     at("0.0.0.0:6009:66")};
	struct error err = ERROR_INIT;
	six = (struct network_bridge){.device = "six", .prefix = 24, .prefix6 = 64,
				      .gateway6 = address6("fd00:a::1")};
	only = (struct network_bridge){.device = "only", .prefix6 = 64, .gateway6 = address6("fd00:b::1")};
	ipv4_parse("10.9.4.1", &six.gateway);
	network_set_bridges(all, 2);
	struct network_endpoint web_at = endpoint_on(&six, 2, "eth0"), app_at = {
		.bridge = &only, .device = "eth0", .address6 = address6("fd00:b::2"), .leads_out6 = true};
	const struct plan_address more = {.family = AF_INET, .v4 = {htonl(0xa9fe0304)}, .prefix = 16};
	web_at.address6 = address6("fd00:a::2");
	web_at.more = &more;
	web_at.more_count = 1;
	_cleanup_close_ int web = create_on(51, &web_at, 1, ports, countof(ports));
	_cleanup_close_ int app = create_on(52, &app_at, 1, NULL, 0);
	_cleanup_close_ int web_port = listen_in(web, SOCK_STREAM, 66);
	file_put(AT_FDCWD, "/proc/sys/net/ipv6/conf/eth0/disable_ipv6", "0", NULL);
	ok(ip6(-1, "addr add fd00:2::1/64 dev eth0 nodad") &&
		   ip6(outside, "addr add fd00:2::2/64 dev eth0 nodad") &&
		   ip6(outside, "route add fd00:a::/64 via fd00:2::1"),
	   "the wire has IPv6, and a nosy neighbour");
	ok(reaches6(web, outside, "fd00:2::2"), "a container gets out");
	ok(reaches6(app, outside, "fd00:2::2"), "also one without IPv4");
	ok(reaches6_by(outside, web, "fd00:2::1", 6006), "outside gets to a published port");
	ok(reaches6_by(home, web, "fd00:2::1", 6006), "and the machine");
	ok(reaches6_by(home, web, "::1", 6006), "by its loopback, too");
	ok(reaches6_by(web, web, "fd00:2::1", 6006), "and the container itself");
	ok(reaches6_by(app, web, "fd00:2::1", 6006), "and those on another network");
	ok(reaches6_by(home, web, "::1", 6007), "a port at ::1");
	ok(!reaches6_by(outside, web, "fd00:2::1", 6007), "is nowhere else");
	ok(reaches6_by(outside, web, "fd00:2::1", 6008), "a port at an address");
	ok(!reaches6_by(home, web, "::1", 6008), "is only there");
	ok(!reaches6_by(outside, web, "fd00:2::1", 6009), "one of IPv4 has no IPv6");
	is(connect_from(outside, MACHINE, 6009, web_port), OUTSIDE, "but IPv4");
	ok(!reaches6(outside, web, "fd00:a::2"), "what is not published is not reached");
	ok(!reaches6(app, web, "fd00:a::2"), "nor from another network");
	enter(web);
	_cleanup_close_ int probe = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	enter(home);
	struct sockaddr_in own = address_of("169.254.3.4", 0);
	ok(bind(probe, (struct sockaddr *)&own, sizeof own) == 0, "one more address of its device");
	network_container_remove(51, &err);
	ok(!reaches6_by(outside, web, "fd00:2::1", 6006), "ports are taken back");
}

/* A device of the machine does not become a bridge by its name. */
static void test_foreign_device(void)
{
	static struct network_bridge bridge;
	struct error err = ERROR_INIT;
	bridge = standard;
	memcpy(bridge.device, "eth0", 5);
	const struct network_endpoint at = endpoint_on(&bridge, 9, "eth0");
	ok(network_container_create(31, &at, 1, NULL, 0, &err) < 0, "a device that is there: %s",
	   err.text);
}

int main(void)
{
	static const struct port_mapping ports[] = {PORT(8080, 80, false), PORT(5353, 53, true)};
	static const struct port_mapping other[] = {PORT(9000, 80, false)};
	if (geteuid() != 0 || unshare(CLONE_NEWNET) < 0) {
		skip("container networks", "needs root and network namespaces");
		return tap_end();
	}
	home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	int outside = make_outside();
	struct error err = ERROR_INIT;
	_cleanup_close_ int filter = netlink_open(NETLINK_NETFILTER, 0, &err);
	if (outside < 0 || filter < 0) {
		skip("container networks", "the kernel has no veth devices or no nf_tables");
		return tap_end();
	}
	/* A workstation's kernel may pass bridged packets through the filters; the machine's cannot. */
	file_put(AT_FDCWD, "/proc/sys/net/bridge/bridge-nf-call-iptables", "0", NULL);
	file_put(AT_FDCWD, "/proc/sys/net/bridge/bridge-nf-call-ip6tables", "0", NULL);
	standard = bridge_standard();
	int first = create(1, ports, 2), second = create(2, other, 1);
	if (first >= 0 && second >= 0) {
		test_traffic(outside, first, second);
		close(first);
		test_replacement(outside);
		test_addresses(outside);
		test_several(outside);
		test_separate(outside);
		test_ipv6(outside);
		test_foreign_device();
	}
	return tap_end();
}
