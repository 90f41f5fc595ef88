// SPDX-License-Identifier: Apache-2.0
/* Devices of the machine that a container is given, and rules of its device filter. The description
 * keeps each as it was written, checked; these parsers are used for the check and for the start. */
#ifndef BERTH_INIT_CONFIG_DEVICE_KEYS_H
#define BERTH_INIT_CONFIG_DEVICE_KEYS_H

#include "init/config/machine.h"
#include "runtime/spec.h"

struct device_request {
	const char *source, *target; /* absolute; the first is below the machine's /dev */
	unsigned access;             /* DEVICE_* */
};

/* "SOURCE[:TARGET][:PERMISSIONS]", the latter some of r, w and m. */
int parse_device(const char *text, struct arena *arena, struct device_request *out,
		 struct error *err);
/* "c 10:229 rwm", "b 8:* r", "a *:* rwm": it is allowed. */
int parse_device_rule(const char *text, struct device_rule *out, struct error *err);

/* Setters for the table of keys. */
int add_device(struct machine *machine, const char *value, struct error *err);
int add_device_rule(struct machine *machine, const char *value, struct error *err);
int add_group(struct machine *machine, const char *value, struct error *err);

#endif
