// SPDX-License-Identifier: Apache-2.0
/* `privileged`, `security_opt` and `init` in a container's specification. */
#ifndef BERTH_INIT_SUPERVISE_SPECIFICATION_SECURITY_H
#define BERTH_INIT_SUPERVISE_SPECIFICATION_SECURITY_H

#include "init/config/machine.h"
#include "runtime/spec.h"

/* After the container's own devices, which a privileged one has all. Lists live in `arena`. */
int specification_security(const struct machine *machine, const struct container_config *config,
			   struct arena *arena, struct container_spec *spec, struct error *err);

#endif
