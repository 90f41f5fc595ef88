// SPDX-License-Identifier: Apache-2.0
/* `berth lint`, `berth explain` and `berth schema`: documents looked at before any machine does. */
#ifndef BERTH_INIT_WORKSTATION_DOCUMENT_COMMANDS_H
#define BERTH_INIT_WORKSTATION_DOCUMENT_COMMANDS_H

#include "init/workstation/options.h"

extern const struct command_form lint_form, explain_form;

/* 0: a machine of this version runs it; 1: mistakes; 3: right, but a machine does not do it. */
int lint_command(int argc, char **argv);
int explain_command(int argc, char **argv);
int schema_command(int argc, char **argv);

#endif
