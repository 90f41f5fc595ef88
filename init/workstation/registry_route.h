// SPDX-License-Identifier: Apache-2.0
/*
 * How the machine reaches a registry on the workstation's loopback. In the machine "localhost" is
 * the machine itself; QEMU's user network shows the workstation's 127.0.0.1 as 10.0.2.2. A registry
 * that listens only on another loopback address ([::1], 127.0.0.2) is reached at 10.0.2.100, where
 * QEMU starts `berth relay` for each connection.
 */
#ifndef BERTH_INIT_WORKSTATION_REGISTRY_ROUTE_H
#define BERTH_INIT_WORKSTATION_REGISTRY_ROUTE_H

#include "lib/error.h"

#include <stdbool.h>
#include <stdint.h>

enum { ROUTE_TEXT = 128, ROUTE_HOST_MAX = 300 };

struct registry_route {
	bool loopback;             /* false: the machine finds the registry by itself */
	char connect[ROUTE_TEXT];  /* value for berth.registry.connect after HOST=: "10.0.2.2:5000" */
	char relay_to[ROUTE_TEXT]; /* loopback address for the relay, "" when none is needed */
	uint16_t port;             /* of the registry */
};

/* `host` is the registry as it stands in the reference: NAME, NAME:PORT, 127.0.0.1:PORT,
 * [::1]:PORT. Names are looked up in /etc/hosts and DNS, in a child that gets one second. Without a
 * port, 443 is taken, or 80 when only that answers. */
int registry_route_find(const char *host, struct registry_route *out, struct error *err);

/* Splits HOST[:PORT]; *port is 0 when there is none. Brackets of IPv6 addresses are removed. */
int registry_host_split(const char *host, char *name, unsigned capacity, uint16_t *port,
			struct error *err);

/* True for "localhost", names below it, 127.0.0.0/8 and ::1, without asking anyone. */
bool registry_name_is_loopback(const char *name);

#endif
