// SPDX-License-Identifier: Apache-2.0
/*
 * The data disk of berth.data: it is chosen, if need be formatted, mounted on the image store and
 * grown by a child, for disks may not answer. Part of step 6 that comes after the description is
 * complete.
 */
#ifndef BERTH_INIT_SUPERVISE_DATA_DISK_STEP_H
#define BERTH_INIT_SUPERVISE_DATA_DISK_STEP_H

#include "lib/error.h"

/* `wanted` is as berth.data has it. `current` is the device that the store is on now, or "". `done`
 * comes once, from the event loop or at once: with why the machine cannot go on, or NULL. */
void data_disk_take(const char *wanted, const char *current,
		    void (*done)(const struct error *failure));

#endif
