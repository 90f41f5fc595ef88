// SPDX-License-Identifier: Apache-2.0
/* Published ports: what -p says, as `docker run -p` has it. */
#ifndef BERTH_INIT_WORKSTATION_PORT_H
#define BERTH_INIT_WORKSTATION_PORT_H

#include "lib/error.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

enum { PUBLISHED_PORTS_MAX = 32 };

struct published_port {
	struct in_addr address;   /* of the workstation; 127.0.0.1 when none was given */
	uint16_t host, container; /* 1 to 65535 */
	bool udp;
};

/* [ADDRESS:][PORT:]PORT[/tcp|/udp]; ADDRESS is IPv4: QEMU's user network forwards no other. */
int published_port_parse(const char *text, struct published_port *out, struct error *err);

/* Tries whether the port is free on the workstation; QEMU says only that something failed. */
int published_port_check(const struct published_port *port, struct error *err);

#endif
