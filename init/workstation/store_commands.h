// SPDX-License-Identifier: Apache-2.0
/* `berth pull`, `berth plan` and `berth inspect`: an image store on the workstation, and a look at
 * images without one. */
#ifndef BERTH_INIT_WORKSTATION_STORE_COMMANDS_H
#define BERTH_INIT_WORKSTATION_STORE_COMMANDS_H

#include "init/workstation/options.h"

extern const struct command_form pull_form, plan_form, inspect_form;

int pull_command(int argc, char **argv);
int plan_command(int argc, char **argv);
int inspect_command(int argc, char **argv);

#endif
