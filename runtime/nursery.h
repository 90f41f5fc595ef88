// SPDX-License-Identifier: Apache-2.0
/*
 * The mount namespace that containers are born into, when their root is made of layers: nothing of
 * the machine is mounted there, only the masks (mask.h), as a read-only root. A container's root goes
 * on top of it, and nothing has to be unmounted, which would have to wait for every processor.
 */
#ifndef BERTH_RUNTIME_NURSERY_H
#define BERTH_RUNTIME_NURSERY_H

#include "lib/error.h"

/* PID 1's first act, while its own mount namespace has hardly a mount: a copy of that is kept, bare,
 * until nursery_prepare(). Needs no file system. With -1 nothing has changed. */
int nursery_set_aside(struct error *err);

/* Before the first container: the one that was set aside gets its root. When none was, it is made of a
 * namespace that has all its mounts. */
int nursery_prepare(struct error *err);

/* What a process that goes there must keep open; -1: there is none. */
int nursery_descriptor(void);

/* In the child: leaves the machine's mounts for a copy of the nursery, whose root is then "/" and the
 * current directory. */
int nursery_enter(struct error *err);

#endif
