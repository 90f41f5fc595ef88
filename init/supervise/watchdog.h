// SPDX-License-Identifier: Apache-2.0
/*
 * The watchdog (Documentation/watchdog/watchdog-api.rst): a device that resets the machine when PID 1's
 * event loop has not come round for a while.
 */
#ifndef BERTH_INIT_SUPERVISE_WATCHDOG_H
#define BERTH_INIT_SUPERVISE_WATCHDOG_H

#include "lib/error.h"

#include <stdint.h>

/* Whether `text` names a device: "auto" (hardware, else the kernel's own timer), "hardware",
 * "software", or "/dev/watchdogN". -1 with err. */
int watchdog_device_check(const char *text, struct error *err);

/* Opens the device, which starts it, and keeps it quiet from the event loop from now on. With 0 nothing
 * happens. A second call changes the timeout of the one that runs. -1 with err when there is no such
 * device, or it cannot have the timeout. */
int watchdog_start(uint64_t timeout_s, const char *device, struct error *err);

/* What was opened, "i6300ESB timer on /dev/watchdog1, 30 s"; "" when none is. */
const char *watchdog_describe(void);

/* The last moments of the machine: once more quiet, for what is written then … */
void watchdog_last_time(void);
/* … and stopped, right before the power goes or the machine resets by itself. */
void watchdog_stop(void);

#endif
