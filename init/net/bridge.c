// SPDX-License-Identifier: Apache-2.0
#include "init/net/bridge.h"

#include "init/net/ipv4.h"
#include "init/net/rtnetlink.h"
#include "lib/file.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

/* Those that were made here; any other device of the machine must not become a bridge by its name. */
static char made[BRIDGES_MAX][IFNAMSIZ];
static unsigned made_count;

struct network_bridge bridge_standard(void)
{
	return (struct network_bridge){
		.device = BRIDGE_DEVICE,
		.gateway = {htonl(172u << 24 | 17u << 16 | 1)},
		.prefix = 16,
	};
}

struct in_addr bridge_subnet(const struct network_bridge *bridge)
{
	return (struct in_addr){bridge->gateway.s_addr & htonl(ipv4_mask(bridge->prefix))};
}

struct in6_addr bridge_subnet6(const struct network_bridge *bridge)
{
	struct in6_addr subnet = bridge->gateway6;
	for (unsigned bit = bridge->prefix6; bit < 128; bit++)
		subnet.s6_addr[bit / 8] &= (uint8_t)~(0x80 >> bit % 8);
	return subnet;
}

void bridge_mac(struct in_addr address, uint8_t mac[6])
{
	mac[0] = 0x02; /* locally administered, unicast */
	mac[1] = 0x42;
	memcpy(mac + 2, &address.s_addr, 4);
}

static bool was_made(const char *device)
{
	for (unsigned i = 0; i < made_count; i++)
		if (strcmp(made[i], device) == 0)
			return true;
	return false;
}

/* The kernel's own settings of one device's IPv6; the files are absent in a kernel without. */
static void set_ipv6(const char *device, const char *name, const char *value)
{
	char path[96];
	snprintf(path, sizeof path, "/proc/sys/net/ipv6/conf/%s/%s", device, name);
	file_put(AT_FDCWD, path, value, NULL);
}

/* Who forwards learns nothing from router advertisements unless it is told to (accept_ra of
 * Documentation/networking/ip-sysctl.rst): the machine's own devices go on as they are. */
static void keep_advertisements(const struct rtnetlink_link *link, void *context)
{
	char path[96], value[8] = "";
	(void)context;
	snprintf(path, sizeof path, "/proc/sys/net/ipv6/conf/%s/accept_ra", link->name);
	if (strcmp(link->kind, "bridge") != 0 && strcmp(link->kind, "veth") != 0 &&
	    file_read(AT_FDCWD, path, value, sizeof value, NULL) >= 0 && *value == '1')
		set_ipv6(link->name, "accept_ra", "2");
}

static int forward_ipv6(int fd, struct error *err)
{
	static bool done;
	if (done)
		return 0;
	if (rtnetlink_links(fd, keep_advertisements, NULL, err) < 0)
		return -1;
	set_ipv6("default", "accept_ra", "2");
	done = file_put(AT_FDCWD, "/proc/sys/net/ipv6/conf/all/forwarding", "1", err) == 0;
	return done ? 0 : -1;
}

/* It has the one address that it is given, and learns nothing from containers. */
static int add_ipv6(int fd, const struct network_bridge *bridge, struct error *err)
{
	set_ipv6(bridge->device, "accept_ra", "0");
	set_ipv6(bridge->device, "autoconf", "0");
	set_ipv6(bridge->device, "disable_ipv6", "0");
	if (rtnetlink_address6_add(fd, bridge->device, &bridge->gateway6, bridge->prefix6, err) < 0)
		return -1;
	if (bridge->internal)
		return 0;
	return rtnetlink_loopback6_admit(fd, bridge->device, err) < 0 ? -1 : forward_ipv6(fd, err);
}

static int add_ipv4(int fd, const struct network_bridge *bridge, struct error *err)
{
	if (rtnetlink_address_add(fd, bridge->device, bridge->gateway, bridge->prefix, 0, err) < 0)
		return -1;
	return file_put(AT_FDCWD, "/proc/sys/net/ipv4/ip_forward", "1", err);
}

static int create(int fd, const struct network_bridge *bridge, struct error *err)
{
	struct in_addr gateway = bridge->gateway;
	uint8_t mac[6];
	if (!bridge->prefix)
		memcpy(&gateway, bridge->gateway6.s6_addr + 12, sizeof gateway);
	bridge_mac(gateway, mac);
	/* A container must not configure the machine by router advertisements: neither the bridges
	 * nor the machine's ends of the pairs have IPv6 by themselves. */
	set_ipv6("default", "disable_ipv6", "1");
	if (rtnetlink_bridge_create(fd, bridge->device, mac, bridge->mtu, err) < 0)
		return -1;
	if (made_count < BRIDGES_MAX)
		memcpy(made[made_count++], bridge->device, sizeof bridge->device);
	if (bridge->prefix && add_ipv4(fd, bridge, err) < 0)
		return -1;
	return bridge->prefix6 ? add_ipv6(fd, bridge, err) : 0;
}

int bridge_ensure(int fd, const struct network_bridge *bridge, struct error *err)
{
	int index = was_made(bridge->device) ? rtnetlink_index(fd, bridge->device, err) : -1;
	if (index > 0)
		return index;
	if (create(fd, bridge, err) < 0)
		return -1;
	return rtnetlink_index(fd, bridge->device, err);
}

void bridge_admit_loopback(void)
{
	for (unsigned i = 0; i < made_count; i++) {
		char path[96];
		snprintf(path, sizeof path, "/proc/sys/net/ipv4/conf/%s/route_localnet", made[i]);
		file_put(AT_FDCWD, path, "1", NULL);
	}
}
