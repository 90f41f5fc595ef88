// SPDX-License-Identifier: Apache-2.0
/* Device nodes for a container in a user namespace, which may make none itself. */
#ifndef BERTH_RUNTIME_OCI_NODES_H
#define BERTH_RUNTIME_OCI_NODES_H

#include "runtime/spec.h"

/* Makes each device where nobody sees it, with its mode and its owner as `maps` has that, and puts
 * a detached mount of it into fds[i], owned by the caller also after a failure (-1: none). -1 with
 * code EPERM when this process may not make nodes either. */
int nodes_make(const struct spec_device *devices, size_t count, const struct id_maps *maps,
	       int *fds, struct error *err);

#endif
