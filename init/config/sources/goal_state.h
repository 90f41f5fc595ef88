// SPDX-License-Identifier: Apache-2.0
/* What Azure's wire server says of a machine, and the report that follows from it. */
#ifndef BERTH_INIT_CONFIG_SOURCES_GOAL_STATE_H
#define BERTH_INIT_CONFIG_SOURCES_GOAL_STATE_H

#include "lib/error.h"

#include <stddef.h>

/* Makes the report "Ready" of a goal state (XML, NUL-terminated): incarnation, container and
 * instance are taken over when they have harmless characters only. */
int goal_state_answer(const char *xml, char *body, size_t capacity, struct error *err);

#endif
