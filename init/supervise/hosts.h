// SPDX-License-Identifier: Apache-2.0
/*
 * The hosts file of a container: its own names, and those of all that it shares a network with, at
 * the address there. Addresses hold for the machine's life and are known before the first container
 * starts, so that no server of names is needed.
 */
#ifndef BERTH_INIT_SUPERVISE_HOSTS_H
#define BERTH_INIT_SUPERVISE_HOSTS_H

#include "init/supervise/instance.h"

/* In the arena; NULL when it is too large. `hostname` is the container's. Others come in the
 * machine's order from the one behind it on, so that a name of several leads each to another one. */
const char *hosts_file(const struct instance *instance, const char *hostname,
		       struct arena *arena);

#endif
