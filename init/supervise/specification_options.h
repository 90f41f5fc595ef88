// SPDX-License-Identifier: Apache-2.0
/* What init/config/container_options.h says, put into a specification that has the defaults. */
#ifndef BERTH_INIT_SUPERVISE_SPECIFICATION_OPTIONS_H
#define BERTH_INIT_SUPERVISE_SPECIFICATION_OPTIONS_H

#include "init/config/machine.h"
#include "runtime/spec.h"

/* After defaults_fill() and defaults_join_network(). Lists live in `arena`. */
int specification_options(const struct container_config *config, struct arena *arena,
			  struct container_spec *spec, struct error *err);

#endif
