// SPDX-License-Identifier: Apache-2.0
/*
 * The DHCP client: busybox udhcpc as a confined child that is started again with back-off when it
 * ends. It holds the raw sockets; the lease comes back in frames and is applied by PID 1.
 */
#ifndef BERTH_INIT_NET_DHCP_H
#define BERTH_INIT_NET_DHCP_H

#include "init/net/dhcp_lease.h"

#include <sys/types.h>

/* The script's end of the socket, inherited through udhcpc, which itself takes 3 and 4 for its
 * signal pipe without looking whether they are free. */
enum { DHCP_SOCKET = 20 };

struct dhcp_client {
	const char *busybox, *script; /* absolute paths */
	const char *device;
	const char *hostname;  /* sent to the server; "" = none */
	const char *client_id; /* option 61, with its type; "" = from the MAC address */
	uint8_t client_id_type;
};

typedef void dhcp_lease_callback(const struct dhcp_lease *lease, void *context);

/* Starts the client; the strings must live on. The callback gets each checked message. A client
 * that cannot be started is tried again like one that died; -1 only when not even that is possible.
 */
int dhcp_start(const struct dhcp_client *client, dhcp_lease_callback *callback, void *context,
	       struct error *err);
/* Asks the server again now (the cable was plugged in again). */
void dhcp_renew(void);
/* Ends the client, which comes back with the device that its options name now. */
void dhcp_restart(void);
bool dhcp_child_exited(pid_t pid, int wait_status);
/* Why the client ended the last time, "" if it did not. */
const char *dhcp_last_failure(void);

#endif
