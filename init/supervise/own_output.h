// SPDX-License-Identifier: Apache-2.0
/* The lines of PID 1 and its workers. */
#ifndef BERTH_INIT_SUPERVISE_OWN_OUTPUT_H
#define BERTH_INIT_SUPERVISE_OWN_OUTPUT_H

#include "init/config/machine.h"

/* From now on they go through the logger, which starts after `delay_ms` (output.h). -1 when they cannot,
 * which is said. Those of containers come when their names are known. */
int own_output_start(int console_fd, unsigned delay_ms);
/* The description is complete: they go where it says, and the processes that take what goes further than
 * the console start. `disk`: there is one to keep files on. */
int own_output_open(const struct machine *machine, bool disk, struct error *err);

#endif
