// SPDX-License-Identifier: Apache-2.0
/* The bridge that containers stand behind: its device, the forwarding switch, its addresses. */
#ifndef BERTH_INIT_NET_BRIDGE_H
#define BERTH_INIT_NET_BRIDGE_H

#include "lib/error.h"

#include <netinet/in.h>
#include <stdint.h>

#define BRIDGE_DEVICE "berth0"

enum { BRIDGE_PREFIX = 16, BRIDGE_CONTAINERS_MAX = 253 };

struct in_addr bridge_subnet(void);              /* 172.17.0.0 */
struct in_addr bridge_gateway(void);             /* 172.17.0.1 */
struct in_addr bridge_container(unsigned index); /* 172.17.0.(1+index) */
/* The address as a locally administered MAC: stable, so that no neighbour's cache goes stale. */
void bridge_mac(struct in_addr address, uint8_t mac[6]);

/* Creates what is missing: bridge, its address, IPv4 forwarding. Returns the device's index or -1.
 * `fd` is an rtnetlink socket. */
int bridge_ensure(int fd, struct error *err);

#endif
