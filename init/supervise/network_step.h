// SPDX-License-Identifier: Apache-2.0
/*
 * Step 7, the machine's network: begun when somebody needs it. Everybody who waits for it is told when it
 * is up or has failed: the puller, the configurator, the log's sender, the clock, and containers of
 * their resolver.
 */
#ifndef BERTH_INIT_SUPERVISE_NETWORK_STEP_H
#define BERTH_INIT_SUPERVISE_NETWORK_STEP_H

#include "init/config/machine.h"

#include <stdbool.h>

/* Once; doing it again changes nothing. `machine` lives on. */
void network_step_begin(const struct machine *machine);
/* The description is complete: from now on a network that comes up is one for the log and the clock. */
void network_step_configured(void);
/* Asks the time servers of the description, when the network is up already. */
void network_step_ask_time(void);

/* It is up, is turned off, or has failed. */
bool network_step_is_settled(void);
bool network_step_is_up(void);
/* It could not even be begun. */
bool network_step_has_failed(void);

#endif
