// SPDX-License-Identifier: Apache-2.0
/* linux.netDevices: network devices of the host that become a container's. */
#ifndef BERTH_RUNTIME_NET_DEVICES_H
#define BERTH_RUNTIME_NET_DEVICES_H

#include "lib/arena.h"
#include "lib/error.h"

/* Moves devices of this process's network namespace into that of the descriptor, under their new
 * names, with their lasting global addresses, and switches them on. `pairs`: name here, name there,
 * and so on; a name there that ends in "%d" gets a number from the kernel. A name that is taken
 * there is an error, and then that device stays here. Changes the calling thread's namespace for
 * a moment. */
int net_devices_move(const struct string_list *pairs, int netns_fd, struct error *err);

#endif
