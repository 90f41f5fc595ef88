// SPDX-License-Identifier: Apache-2.0
/* The cage of udhcpc and its script. */
#ifndef BERTH_INIT_NET_DHCP_CONFINEMENT_H
#define BERTH_INIT_NET_DHCP_CONFINEMENT_H

#include "lib/error.h"

/*
 * Confines the calling process, which then executes `busybox`: user CONFINE_UID_NET with only
 * CAP_NET_RAW (packet sockets) and CAP_NET_BIND_SERVICE (port 68), a system call allow-list,
 * no_new_privs, and no files but the two programs and /dev/null.
 */
int dhcp_confine(const char *busybox, const char *script, struct error *err);

#endif
