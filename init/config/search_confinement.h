// SPDX-License-Identifier: Apache-2.0
#ifndef BERTH_INIT_CONFIG_SEARCH_CONFINEMENT_H
#define BERTH_INIT_CONFIG_SEARCH_CONFINEMENT_H

#include "lib/error.h"

#include <stdbool.h>
#include <stddef.h>

struct search_needs {
	bool network, low_port;     /* what HTTP needs; privileged source ports */
	const char *const *folders; /* that documents may name files in, whoever owns those */
	size_t folder_count;
};

/* Confines the configuration worker: no file but what is open already or lies in one of the folders,
 * and no privilege but to read those. */
int search_confine(const struct search_needs *needs, struct error *err);

#endif
