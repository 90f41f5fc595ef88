// SPDX-License-Identifier: Apache-2.0
/* `berth relay ADDRESS PORT`: one TCP connection between descriptors 0 and 1 and a loopback
 * address. QEMU starts it for each connection to a registry that does not listen on 127.0.0.1. */
#ifndef BERTH_INIT_WORKSTATION_RELAY_H
#define BERTH_INIT_WORKSTATION_RELAY_H

int relay_command(int argc, char **argv);

#endif
