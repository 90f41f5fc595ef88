// SPDX-License-Identifier: Apache-2.0
/* The plan as requests to the kernel (rtnetlink(7), linux/if_link.h). */
#include "init/net/plan.h"

#include "init/net/rtnetlink.h"
#include "init/net/rtnetlink_request.h"

#include <arpa/inet.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>

static const struct ifinfomsg raise = {.ifi_flags = IFF_UP, .ifi_change = IFF_UP};

static int make_vlan(int fd, const struct plan_link *link, struct error *err)
{
	struct request request;
	struct netlink_batch *batch = &request.batch;
	int below = rtnetlink_index(fd, link->below, err);
	if (below < 0)
		return error_context(err, "VLAN %s", link->name);
	request_begin(&request, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &raise, sizeof raise,
		      "create VLAN %u on %s as %s", link->vlan, link->below, link->name);
	netlink_put_text(batch, IFLA_IFNAME, link->name);
	netlink_put_u32(batch, IFLA_LINK, (uint32_t)below);
	size_t details = netlink_nest(batch, IFLA_LINKINFO);
	netlink_put_text(batch, IFLA_INFO_KIND, "vlan");
	size_t data = netlink_nest(batch, IFLA_INFO_DATA);
	netlink_put(batch, IFLA_VLAN_ID, &link->vlan, sizeof link->vlan);
	netlink_nest_end(batch, data);
	netlink_nest_end(batch, details);
	/* It comes up only on a device that is up. */
	if (rtnetlink_link_up(fd, link->below, err) < 0)
		return -1;
	return request_send(&request, fd, err);
}

/* A device joins a bond while it is down; the bond brings it up. */
static int join(int fd, const char *member, int bond, const char *name, struct error *err)
{
	const struct ifinfomsg down = {.ifi_change = IFF_UP};
	struct request request;
	request_begin(&request, RTM_NEWLINK, 0, &down, sizeof down, "take down %s", member);
	netlink_put_text(&request.batch, IFLA_IFNAME, member);
	if (request_send(&request, fd, err) < 0)
		return -1;
	const struct ifinfomsg as_it_is = {0};
	request_begin(&request, RTM_NEWLINK, 0, &as_it_is, sizeof as_it_is, "make %s a member of %s", member,
		      name);
	netlink_put_text(&request.batch, IFLA_IFNAME, member);
	netlink_put_u32(&request.batch, IFLA_MASTER, (uint32_t)bond);
	return request_send(&request, fd, err);
}

static int make_bond(int fd, const struct plan_link *link, struct error *err)
{
	const struct ifinfomsg down = {0};
	/* The driver makes a bond0 by itself. */
	if (rtnetlink_index(fd, link->name, NULL) > 0)
		rtnetlink_link_delete(fd, link->name, NULL);
	struct request request;
	struct netlink_batch *batch = &request.batch;
	request_begin(&request, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &down, sizeof down,
		      "create bond %s", link->name);
	netlink_put_text(batch, IFLA_IFNAME, link->name);
	size_t details = netlink_nest(batch, IFLA_LINKINFO);
	netlink_put_text(batch, IFLA_INFO_KIND, "bond");
	size_t data = netlink_nest(batch, IFLA_INFO_DATA);
	netlink_put(batch, IFLA_BOND_MODE, &link->mode, sizeof link->mode);
	netlink_put_u32(batch, IFLA_BOND_MIIMON, link->miimon_ms);
	netlink_nest_end(batch, data);
	netlink_nest_end(batch, details);
	if (request_send(&request, fd, err) < 0)
		return -1;
	int index = rtnetlink_index(fd, link->name, err);
	for (unsigned i = 0; index > 0 && i < link->member_count; i++)
		if (join(fd, link->members[i], index, link->name, err) < 0)
			return -1;
	return index < 0 ? -1 : rtnetlink_link_up(fd, link->name, err);
}

static int set_mtu(int fd, const char *name, uint32_t mtu, struct error *err)
{
	const struct ifinfomsg as_it_is = {0};
	struct request request;
	if (mtu == 0)
		return 0;
	request_begin(&request, RTM_NEWLINK, 0, &as_it_is, sizeof as_it_is, "set the MTU of %s to %u",
		      name, mtu);
	netlink_put_text(&request.batch, IFLA_IFNAME, name);
	netlink_put_u32(&request.batch, IFLA_MTU, mtu);
	return request_send(&request, fd, err);
}

int plan_add_addresses(int fd, const char *name, const struct plan_address *addresses,
		       unsigned count, struct error *err)
{
	for (unsigned i = 0; i < count; i++) {
		const struct plan_address *address = &addresses[i];
		int added = address->family == AF_INET
				    ? rtnetlink_address_add(fd, name, address->v4, address->prefix, 0, err)
				    : rtnetlink_address6_add(fd, name, &address->v6,
							     address->prefix, err);
		if (added < 0)
			return -1;
	}
	return 0;
}

static size_t size_of(const struct plan_address *address)
{
	return address->family == AF_INET ? sizeof address->v4 : sizeof address->v6;
}

/* The kernel knows by which device the gateway is reached, unless it is a link-local one. */
static int add_route(int fd, const struct plan_route *route, const char *device, struct error *err)
{
	struct rtmsg info = {
		.rtm_family = (uint8_t)route->to.family,
		.rtm_dst_len = route->to.prefix,
		.rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = RTPROT_BOOT,
		.rtm_scope = RT_SCOPE_UNIVERSE,
		.rtm_type = RTN_UNICAST,
	};
	struct request request;
	char to[INET6_ADDRSTRLEN], via[INET6_ADDRSTRLEN];
	inet_ntop(route->to.family, &route->to.v6, to, sizeof to);
	inet_ntop(route->via.family, &route->via.v6, via, sizeof via);
	request_begin(&request, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, &info, sizeof info,
		      "add the route to %s/%u by %s", to, route->to.prefix, via);
	if (route->to.prefix)
		netlink_put(&request.batch, RTA_DST, &route->to.v6, size_of(&route->to));
	netlink_put(&request.batch, RTA_GATEWAY, &route->via.v6, size_of(&route->via));
	if (route->via.family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL(&route->via.v6)) {
		int index = rtnetlink_index(fd, device, err);
		if (index < 0)
			return -1;
		netlink_put_u32(&request.batch, RTA_OIF, (uint32_t)index);
	}
	return request_send(&request, fd, err);
}

int plan_make_links(int fd, const struct network_plan *plan, struct error *err)
{
	/* A VLAN may be on a bond. */
	for (unsigned i = 0; i < plan->link_count; i++)
		if (plan->links[i].kind == LINK_BOND && make_bond(fd, &plan->links[i], err) < 0)
			return -1;
	for (unsigned i = 0; i < plan->link_count; i++)
		if (plan->links[i].kind == LINK_VLAN && make_vlan(fd, &plan->links[i], err) < 0)
			return -1;
	for (unsigned i = 0; i < plan->link_count; i++) {
		const struct plan_link *link = &plan->links[i];
		if (set_mtu(fd, link->name, link->mtu, err) < 0 ||
		    rtnetlink_link_up(fd, link->name, err) < 0 ||
		    plan_add_addresses(fd, link->name, link->addresses, link->address_count, err) < 0)
			return -1;
	}
	return 0;
}

int plan_apply(int fd, const struct network_plan *plan, const char *device, struct error *err)
{
	if (set_mtu(fd, device, plan->mtu, err) < 0 ||
	    plan_add_addresses(fd, device, plan->addresses, plan->address_count, err) < 0)
		return -1;
	for (unsigned i = 0; i < plan->route_count; i++)
		if (add_route(fd, &plan->routes[i], device, err) < 0)
			return -1;
	return 0;
}
