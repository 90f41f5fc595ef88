// SPDX-License-Identifier: Apache-2.0
/*
 * The rescue shell of berth.rescue: busybox's ash with a few applets on the console, as a child of PID 1
 * that it waits for in its event loop. It is root in the machine and not confined; that is what it is
 * for, and why only trusted sources may ask for it.
 */
#ifndef BERTH_INIT_SUPERVISE_RESCUE_H
#define BERTH_INIT_SUPERVISE_RESCUE_H

#include <stdbool.h>

/* Starts it, once; `why` is said. `done` is called when it has ended, or at once when it cannot be
 * started, which is said too. */
void rescue_run(const char *why, void (*done)(void));
bool rescue_has_run(void);
/* Kills it when it runs; `done` follows. True when it ran. */
bool rescue_stop(void);

#endif
