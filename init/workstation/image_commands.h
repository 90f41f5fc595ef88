// SPDX-License-Identifier: Apache-2.0
/* `berth pack` and `berth unpack`: images pulled on the workstation, with the machine's own code. */
#ifndef BERTH_INIT_WORKSTATION_IMAGE_COMMANDS_H
#define BERTH_INIT_WORKSTATION_IMAGE_COMMANDS_H

#include "init/workstation/options.h"

extern const struct command_form pack_form, unpack_form;

/* argv[0] is the command's name. Both return the exit status: 0, or 1 with the reason said. */
int pack_command(int argc, char **argv);
int unpack_command(int argc, char **argv);

#endif
