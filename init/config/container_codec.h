// SPDX-License-Identifier: Apache-2.0
/* A container's part of a machine's description in a frame (machine_codec.h). */
#ifndef BERTH_INIT_CONFIG_CONTAINER_CODEC_H
#define BERTH_INIT_CONFIG_CONTAINER_CODEC_H

#include "init/config/machine.h"
#include "lib/frame.h"

void container_encode(struct frame *frame, const struct container_config *container);
/* Fills the container that is being described, machine->container; the networks that it is on are known. */
int container_decode(struct frame *frame, struct machine *machine, struct error *err);

#endif
