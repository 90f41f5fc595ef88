// SPDX-License-Identifier: Apache-2.0
/* From options to a machine: files, sizes, ports, the registry's route and the kernel line. */
#ifndef BERTH_INIT_WORKSTATION_PLAN_H
#define BERTH_INIT_WORKSTATION_PLAN_H

#include "init/workstation/kernel_line.h"
#include "init/workstation/options.h"
#include "init/workstation/qemu.h"
#include "init/workstation/registry_route.h"

#include <limits.h>
#include <stdint.h>

struct plan {
	struct qemu_machine machine; /* points into this plan and into the options */
	char program[PATH_MAX], kernel[PATH_MAX], initrd[PATH_MAX];
	struct registry_route routes[QEMU_ROUTES_MAX];
	const char *registries[QEMU_ROUTES_MAX]; /* whose they are; on loopback or not */
	unsigned registry_count;
	struct kernel_line line;
	int carried_fd; /* of the archive with what the document names, or -1 */
	int64_t timeout_ms; /* 0: none */
	int64_t stop_ms;    /* for an orderly stop, before the machine is killed */
};

/* Checks every option and every file before anything starts. `plan` keeps pointers into options. */
int plan_make(const struct options *options, struct plan *plan, struct error *err);

/* How the machine reaches the registry of an image, once for each. */
int plan_registry(const char *image, struct plan *plan, struct error *err);

#endif
