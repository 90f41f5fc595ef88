// SPDX-License-Identifier: Apache-2.0
/* Devices of the machine in a container's specification. */
#ifndef BERTH_INIT_SUPERVISE_SPECIFICATION_DEVICES_H
#define BERTH_INIT_SUPERVISE_SPECIFICATION_DEVICES_H

#include "init/config/machine.h"
#include "runtime/spec.h"

/* Adds the nodes, with the numbers, mode and owner that they have in the machine now, and what the
 * device filter has to let through. Lists live in `arena`. */
int specification_devices(const struct container_config *config, struct arena *arena,
			  struct container_spec *spec, struct error *err);

#endif
