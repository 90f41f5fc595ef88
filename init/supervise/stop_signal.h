// SPDX-License-Identifier: Apache-2.0
/* What a container that is to end is told: its own signal, and then the one that nobody survives. */
#ifndef BERTH_INIT_SUPERVISE_STOP_SIGNAL_H
#define BERTH_INIT_SUPERVISE_STOP_SIGNAL_H

#include "init/supervise/instance.h"

/* That of its settings, else of its image, else SIGTERM. */
void stop_signal_send(struct instance *instance);
void stop_signal_kill(struct instance *instance);

#endif
