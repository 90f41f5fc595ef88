// SPDX-License-Identifier: Apache-2.0
/* What init/config/resources.h says, put into a specification that has the simple limits. */
#ifndef BERTH_INIT_SUPERVISE_SPECIFICATION_RESOURCES_H
#define BERTH_INIT_SUPERVISE_SPECIFICATION_RESOURCES_H

#include "init/config/machine.h"
#include "runtime/spec.h"

/* After defaults_limit(). A CPU or a disk that the machine does not have is an error. */
int specification_resources(const struct container_config *config, struct arena *arena,
			    struct container_spec *spec, struct error *err);

/* Whether `wanted`, a list of CPUs, is part of `there`, another one. -1 names the first that is
 * not. */
int specification_cpus_check(const char *wanted, const char *there, struct error *err);

#endif
