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
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

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
	if (rtnetlink_veth_create(route, "eth0", 0, "eth0", mac, outside, &err) < 0 ||
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

static int create(unsigned index, const struct port_mapping *ports, unsigned count)
{
	struct error err = ERROR_INIT;
	char address[NET_TEXT] = "", name[64];
	uint64_t begin = monotonic_ns();
	int netns = network_container_create(index, ports, count, address, &err);
	printf("# container %u: %.2f ms\n", index, (double)(monotonic_ns() - begin) / 1e6);
	if (!ok(netns >= 0, "container %u has a network", index))
		printf("# %s\n", err.text);
	snprintf(name, sizeof name, "172.17.0.%u", 1 + index);
	is(address, name, "its address");
	_cleanup_close_ int now = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	ok(same_namespace(now, home), "and we are still in our own namespace");
	ok(fcntl(netns, F_GETFD) == FD_CLOEXEC, "the descriptor is close-on-exec");
	return netns;
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
	char address[NET_TEXT];
	static const struct port_mapping ports[] = {{8081, 80, false}},
					 taken[] = {{9000, 1, false}};
	int again = create(1, ports, 1);
	_cleanup_close_ int web = listen_in(again, SOCK_STREAM, 80);
	is(connect_from(outside, MACHINE, 8081, web), OUTSIDE,
	   "a container made again has its new port");
	is(connect_from(outside, MACHINE, 8080, web), "Connection refused", "and not its old one");
	ok(network_container_create(3, taken, 1, address, &err) < 0, "a port that is taken");
	is(err.text,
	   "network of container 3: publish port 9000/tcp: the machine's port is already "
	   "taken by port 80 of container 2",
	   "is refused");
	ok(network_container_create(254, NULL, 0, address, &err) < 0, "a number out of range");
	is(err.text, "network of container 254: the number is not from 1 to 253", "is refused");
	ok(network_container_remove(1, &err) == 0, "a container's ports are taken back");
	is(connect_from(outside, MACHINE, 8081, web), "Connection refused", "and closed");
	ok(network_container_remove(99, &err) == 0, "an unknown container has none");
	close(again);
}

int main(void)
{
	static const struct port_mapping ports[] = {{8080, 80, false}, {5353, 53, true}};
	static const struct port_mapping other[] = {{9000, 80, false}};
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
	/* A workstation's kernel may pass bridged packets through the IPv4 filter; the machine's
	 * cannot. */
	file_put(AT_FDCWD, "/proc/sys/net/bridge/bridge-nf-call-iptables", "0", NULL);
	int first = create(1, ports, 2), second = create(2, other, 1);
	if (first >= 0 && second >= 0) {
		test_traffic(outside, first, second);
		close(first);
		test_replacement(outside);
	}
	return tap_end();
}
