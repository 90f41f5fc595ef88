// SPDX-License-Identifier: Apache-2.0
/* The machine description as a frame, from the configuration worker to PID 1. */
#ifndef BERTH_INIT_CONFIG_MACHINE_CODEC_H
#define BERTH_INIT_CONFIG_MACHINE_CODEC_H

#include "init/config/machine.h"
#include "lib/frame.h"

/* Adds everything but the mounted media and what the search for a document was told. */
void machine_encode(struct frame *frame, const struct machine *machine);
/* Fills a description that machine_init() made. Numbers are checked against their ranges, and
 * names, references and paths as on the command line: the worker may have been taken over. */
int machine_decode(struct frame *frame, struct machine *machine, struct error *err);

#endif
