// SPDX-License-Identifier: Apache-2.0
/*
 * The disks and CDs behind IDE controllers (init/boot/ide.h), which are looked for when something that
 * the machine needs is not elsewhere. A child does it; PID 1 gets a bounded list.
 */
#ifndef BERTH_INIT_SUPERVISE_LATE_DISKS_H
#define BERTH_INIT_SUPERVISE_LATE_DISKS_H

#include "init/boot/volume.h"
#include "init/config/machine.h"
#include "lib/frame.h"

/* Before the first look. `volumes` will have all disks that there are afterwards; it must live on. */
void late_disks_init(struct volumes *volumes, enum ide_policy policy);

/* Whether a look may find something: there are such controllers, they have not been looked at, and
 * it is allowed. */
bool late_disks_may_help(void);

/* Looks, and calls `done` from the event loop, or at once when there is nothing to look at. Several
 * may ask, all are called. */
void late_disks_look(void (*done)(void *context), void *context);

/* Whether the command line wants it in any case. */
bool late_disks_wanted(void);
/* Whether a look has changed the list of volumes. */
bool late_disks_found(void);

/* The list between the child and PID 1. Getting one that is malformed leaves frame->bad set. */
void volumes_put(struct frame *frame, const struct volumes *volumes);
void volumes_get(struct frame *frame, struct volumes *out);

#endif
