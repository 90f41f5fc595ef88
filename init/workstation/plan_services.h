// SPDX-License-Identifier: Apache-2.0
/*
 * The plan of a machine with several services: their document goes to it through fw_cfg, and the
 * kernel command line has only what is about the machine.
 */
#ifndef BERTH_INIT_WORKSTATION_PLAN_SERVICES_H
#define BERTH_INIT_WORKSTATION_PLAN_SERVICES_H

#include "init/workstation/plan.h"

/* No option says something about one container. */
int services_check_options(const struct options *options, struct error *err);
/* Their ports, registries, and the time that an orderly stop may take. */
int services_plan(const struct options *options, struct plan *plan, struct error *err);
/* The machine would refuse the same, but only after it has started. */
int services_check(const struct options *options, const struct kernel_line *line,
		   struct error *err);

#endif
