// SPDX-License-Identifier: Apache-2.0
/*
 * IDE controllers. The kernel leaves them alone at the start, because looking at the channels of one
 * takes longer than a whole boot: its driver ata_generic takes only devices that it is told of
 * (Documentation/ABI/testing/sysfs-bus-pci, new_id).
 */
#ifndef BERTH_INIT_BOOT_IDE_H
#define BERTH_INIT_BOOT_IDE_H

#include "lib/error.h"

#include <stdbool.h>

/* Whether there is a controller that no driver has, and a driver for it. At once. `sys` is "/sys". */
bool ide_waits(const char *sys);

/* Gives them to the driver and waits until every channel has been looked at and what is there is a
 * block device that opens, at most `timeout_ms`. Blocks: for a child. `dev` is "/dev". How many disks
 * and drives there are, or -1 with err. */
int ide_probe(const char *sys, const char *dev, unsigned timeout_ms, struct error *err);

#endif
