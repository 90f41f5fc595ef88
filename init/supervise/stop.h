// SPDX-License-Identifier: Apache-2.0
/* The end of the machine: the report, the last lines, and the way out. */
#ifndef BERTH_INIT_SUPERVISE_STOP_H
#define BERTH_INIT_SUPERVISE_STOP_H

#include "init/config/machine.h"
#include "init/supervise/instance.h"

/* Writes the report, drains the console, syncs and ends the machine as `action` says. Returns at
 * once; the rest happens in the event loop. With EXIT_HOLD the machine stays until machine_leave(). */
void machine_end(int status, const char *reason, enum exit_action action,
		 const struct instance *instances, size_t count);

/* Someone asked a machine on hold to go: powers off. True when it was on hold. */
bool machine_leave(void);

/* The last resort of a PID 1 that cannot go on: no report, only the way out. */
_Noreturn void machine_abandon(int status);

/* What is written to QEMU's isa-debug-exit for a status (docs/boot.md); QEMU then exits with
 * (value << 1) | 1. */
unsigned char debug_exit_value(int status);

#endif
