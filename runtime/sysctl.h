// SPDX-License-Identifier: Apache-2.0
/* Kernel settings that belong to a namespace of the container. */
#ifndef BERTH_RUNTIME_SYSCTL_H
#define BERTH_RUNTIME_SYSCTL_H

#include "lib/error.h"

/* Docker's defaults for a network namespace of one's own: every port may be bound and every group
 * may send echo requests without capabilities. proc_fd: the container's procfs, not yet masked. */
int sysctl_apply_network(int proc_fd, struct error *err);

#endif
