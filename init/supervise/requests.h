// SPDX-License-Identifier: Apache-2.0
/* Who may ask the machine to stop: signals to PID 1, Ctrl-Alt-Del, the power button. */
#ifndef BERTH_INIT_SUPERVISE_REQUESTS_H
#define BERTH_INIT_SUPERVISE_REQUESTS_H

#include "lib/error.h"

/* Blocks all signals and takes them through the event loop; `stop` is called with the reason for
 * each request to stop, `child` when children may have died. */
int requests_watch_signals(void (*stop)(const char *reason), void (*child)(void),
			   struct error *err);

/* Watches every input device that has a power button. Returns how many there are. */
int requests_watch_power_buttons(void);

#endif
