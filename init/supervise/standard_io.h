// SPDX-License-Identifier: Apache-2.0
/*
 * A container's input and terminal. Its output pipes are those of output.h; with a terminal the logger
 * reads that instead. The console's input goes to the only container that wants some.
 */
#ifndef BERTH_INIT_SUPERVISE_STANDARD_IO_H
#define BERTH_INIT_SUPERVISE_STANDARD_IO_H

#include "init/supervise/instance.h"

/* Nothing is open. */
void standard_io_init(struct standard_io *io);
/* For one start: fills the specification. `*console` is the socket that the runtime sends the
 * terminal's other end over, or -1; the caller closes it. */
int standard_io_prepare(struct instance *instance, struct container_spec *spec, int *console,
			struct error *err);
/* The container executes, or has ended already: its terminal, if it has one, is there. */
void standard_io_connect(struct instance *instance);

#endif
