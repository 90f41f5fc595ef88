// SPDX-License-Identifier: Apache-2.0
/* What the description says of the machine itself, done. */
#ifndef BERTH_INIT_SUPERVISE_MACHINE_SETTINGS_H
#define BERTH_INIT_SUPERVISE_MACHINE_SETTINGS_H

#include "init/config/machine.h"

void machine_set_hostname(const struct machine *machine);
/* Before a container starts; one that the kernel does not take ends the boot: whoever asks for it
 * relies on it. */
int machine_set_sysctls(const struct machine *machine, struct error *err);
/* Said by the command line it is there from step 6 on, else when the description is complete. */
int machine_start_watchdog(const struct machine *machine, struct error *err);

#endif
