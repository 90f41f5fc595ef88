// SPDX-License-Identifier: Apache-2.0
/*
 * Volumes that are no folders of the store (init/config/volume_sources.h): file systems of disks,
 * of shares and in memory, each mounted on a place of its own before containers start. A child does
 * it, for a disk may not answer.
 */
#ifndef BERTH_INIT_SUPERVISE_VOLUME_MOUNTS_H
#define BERTH_INIT_SUPERVISE_VOLUME_MOUNTS_H

#include "init/boot/volume.h"
#include "init/config/machine.h"

/* Mounts all of the description, one after the other. `disks` are those that there are; it may
 * change when disks are looked for. `done` comes once, at once or from the event loop: with why the
 * machine cannot go on, or NULL. */
void volume_mounts_make(const struct machine *machine, const struct volumes *disks,
			void (*done)(const struct error *failure));

/* Leaves them clean, as far as nobody uses them any more; at the end of the machine. */
void volume_mounts_release(void);

#endif
