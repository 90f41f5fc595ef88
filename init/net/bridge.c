// SPDX-License-Identifier: Apache-2.0
#include "init/net/bridge.h"

#include "init/net/rtnetlink.h"
#include "lib/file.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

static const uint32_t SUBNET = 172u << 24 | 17u << 16;

struct in_addr bridge_subnet(void)
{
	return (struct in_addr){htonl(SUBNET)};
}

struct in_addr bridge_gateway(void)
{
	return (struct in_addr){htonl(SUBNET | 1)};
}

struct in_addr bridge_container(unsigned index)
{
	return (struct in_addr){htonl(SUBNET | (1 + index))};
}

void bridge_mac(struct in_addr address, uint8_t mac[6])
{
	mac[0] = 0x02; /* locally administered, unicast */
	mac[1] = 0x42;
	memcpy(mac + 2, &address.s_addr, 4);
}

int bridge_ensure(int fd, struct error *err)
{
	int index = rtnetlink_index(fd, BRIDGE_DEVICE, err);
	if (index > 0)
		return index;
	uint8_t mac[6];
	bridge_mac(bridge_gateway(), mac);
	/* A container must not configure the machine by router advertisements: neither the bridge
	 * nor the machine's ends of the pairs have IPv6. The file is absent in a kernel without. */
	file_put(AT_FDCWD, "/proc/sys/net/ipv6/conf/default/disable_ipv6", "1", NULL);
	if (rtnetlink_bridge_create(fd, BRIDGE_DEVICE, mac, err) < 0)
		return -1;
	if (rtnetlink_address_add(fd, BRIDGE_DEVICE, bridge_gateway(), BRIDGE_PREFIX, 0, err) < 0 ||
	    file_put(AT_FDCWD, "/proc/sys/net/ipv4/ip_forward", "1", err) < 0)
		return -1;
	return rtnetlink_index(fd, BRIDGE_DEVICE, err);
}
