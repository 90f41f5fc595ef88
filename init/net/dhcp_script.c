// SPDX-License-Identifier: Apache-2.0
/*
 * What udhcpc runs at each event. It inherits udhcpc's confinement (user, system call filter,
 * Landlock) and the socket to PID 1 as descriptor DHCP_SOCKET: there is no path anyone else could
 * connect to.
 */
#include "init/net/dhcp.h"
#include "init/net/dhcp_lease.h"
#include "init/net/network.h"

#include <stdio.h>
#include <unistd.h>

int dhcp_script_main(int argc, char **argv)
{
	struct error err = ERROR_INIT;
	struct dhcp_lease lease;
	if (argc != 2) {
		fputs("default.script: expected one argument, the event; udhcpc calls this "
		      "program\n",
		      stderr);
		return 2;
	}
	int known = dhcp_lease_from_environment(argv[1], environ, &lease, &err);
	if (known > 0) {
		uint8_t storage[DHCP_FRAME_MAX];
		struct frame frame;
		dhcp_lease_encode(&lease, &frame, storage, sizeof storage);
		known = frame_send(DHCP_SOCKET, &frame, &err);
	}
	if (known < 0)
		fprintf(stderr, "%s\n", err.text);
	return known < 0;
}
