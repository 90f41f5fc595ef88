// SPDX-License-Identifier: Apache-2.0
/* From the description of a container and its image's configuration to what the runtime starts. */
#ifndef BERTH_INIT_SUPERVISE_SPECIFICATION_H
#define BERTH_INIT_SUPERVISE_SPECIFICATION_H

#include "init/supervise/instance.h"

/* Fills spec from the instance; strings and lists are allocated in `arena` or shared with it. */
int specification_build(const struct instance *instance, struct arena *arena,
			struct container_spec *spec, struct error *err);

#endif
