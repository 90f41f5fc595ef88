// SPDX-License-Identifier: Apache-2.0
/* What the machine was told and by whom, for the report: each value of the description with its
 * source. Bounded; PID 1 only keeps and prints it. */
#ifndef BERTH_INIT_SUPERVISE_CONFIG_VALUES_H
#define BERTH_INIT_SUPERVISE_CONFIG_VALUES_H

#include <stdbool.h>
#include <stddef.h>

enum { CONFIG_VALUES_BYTES = 64 * 1024 };

struct config_value {
	const char *key, *value, *source; /* "services.web.image"; source "" is Berth itself */
};

void config_values_clear(void);
/* What no longer fits is left out, and noted. */
void config_values_add(const char *key, const char *value, const char *source);
/* The keys of a kernel command line. */
void config_values_add_line(const char *line);
/* One after the other: *at begins as 0. false: there are no more. */
bool config_values_next(size_t *at, struct config_value *out);
/* Whether some were left out. */
bool config_values_cut(void);

#endif
