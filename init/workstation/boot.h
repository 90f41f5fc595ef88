// SPDX-License-Identifier: Apache-2.0
/* `berth boot`: one machine, one container, its exit status. */
#ifndef BERTH_INIT_WORKSTATION_BOOT_H
#define BERTH_INIT_WORKSTATION_BOOT_H

#include "init/workstation/options.h"

extern const struct command_form boot_form;

enum {
	BOOT_TIMED_OUT = 124, /* --timeout ended the machine */
	BOOT_FAILED = 125,    /* the machine could not do it, or ended without a report */
	BOOT_KILLED = 137,    /* killed: a second Ctrl-C, or it did not stop in time */
};

/* argv[0] is "boot". Returns the exit status. */
int boot_command(int argc, char **argv);

#endif
