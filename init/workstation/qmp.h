// SPDX-License-Identifier: Apache-2.0
/*
 * QEMU's machine protocol (docs/interop/qmp-spec), as far as it is needed: commands go out, answers
 * and events are read so that QEMU never waits, and thrown away.
 */
#ifndef BERTH_INIT_WORKSTATION_QMP_H
#define BERTH_INIT_WORKSTATION_QMP_H

#include <stdbool.h>

/* Leaves the negotiation mode. May be sent before QEMU listens: the socket keeps it. */
void qmp_begin(int fd);
/* Presses the power button. A kernel that has not set it up yet does not see it, so it is pressed
 * again until the machine ends. */
void qmp_powerdown(int fd);
/* Reads what is there; false when QEMU has closed the socket. Sets *stopped when QEMU reports that
 * it has stopped the processors, which nobody asks for: KVM could not go on. *matched is the state
 * of the search, 0 at first. */
bool qmp_drain(int fd, unsigned *matched, bool *stopped);

#endif
