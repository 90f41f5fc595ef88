// SPDX-License-Identifier: Apache-2.0
#include "init/net/bridge.h"
#include "init/net/ipv4.h"
#include "init/net/network.h"
#include "init/net/nftables.h"
#include "init/net/rtnetlink.h"
#include "lib/cleanup.h"
#include "lib/log.h"
#include "lib/syscalls.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/wait.h>

/* What is published now; the packet filter is always built from the whole of it. */
static struct nftables_port published[NFTABLES_PORTS_MAX];
static unsigned published_count;

/* Without a way out of the machine there is nothing to filter or to translate: the rules wait for
 * it, and a container that starts first does not wait for them. */
static bool outside, alone, rules_wanted, in_force;
static bool settled; /* the machine's own addresses are there, or will not come */

static struct network_bridge standard;
static const struct network_bridge *const only_standard[] = {&standard};
static const struct network_bridge *const *bridges = only_standard;
static unsigned bridge_count = 1;

void network_set_bridges(const struct network_bridge *const *wanted, unsigned count)
{
	bridges = wanted;
	in_force = false;
	bridge_count = count;
}

/* Networks are kept apart also in a machine without a way out, and ports are there for itself. */
static bool rules_are_needed(unsigned port_count)
{
	return outside || bridge_count > 1 || (alone && port_count);
}

static int apply_rules(const struct nftables_port *ports, unsigned count, struct error *err)
{
	if (!standard.prefix)
		standard = bridge_standard();
	struct nftables_rules rules = {bridges, bridge_count, ports, count};
	in_force = nftables_apply(&rules, err) == 0;
	return in_force ? 0 : -1;
}

static int refuse_duplicate(const struct nftables_port *ports, unsigned count,
			    const struct port_mapping *wanted, struct error *err)
{
	for (unsigned i = 0; i < count; i++)
		if (port_mapping_clashes(&ports[i].mapping, wanted))
			return error_set(
				err,
				"publish port %u/%s: the machine's port is already taken by "
				"port %u of container %u",
				wanted->machine, wanted->udp ? "udp" : "tcp",
				ports[i].mapping.container, ports[i].owner);
	return 0;
}

/* An address that no device has can still come; whoever does not mean that is told. */
static void look_for_address(const struct port_mapping *mapping)
{
	char text[PORT_MAPPING_TEXT];
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_addr = mapping->v4};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_addr = mapping->v6};
	bool six = mapping->family == AF_INET6;
	const struct sockaddr *address = six ? (const void *)&v6 : (const void *)&v4;
	if (!port_mapping_has_address(mapping))
		return;
	_cleanup_close_ int fd = socket(mapping->family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, address, six ? sizeof v6 : sizeof v4) == 0 || errno != EADDRNOTAVAIL)
		return;
	port_mapping_format(mapping, text);
	log_warning("berth", "9 run: published port %s: no device of the machine has this address, and until "
			     "one has it nobody is answered", text);
}

static void look_for_addresses(unsigned owner)
{
	for (unsigned i = 0; settled && i < published_count; i++)
		if (!owner || published[i].owner == owner)
			look_for_address(&published[i].mapping);
}

void network_addresses_settled(void)
{
	settled = true;
	look_for_addresses(0);
}

/* Replaces the ports of one container; the list in force stays when that fails. They lead to the two
 * addresses of `to`, of which one may be missing. */
static int publish(unsigned index, const struct nftables_port *to, const struct port_mapping *ports,
		   unsigned port_count, struct error *err)
{
	struct nftables_port next[NFTABLES_PORTS_MAX];
	unsigned count = 0;
	for (unsigned i = 0; i < published_count; i++)
		if (published[i].owner != index)
			next[count++] = published[i];
	if (port_count > NFTABLES_PORTS_MAX - count)
		return error_set(err, "publish %u ports of container %u: more than %d in all",
				 port_count, index, NFTABLES_PORTS_MAX);
	for (unsigned i = 0; i < port_count; i++) {
		if (refuse_duplicate(next, count, &ports[i], err) < 0)
			return -1;
		next[count++] = (struct nftables_port){index, to->address, to->address6, ports[i]};
	}
	rules_wanted = true;
	if ((!in_force || port_count || count != published_count) && rules_are_needed(count) &&
	    apply_rules(next, count, err) < 0)
		return -1;
	if (in_force)
		bridge_admit_loopback();
	memcpy(published, next, count * sizeof *next);
	published_count = count;
	look_for_addresses(index);
	return 0;
}

int network_stay_alone(struct error *err)
{
	alone = true;
	if (published_count && !in_force && apply_rules(published, published_count, err) < 0)
		return -1;
	if (in_force)
		bridge_admit_loopback();
	return 0;
}

int network_open_outside(struct error *err)
{
	if (rules_wanted && !outside && !in_force && apply_rules(published, published_count, err) < 0)
		return -1;
	if (in_force)
		bridge_admit_loopback();
	outside = true;
	return 0;
}

/* What the short-lived child inside the new namespace opens. */
struct handles {
	int netns, route; /* descriptors, or -1 */
	int code;         /* errno value */
};

/* See network_belongs_to(). */
static int owner = -1;

void network_belongs_to(int user_ns)
{
	owner = user_ns;
}

/* Async-signal-safe: the child is a raw clone. */
static void open_handles(int answer)
{
	struct handles handles = {.netns = -1, .route = -1};
	if (owner < 0 || (setns(owner, CLONE_NEWUSER) == 0 && unshare(CLONE_NEWNET) == 0))
		handles.netns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (handles.netns >= 0)
		handles.route = netlink_open(NETLINK_ROUTE, 0, NULL);
	handles.code = handles.route < 0 ? errno : 0;
	ssize_t put = write(answer, &handles, sizeof handles);
	_exit(put == sizeof handles ? 0 : 1);
}

/*
 * A new namespace without this process ever leaving its own: a child is cloned into it, shares our
 * descriptor table, opens the namespace and a netlink socket, and is gone when clone returns
 * (CLONE_VFORK). It makes a handful of calls that never wait. It has no exit signal, so that the
 * reaper of PID 1 does not see it.
 */
static int open_namespace(struct handles *out, struct error *err)
{
	int pair[2];
	if (pipe2(pair, O_CLOEXEC | O_NONBLOCK) < 0)
		return error_errno(err, errno, "create a pipe");
	_cleanup_close_ int reader = pair[0], writer = pair[1];
	uint64_t own = owner < 0 ? CLONE_NEWNET : 0;
	struct clone_args args = {.flags = own | CLONE_FILES | CLONE_VFORK};
	pid_t pid = sys_clone3(&args);
	if (pid < 0)
		return error_errno(err, errno, "create a network namespace");
	if (pid == 0)
		open_handles(writer);
	while (waitpid(pid, NULL, __WALL) < 0 && errno == EINTR)
		;
	*out = (struct handles){-1, -1, 0};
	if (read(reader, out, sizeof *out) != sizeof *out)
		return error_set(err, "create a network namespace: its first process died");
	if (out->route >= 0)
		return 0;
	if (out->netns >= 0)
		close(out->netns);
	return error_errno(err, out->code, "open the new network namespace");
}

static int create_pair(int fd, const struct rtnetlink_pair *pair, struct error *err)
{
	if (rtnetlink_veth_create(fd, pair, err) == 0)
		return 0;
	if (!err || err->code != EEXIST)
		return -1;
	/* A namespace is taken down some time after its last process has ended. */
	if (rtnetlink_link_delete(fd, pair->name, err) < 0)
		return -1;
	return rtnetlink_veth_create(fd, pair, err);
}

/* veth3 of container 3; its further ones are veth3.1, veth3.2 … */
static void name_pair(unsigned index, unsigned number, char out[IFNAMSIZ])
{
	if (number)
		snprintf(out, IFNAMSIZ, "veth%u.%u", index % 1000000, number % 100);
	else
		snprintf(out, IFNAMSIZ, "veth%u", index);
}

static int configure_inside(int fd, const struct network_endpoint *endpoint, struct error *err)
{
	const struct network_bridge *bridge = endpoint->bridge;
	const char *device = endpoint->device;
	if (rtnetlink_link_up(fd, device, err) < 0 ||
	    (bridge->prefix &&
	     rtnetlink_address_add(fd, device, endpoint->address, bridge->prefix, 0, err) < 0) ||
	    (bridge->prefix6 && rtnetlink_address6_add(fd, device, &endpoint->address6,
						       bridge->prefix6, err) < 0) ||
	    plan_add_addresses(fd, device, endpoint->more, endpoint->more_count, err) < 0 ||
	    (endpoint->leads_out &&
	     rtnetlink_default_route_set(fd, device, bridge->gateway, false, err) < 0) ||
	    (endpoint->leads_out6 &&
	     rtnetlink_default_route6_set(fd, device, &bridge->gateway6, err) < 0))
		return error_context(err, "in the container's network namespace");
	return 0;
}

/* What its hardware address is made from: without IPv4 it is the end of its IPv6 address. */
static struct in_addr number_of(const struct network_endpoint *endpoint)
{
	struct in_addr number = endpoint->address;
	if (!endpoint->bridge->prefix)
		memcpy(&number, endpoint->address6.s6_addr + 12, sizeof number);
	return number;
}

static int connect_endpoint(int fd, const struct handles *inside, unsigned index, unsigned number,
			    const struct network_endpoint *endpoint, struct error *err)
{
	static const uint8_t none[6];
	char name[IFNAMSIZ];
	uint8_t mac[6];
	int master = bridge_ensure(fd, endpoint->bridge, err);
	if (master < 0)
		return -1;
	name_pair(index, number, name);
	if (memcmp(endpoint->mac, none, sizeof none) == 0)
		bridge_mac(number_of(endpoint), mac);
	else
		memcpy(mac, endpoint->mac, sizeof mac);
	const struct rtnetlink_pair pair = {
		name, master, endpoint->device, mac, inside->netns, endpoint->bridge->mtu};
	if (create_pair(fd, &pair, err) < 0)
		return -1;
	if (endpoint->bridge->separate && rtnetlink_port_isolate(fd, name, err) < 0)
		return -1;
	return configure_inside(inside->route, endpoint, err);
}

static int connect_namespace(const struct handles *inside, unsigned index,
			     const struct network_endpoint *endpoints, unsigned count,
			     struct error *err)
{
	_cleanup_close_ int fd = netlink_open(NETLINK_ROUTE, 0, err);
	if (fd < 0 || rtnetlink_link_up(inside->route, "lo", err) < 0)
		return -1;
	for (unsigned i = 0; i < count; i++)
		if (connect_endpoint(fd, inside, index, i, &endpoints[i], err) < 0)
			return -1;
	return 0;
}

/* Published ports lead to where it leads out; there are none when nothing of it does. */
static int publish_all(unsigned index, const struct network_endpoint *endpoints, unsigned count,
		       const struct port_mapping *ports, unsigned port_count, struct error *err)
{
	struct nftables_port to = {0};
	bool any = false;
	for (unsigned i = 0; i < count; i++) {
		if (endpoints[i].leads_out)
			to.address = endpoints[i].address;
		if (endpoints[i].leads_out6)
			to.address6 = endpoints[i].address6;
		any |= endpoints[i].leads_out || endpoints[i].leads_out6;
	}
	return publish(index, &to, ports, any ? port_count : 0, err);
}

int network_container_create(unsigned index, const struct network_endpoint *endpoints,
			     unsigned endpoint_count, const struct port_mapping *ports,
			     unsigned port_count, struct error *err)
{
	struct error local = ERROR_INIT;
	struct handles inside;
	if (!err)
		err = &local;
	if (open_namespace(&inside, err) < 0)
		return error_context(err, "network of container %u", index);
	_cleanup_close_ int netns = inside.netns, route = inside.route;
	if (connect_namespace(&inside, index, endpoints, endpoint_count, err) < 0 ||
	    publish_all(index, endpoints, endpoint_count, ports, port_count, err) < 0)
		return error_context(err, "network of container %u", index);
	(void)route; /* closed on return */
	return steal_fd(&netns);
}

int network_isolated_create(struct error *err)
{
	struct handles inside;
	if (open_namespace(&inside, err) < 0)
		return -1;
	_cleanup_close_ int netns = inside.netns, route = inside.route;
	if (rtnetlink_link_up(route, "lo", err) < 0)
		return error_context(err, "in an isolated network namespace");
	return steal_fd(&netns);
}

int network_container_remove(unsigned index, struct error *err)
{
	for (unsigned i = 0; i < published_count; i++)
		if (published[i].owner == index)
			return publish(index, &published[i], NULL, 0, err);
	return 0;
}
