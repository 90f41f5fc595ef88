// SPDX-License-Identifier: Apache-2.0
#include "runtime/net_devices.h"

#include "lib/cleanup.h"
#include "lib/netlink.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
	ADDRESSES_MAX = 64, /* of one device */
	INDEX_ATTEMPTS = 256,
	REQUEST_MAX = 512,
};

/* What of its flags belongs to an address and not to the moment. */
static const uint32_t LASTING_FLAGS = IFA_F_NOPREFIXROUTE | IFA_F_NODAD;

struct part {
	uint8_t bytes[16]; /* of an IPv4 or IPv6 address */
	size_t size;       /* 0: absent */
};

struct address {
	struct ifaddrmsg info;
	uint32_t flags;
	struct part local, address, broadcast;
};

struct addresses {
	unsigned index;
	size_t count;
	bool over;
	struct address items[ADDRESSES_MAX];
};

static void keep_part(const struct nlattr *attribute, struct part *out)
{
	size_t size = attribute ? attribute->nla_len - (size_t)NLA_HDRLEN : 0;
	if (size > sizeof out->bytes)
		return;
	if (size)
		memcpy(out->bytes, attribute + 1, size);
	out->size = size;
}

static void keep_address(const struct nlmsghdr *message, void *context)
{
	struct addresses *kept = context;
	const struct ifaddrmsg *info = NLMSG_DATA(message);
	size_t fixed = NLMSG_SPACE(sizeof *info);
	if (message->nlmsg_type != RTM_NEWADDR || message->nlmsg_len < fixed ||
	    info->ifa_index != kept->index || info->ifa_scope != RT_SCOPE_UNIVERSE)
		return;
	const struct nlattr *table[IFA_FLAGS + 1];
	netlink_attributes((const uint8_t *)message + fixed, message->nlmsg_len - fixed, table,
			   IFA_FLAGS);
	uint32_t flags = table[IFA_FLAGS] ? netlink_u32(table[IFA_FLAGS]) : info->ifa_flags;
	if (!(flags & IFA_F_PERMANENT))
		return;
	if (kept->count == ADDRESSES_MAX) {
		kept->over = true;
		return;
	}
	struct address *address = &kept->items[kept->count++];
	*address = (struct address){.info = *info, .flags = flags & LASTING_FLAGS};
	keep_part(table[IFA_LOCAL], &address->local);
	keep_part(table[IFA_ADDRESS], &address->address);
	keep_part(table[IFA_BROADCAST], &address->broadcast);
}

static int list_addresses(int fd, int index, struct addresses *out, struct error *err)
{
	_Alignas(struct nlmsghdr) uint8_t storage[REQUEST_MAX];
	struct netlink_batch batch;
	const struct ifaddrmsg all = {.ifa_family = AF_UNSPEC};
	*out = (struct addresses){.index = (unsigned)index};
	netlink_batch_init(&batch, storage, sizeof storage);
	netlink_begin(&batch, RTM_GETADDR, NLM_F_DUMP, &all, sizeof all);
	netlink_end(&batch);
	if (netlink_dump(fd, &batch, keep_address, out, "list its addresses", err) < 0)
		return -1;
	return out->over ? error_set(err, "it has more than %d addresses", ADDRESSES_MAX) : 0;
}

/* -1 when there is none. Any socket tells of the devices of its own namespace. */
static int index_of(int fd, const char *name)
{
	struct ifreq request = {0};
	memcpy(request.ifr_name, name, strnlen(name, IFNAMSIZ - 1));
	return ioctl(fd, SIOCGIFINDEX, &request) < 0 ? -1 : request.ifr_ifindex;
}

static int request_move(int fd, int index, const char *name, int netns_fd, int new_index,
			struct error *err)
{
	_Alignas(struct nlmsghdr) uint8_t storage[REQUEST_MAX];
	struct netlink_batch batch;
	const struct ifinfomsg info = {.ifi_family = AF_UNSPEC, .ifi_index = index};
	netlink_batch_init(&batch, storage, sizeof storage);
	netlink_begin(&batch, RTM_NEWLINK, NLM_F_ACK, &info, sizeof info);
	netlink_put_text(&batch, IFLA_IFNAME, name);
	netlink_put_u32(&batch, IFLA_NET_NS_FD, (uint32_t)netns_fd);
	netlink_put_u32(&batch, IFLA_NEW_IFINDEX, (uint32_t)new_index);
	netlink_end(&batch);
	return netlink_exchange(fd, &batch, "move it", err);
}

/* The number by which it is known there, whatever name the kernel gives it; -1 on failure. */
static int move(int fd, int index, const char *name, int netns_fd, struct error *err)
{
	for (int new_index = index; new_index < index + INDEX_ATTEMPTS; new_index++) {
		struct error why = ERROR_INIT;
		if (request_move(fd, index, name, netns_fd, new_index, &why) == 0)
			return new_index;
		if (why.code != EBUSY || new_index == index + INDEX_ATTEMPTS - 1) {
			if (err)
				*err = why;
			break;
		}
	}
	return -1;
}

static void put_part(struct netlink_batch *batch, uint16_t type, const struct part *part)
{
	if (part->size)
		netlink_put(batch, type, part->bytes, part->size);
}

static int give_address(int fd, int index, const struct address *address, struct error *err)
{
	_Alignas(struct nlmsghdr) uint8_t storage[REQUEST_MAX];
	struct netlink_batch batch;
	const struct ifaddrmsg info = {.ifa_family = address->info.ifa_family,
				       .ifa_prefixlen = address->info.ifa_prefixlen,
				       .ifa_scope = RT_SCOPE_UNIVERSE,
				       .ifa_index = (unsigned)index};
	netlink_batch_init(&batch, storage, sizeof storage);
	netlink_begin(&batch, RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, &info,
		      sizeof info);
	put_part(&batch, IFA_LOCAL, &address->local);
	put_part(&batch, IFA_ADDRESS, &address->address);
	put_part(&batch, IFA_BROADCAST, &address->broadcast);
	if (address->flags)
		netlink_put_u32(&batch, IFA_FLAGS, address->flags);
	netlink_end(&batch);
	return netlink_exchange(fd, &batch, "give it its address", err);
}

static int switch_on(int fd, int index, struct error *err)
{
	_Alignas(struct nlmsghdr) uint8_t storage[REQUEST_MAX];
	struct netlink_batch batch;
	const struct ifinfomsg info = {.ifi_index = index, .ifi_flags = IFF_UP,
				       .ifi_change = IFF_UP};
	netlink_batch_init(&batch, storage, sizeof storage);
	netlink_begin(&batch, RTM_NEWLINK, NLM_F_ACK, &info, sizeof info);
	netlink_end(&batch);
	return netlink_exchange(fd, &batch, "switch it on", err);
}

struct ends {
	int here, there; /* netlink sockets */
	int netns_fd;
};

static int move_one(const struct ends *ends, const char *from, const char *to, struct error *err)
{
	struct addresses addresses;
	int index = index_of(ends->here, from);
	if (index < 0)
		return error_errno(err, errno, "find it");
	/* Else the kernel would rename it after the move, and fail too late. */
	if (index_of(ends->there, to) >= 0)
		return error_errno(err, EEXIST, "name it %s: the container's network has such a "
						"device", to);
	if (list_addresses(ends->here, index, &addresses, err) < 0)
		return -1;
	int moved = move(ends->here, index, to, ends->netns_fd, err);
	if (moved < 0)
		return -1;
	for (size_t i = 0; i < addresses.count; i++)
		if (give_address(ends->there, moved, &addresses.items[i], err) < 0)
			return -1;
	return switch_on(ends->there, moved, err);
}

/* A socket belongs to the namespace in which it was opened. */
static int open_there(int netns_fd, struct error *err)
{
	_cleanup_close_ int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (own < 0)
		return error_errno(err, errno, "open the own network namespace");
	if (setns(netns_fd, CLONE_NEWNET) < 0)
		return error_errno(err, errno, "enter the container's network namespace");
	_cleanup_close_ int fd = netlink_open(NETLINK_ROUTE, 0, err);
	if (setns(own, CLONE_NEWNET) < 0)
		return error_errno(err, errno, "return to the own network namespace");
	return steal_fd(&fd);
}

int net_devices_move(const struct string_list *pairs, int netns_fd, struct error *err)
{
	_cleanup_close_ int here = netlink_open(NETLINK_ROUTE, 0, err);
	_cleanup_close_ int there = here < 0 ? -1 : open_there(netns_fd, err);
	if (there < 0)
		return error_context(err, "linux.netDevices");
	const struct ends ends = {here, there, netns_fd};
	for (size_t i = 0; i + 1 < pairs->count; i += 2)
		if (move_one(&ends, pairs->items[i], pairs->items[i + 1], err) < 0)
			return error_context(err, "linux.netDevices: %s", pairs->items[i]);
	return 0;
}
