// SPDX-License-Identifier: Apache-2.0
/* Networks in the frame of a machine's description (machine_codec.h): those of containers, and the
 * machine's own. */
#ifndef BERTH_INIT_CONFIG_NETWORK_CODEC_H
#define BERTH_INIT_CONFIG_NETWORK_CODEC_H

#include "init/config/machine.h"
#include "lib/frame.h"

/* Those that somebody has named; addresses that nobody has are the same in both processes. */
void networks_encode(struct frame *frame, const struct machine *machine);
int networks_decode(struct frame *frame, struct machine *machine, struct error *err);

/* Where a container is on them. Decoding is for machine->container. */
void attachments_encode(struct frame *frame, const struct container_config *container);
int attachments_decode(struct frame *frame, struct machine *machine, struct error *err);

/* `ip` and what the machine's network has beside it. */
void machine_network_encode(struct frame *frame, const struct machine *machine);
int machine_network_decode(struct frame *frame, struct machine *machine, struct error *err);

#endif
