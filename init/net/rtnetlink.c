// SPDX-License-Identifier: Apache-2.0
#include "init/net/rtnetlink.h"

#include "init/net/ipv4.h"
#include "init/net/rtnetlink_request.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

/* <net/if.h> has the interface flags up to 16 bits; this one is from <linux/if.h>, which cannot be
 * included beside it. */
static const unsigned FLAG_LOWER_UP = 1u << 16;

void request_begin(struct request *request, uint16_t type, uint16_t flags, const void *header,
		   size_t header_size, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	vsnprintf(request->operation, sizeof request->operation, format, ap);
	va_end(ap);
	netlink_batch_init(&request->batch, request->storage, sizeof request->storage);
	netlink_begin(&request->batch, type, NLM_F_ACK | flags, header, header_size);
}

int request_send(struct request *request, int fd, struct error *err)
{
	netlink_end(&request->batch);
	return netlink_exchange(fd, &request->batch, request->operation, err);
}

bool rtnetlink_link_decode(const struct nlmsghdr *message, struct rtnetlink_link *out)
{
	const struct ifinfomsg *info = NLMSG_DATA(message);
	size_t fixed = NLMSG_SPACE(sizeof *info);
	*out = (struct rtnetlink_link){0};
	if ((message->nlmsg_type != RTM_NEWLINK && message->nlmsg_type != RTM_DELLINK) ||
	    message->nlmsg_len < fixed)
		return false;
	/* A bridge tells about its ports in messages of its own family. */
	if (info->ifi_family != AF_UNSPEC)
		return false;
	out->index = info->ifi_index;
	out->type = info->ifi_type;
	out->up = info->ifi_flags & IFF_UP;
	out->carrier = (info->ifi_flags & IFF_UP) && (info->ifi_flags & FLAG_LOWER_UP);
	out->removed = message->nlmsg_type == RTM_DELLINK;
	const struct nlattr *table[IFLA_LINKINFO + 1];
	netlink_attributes((const uint8_t *)message + fixed, message->nlmsg_len - fixed, table,
			   IFLA_LINKINFO);
	netlink_text(table[IFLA_IFNAME], out->name, sizeof out->name);
	out->master = (int)netlink_u32(table[IFLA_MASTER]);
	const struct nlattr *details = table[IFLA_LINKINFO];
	if (details) {
		const struct nlattr *kind[IFLA_INFO_KIND + 1];
		netlink_attributes(details + 1, details->nla_len - NLA_HDRLEN, kind,
				   IFLA_INFO_KIND);
		netlink_text(kind[IFLA_INFO_KIND], out->kind, sizeof out->kind);
	}
	return out->name[0] != 0;
}

struct link_walk {
	rtnetlink_link_callback *callback;
	void *context;
};

static void walk_link(const struct nlmsghdr *message, void *context)
{
	struct link_walk *walk = context;
	struct rtnetlink_link link;
	if (rtnetlink_link_decode(message, &link))
		walk->callback(&link, walk->context);
}

int rtnetlink_links(int fd, rtnetlink_link_callback *callback, void *context, struct error *err)
{
	struct ifinfomsg info = {.ifi_family = AF_UNSPEC};
	struct request request;
	struct link_walk walk = {callback, context};
	netlink_batch_init(&request.batch, request.storage, sizeof request.storage);
	netlink_begin(&request.batch, RTM_GETLINK, NLM_F_DUMP, &info, sizeof info);
	netlink_end(&request.batch);
	return netlink_dump(fd, &request.batch, walk_link, &walk, "list the network devices", err);
}

int rtnetlink_index(int fd, const char *name, struct error *err)
{
	struct ifreq request = {0};
	if (strlen(name) >= sizeof request.ifr_name)
		return error_errno(err, ENODEV, "find network device %s", name);
	memcpy(request.ifr_name, name, strlen(name) + 1);
	/* Any socket can be asked, for the devices of its own namespace. */
	if (ioctl(fd, SIOCGIFINDEX, &request) < 0)
		return error_errno(err, errno, "find network device %s", name);
	return request.ifr_ifindex;
}

int rtnetlink_link_up(int fd, const char *name, struct error *err)
{
	struct ifinfomsg info = {.ifi_flags = IFF_UP, .ifi_change = IFF_UP};
	struct request request;
	request_begin(&request, RTM_NEWLINK, 0, &info, sizeof info, "bring up %s", name);
	netlink_put_text(&request.batch, IFLA_IFNAME, name);
	return request_send(&request, fd, err);
}

int rtnetlink_link_delete(int fd, const char *name, struct error *err)
{
	struct ifinfomsg info = {0};
	struct request request;
	request_begin(&request, RTM_DELLINK, 0, &info, sizeof info, "delete device %s", name);
	netlink_put_text(&request.batch, IFLA_IFNAME, name);
	return request_send(&request, fd, err);
}

static void put_mtu(struct netlink_batch *batch, unsigned mtu)
{
	if (mtu)
		netlink_put_u32(batch, IFLA_MTU, mtu);
}

int rtnetlink_bridge_create(int fd, const char *name, const uint8_t mac[6], unsigned mtu,
			    struct error *err)
{
	struct ifinfomsg info = {.ifi_flags = IFF_UP, .ifi_change = IFF_UP};
	struct request request;
	request_begin(&request, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &info, sizeof info,
		      "create bridge %s", name);
	netlink_put_text(&request.batch, IFLA_IFNAME, name);
	netlink_put(&request.batch, IFLA_ADDRESS, mac, 6);
	put_mtu(&request.batch, mtu);
	size_t details = netlink_nest(&request.batch, IFLA_LINKINFO);
	netlink_put_text(&request.batch, IFLA_INFO_KIND, "bridge");
	netlink_nest_end(&request.batch, details);
	return request_send(&request, fd, err);
}

int rtnetlink_veth_create(int fd, const struct rtnetlink_pair *pair, struct error *err)
{
	struct ifinfomsg info = {.ifi_flags = IFF_UP, .ifi_change = IFF_UP}, peer_info = {0};
	struct request request;
	struct netlink_batch *batch = &request.batch;
	request_begin(&request, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &info, sizeof info,
		      "create the pair %s and %s", pair->name, pair->peer);
	netlink_put_text(batch, IFLA_IFNAME, pair->name);
	put_mtu(batch, pair->mtu);
	if (pair->master)
		netlink_put_u32(batch, IFLA_MASTER, (uint32_t)pair->master);
	size_t details = netlink_nest(batch, IFLA_LINKINFO);
	netlink_put_text(batch, IFLA_INFO_KIND, "veth");
	size_t data = netlink_nest(batch, IFLA_INFO_DATA);
	size_t other = netlink_nest(batch, VETH_INFO_PEER);
	netlink_put_raw(batch, &peer_info, sizeof peer_info);
	netlink_put_text(batch, IFLA_IFNAME, pair->peer);
	put_mtu(batch, pair->mtu);
	netlink_put(batch, IFLA_ADDRESS, pair->mac, 6);
	netlink_put_u32(batch, IFLA_NET_NS_FD, (uint32_t)pair->netns);
	netlink_nest_end(batch, other);
	netlink_nest_end(batch, data);
	netlink_nest_end(batch, details);
	return request_send(&request, fd, err);
}

int rtnetlink_port_isolate(int fd, const char *name, struct error *err)
{
	uint8_t yes = 1;
	int index = rtnetlink_index(fd, name, err);
	if (index < 0)
		return error_context(err, "isolate the port");
	struct ifinfomsg info = {.ifi_family = AF_BRIDGE, .ifi_index = index};
	struct request request;
	request_begin(&request, RTM_SETLINK, 0, &info, sizeof info, "isolate the port %s", name);
	size_t port = netlink_nest(&request.batch, IFLA_PROTINFO | NLA_F_NESTED);
	netlink_put(&request.batch, IFLA_BRPORT_ISOLATED, &yes, sizeof yes);
	netlink_nest_end(&request.batch, port);
	return request_send(&request, fd, err);
}

/* Fills the index, which addresses and routes need instead of the name. */
static int find(int fd, const char *name, const char *operation, uint32_t *index, struct error *err)
{
	int found = rtnetlink_index(fd, name, err);
	if (found < 0)
		return error_context(err, "%s %s", operation, name);
	*index = (uint32_t)found;
	return 0;
}

static void put_address(struct netlink_batch *batch, struct in_addr address, uint8_t prefix)
{
	netlink_put(batch, IFA_LOCAL, &address, sizeof address);
	netlink_put(batch, IFA_ADDRESS, &address, sizeof address);
	if (prefix >= 31)
		return;
	struct in_addr broadcast = {address.s_addr | htonl(~ipv4_mask(prefix))};
	netlink_put(batch, IFA_BROADCAST, &broadcast, sizeof broadcast);
}

int rtnetlink_address_add(int fd, const char *name, struct in_addr address, uint8_t prefix,
			  uint32_t lifetime, struct error *err)
{
	struct ifaddrmsg info = {.ifa_family = AF_INET, .ifa_prefixlen = prefix};
	if (find(fd, name, "add an address to", &info.ifa_index, err) < 0)
		return -1;
	char text[IPV4_TEXT];
	ipv4_format(address, text);
	struct request request;
	request_begin(&request, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, &info, sizeof info,
		      "add address %s/%u to %s", text, prefix, name);
	put_address(&request.batch, address, prefix);
	uint32_t seconds = lifetime ? lifetime : UINT32_MAX;
	struct ifa_cacheinfo cache = {.ifa_prefered = seconds, .ifa_valid = seconds};
	netlink_put(&request.batch, IFA_CACHEINFO, &cache, sizeof cache);
	return request_send(&request, fd, err);
}

int rtnetlink_address6_add(int fd, const char *name, const struct in6_addr *address, uint8_t prefix,
			   struct error *err)
{
	struct ifaddrmsg info = {
		.ifa_family = AF_INET6, .ifa_prefixlen = prefix, .ifa_flags = IFA_F_NODAD};
	char text[INET6_ADDRSTRLEN];
	if (find(fd, name, "add an address to", &info.ifa_index, err) < 0)
		return -1;
	inet_ntop(AF_INET6, address, text, sizeof text);
	struct request request;
	request_begin(&request, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, &info, sizeof info,
		      "add address %s/%u to %s", text, prefix, name);
	netlink_put(&request.batch, IFA_LOCAL, address, sizeof *address);
	netlink_put(&request.batch, IFA_ADDRESS, address, sizeof *address);
	return request_send(&request, fd, err);
}

int rtnetlink_address_delete(int fd, const char *name, struct in_addr address, uint8_t prefix,
			     struct error *err)
{
	struct ifaddrmsg info = {.ifa_family = AF_INET, .ifa_prefixlen = prefix};
	if (find(fd, name, "delete an address from", &info.ifa_index, err) < 0)
		return -1;
	char text[IPV4_TEXT];
	ipv4_format(address, text);
	struct request request;
	request_begin(&request, RTM_DELADDR, 0, &info, sizeof info, "delete address %s/%u from %s",
		      text, prefix, name);
	netlink_put(&request.batch, IFA_LOCAL, &address, sizeof address);
	return request_send(&request, fd, err);
}

int rtnetlink_neighbour_route_set(int fd, const char *name, struct in_addr address,
				  struct error *err)
{
	uint32_t index = 0;
	char text[IPV4_TEXT];
	ipv4_format(address, text);
	if (find(fd, name, "add a route to", &index, err) < 0)
		return -1;
	struct rtmsg info = {
		.rtm_family = AF_INET,
		.rtm_dst_len = 32,
		.rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = RTPROT_BOOT,
		.rtm_scope = RT_SCOPE_LINK,
		.rtm_type = RTN_UNICAST,
	};
	struct request request;
	request_begin(&request, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, &info, sizeof info,
		      "add the route to %s on %s", text, name);
	netlink_put(&request.batch, RTA_DST, &address, sizeof address);
	netlink_put_u32(&request.batch, RTA_OIF, index);
	return request_send(&request, fd, err);
}

int rtnetlink_default_route_set(int fd, const char *name, struct in_addr gateway, bool on_link,
				struct error *err)
{
	uint32_t index = 0;
	if (find(fd, name, "add the default route to", &index, err) < 0)
		return -1;
	struct rtmsg info = {
		.rtm_family = AF_INET,
		.rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = RTPROT_BOOT,
		.rtm_scope = RT_SCOPE_UNIVERSE,
		.rtm_type = RTN_UNICAST,
		.rtm_flags = on_link ? RTNH_F_ONLINK : 0,
	};
	char text[IPV4_TEXT];
	ipv4_format(gateway, text);
	struct request request;
	request_begin(&request, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, &info, sizeof info,
		      "add the default route by %s on %s", text, name);
	netlink_put(&request.batch, RTA_GATEWAY, &gateway, sizeof gateway);
	netlink_put_u32(&request.batch, RTA_OIF, index);
	return request_send(&request, fd, err);
}

int rtnetlink_loopback6_admit(int fd, const char *name, struct error *err)
{
	enum { BEHIND_THE_KERNELS = 4096 }; /* the route on lo comes first */
	const struct in6_addr loopback = IN6ADDR_LOOPBACK_INIT;
	uint32_t index = 0;
	if (find(fd, name, "add the route of ::1 to", &index, err) < 0)
		return -1;
	struct rtmsg info = {
		.rtm_family = AF_INET6,
		.rtm_dst_len = 128,
		.rtm_table = RT_TABLE_LOCAL,
		.rtm_protocol = RTPROT_BOOT,
		.rtm_scope = RT_SCOPE_HOST,
		.rtm_type = RTN_LOCAL,
	};
	struct request request;
	request_begin(&request, RTM_NEWROUTE, NLM_F_CREATE, &info, sizeof info,
		      "add the route of ::1 to %s", name);
	netlink_put(&request.batch, RTA_DST, &loopback, sizeof loopback);
	netlink_put_u32(&request.batch, RTA_OIF, index);
	netlink_put_u32(&request.batch, RTA_PRIORITY, BEHIND_THE_KERNELS);
	return request_send(&request, fd, err);
}

int rtnetlink_default_route6_set(int fd, const char *name, const struct in6_addr *gateway,
				 struct error *err)
{
	uint32_t index = 0;
	if (find(fd, name, "add the default route to", &index, err) < 0)
		return -1;
	struct rtmsg info = {
		.rtm_family = AF_INET6,
		.rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = RTPROT_BOOT,
		.rtm_scope = RT_SCOPE_UNIVERSE,
		.rtm_type = RTN_UNICAST,
		.rtm_flags = RTNH_F_ONLINK, /* the router need not be in a subnet of the device's */
	};
	char text[INET6_ADDRSTRLEN];
	inet_ntop(AF_INET6, gateway, text, sizeof text);
	struct request request;
	request_begin(&request, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, &info, sizeof info,
		      "add the default route by %s on %s", text, name);
	netlink_put(&request.batch, RTA_GATEWAY, gateway, sizeof *gateway);
	netlink_put_u32(&request.batch, RTA_OIF, index);
	return request_send(&request, fd, err);
}

int rtnetlink_default_route_delete(int fd, const char *name, struct in_addr gateway,
				   struct error *err)
{
	uint32_t index = 0;
	if (find(fd, name, "delete the default route of", &index, err) < 0)
		return -1;
	struct rtmsg info = {
		.rtm_family = AF_INET,
		.rtm_table = RT_TABLE_MAIN,
		.rtm_scope = RT_SCOPE_NOWHERE,
	};
	char text[IPV4_TEXT];
	ipv4_format(gateway, text);
	struct request request;
	request_begin(&request, RTM_DELROUTE, 0, &info, sizeof info,
		      "delete the default route by %s on %s", text, name);
	netlink_put(&request.batch, RTA_GATEWAY, &gateway, sizeof gateway);
	netlink_put_u32(&request.batch, RTA_OIF, index);
	return request_send(&request, fd, err);
}
