// SPDX-License-Identifier: Apache-2.0
/* What the console and the ledger say of a container's start and end. */
#ifndef BERTH_INIT_SUPERVISE_INSTANCE_LINES_H
#define BERTH_INIT_SUPERVISE_INSTANCE_LINES_H

#include "init/supervise/instance.h"

void instance_tell_start(const struct instance *instance);
void instance_tell_end(const struct instance *instance);

#endif
