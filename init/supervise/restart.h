// SPDX-License-Identifier: Apache-2.0
/* Whether a container that has ended is started again, and when. */
#ifndef BERTH_INIT_SUPERVISE_RESTART_H
#define BERTH_INIT_SUPERVISE_RESTART_H

#include "init/supervise/instance.h"

/* As its policy says, unless it was asked to stop. */
bool restart_is_wanted(const struct instance *instance);

/* What the configuration says, else twice as long after each short run. Counts this one. */
uint64_t restart_wait_ms(struct instance *instance);

#endif
