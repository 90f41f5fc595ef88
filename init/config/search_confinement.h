// SPDX-License-Identifier: Apache-2.0
#ifndef BERTH_INIT_CONFIG_SEARCH_CONFINEMENT_H
#define BERTH_INIT_CONFIG_SEARCH_CONFINEMENT_H

#include "lib/error.h"

#include <stdbool.h>

/* Confines the configuration worker: no file but what is open already, no privilege, no network; or
 * with a network what HTTP needs, and privileged source ports where they are asked for. */
int search_confine(bool network, bool low_port, struct error *err);

#endif
