// SPDX-License-Identifier: Apache-2.0
/*
 * The first steps of the boot, each at once and in order. Each fills `decision` with what it found
 * or chose, for its console line and the ledger.
 */
#ifndef BERTH_INIT_BOOT_STEPS_H
#define BERTH_INIT_BOOT_STEPS_H

#include "init/boot/volume.h"
#include "lib/error.h"

#include <stddef.h>

enum { DECISION_MAX = 200 };

/* 1: makes / a mount that can be pivoted away from; mounts /proc /sys /dev and /run. */
int boot_mounts(char decision[DECISION_MAX], struct error *err);
/* What nobody needs before it is decided what the machine is: /tmp and cgroup2. */
int boot_mounts_later(char decision[DECISION_MAX], struct error *err);
/* After the last step that changes it. */
int boot_lock_root(struct error *err);

/* 2: opens /dev/console on descriptors 1 and 2, /dev/null on 0. Returns the console's descriptor,
 * or -1: the machine then runs without one. */
int boot_console(char decision[DECISION_MAX]);

/* 4 is clock_begin() of init/clock/clock.h. */

/* 5: whether the kernel's random numbers are ready; nothing waits for them here. */
void boot_entropy(char decision[DECISION_MAX], const char **source);

/* 6: the image store at /var/lib/berth: an ext4 disk labelled berth-data, else a tmpfs of three quarters of
 * the free memory. */
int boot_store(const struct volumes *volumes, char decision[DECISION_MAX], const char **source,
	       struct error *err);
/* The device that boot_store() has put the store on, "vdb", or "". */
const char *boot_store_device(void);
/* A tmpfs on the store's place. */
int boot_store_in_memory(struct error *err);

#endif
