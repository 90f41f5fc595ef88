// SPDX-License-Identifier: Apache-2.0
/*
 * A DHCP lease on its way from udhcpc's script (environment variables) through one frame to PID 1.
 * Both ends check every value: the script because they come from the network, PID 1 because the
 * script's process may have been taken over.
 */
#ifndef BERTH_INIT_NET_DHCP_LEASE_H
#define BERTH_INIT_NET_DHCP_LEASE_H

#include "init/net/network.h"
#include "lib/frame.h"

/* The frame's type byte. */
enum dhcp_event {
	DHCP_DECONFIG = 1, /* no lease (any more) */
	DHCP_BOUND = 2,    /* a lease, new or renewed */
	DHCP_FAILED = 3,   /* no server answered the last round of requests, or one refused */
};

enum { DHCP_FRAME_MAX = 1024, DHCP_DOMAIN_MAX = 254 };

struct dhcp_lease {
	enum dhcp_event event;
	char device[16];
	/* Only with DHCP_BOUND: */
	struct in_addr address, router, ntp; /* router and ntp may be 0 */
	struct in_addr dns[NET_DNS_MAX];
	unsigned dns_count;
	uint8_t prefix;
	uint32_t lifetime;            /* seconds, 0 = for ever */
	char domain[DHCP_DOMAIN_MAX]; /* search domain, "" = none */
};

/* `event` is the script's argument: deconfig, bound, renew, leasefail, nak. Returns 1, or 0 for an
 * event that means nothing here, or -1. `environment` is "NAME=value" strings, NULL at the end. */
int dhcp_lease_from_environment(const char *event, char *const *environment, struct dhcp_lease *out,
				struct error *err);
void dhcp_lease_encode(const struct dhcp_lease *lease, struct frame *frame, void *storage,
		       size_t capacity);
int dhcp_lease_decode(struct frame *frame, struct dhcp_lease *out, struct error *err);
/* Writes "search …" and "nameserver …" lines; what does not fit is left out. */
void resolv_conf_format(const char *domain, const struct in_addr *dns, unsigned dns_count,
			char *out, size_t capacity);

#endif
