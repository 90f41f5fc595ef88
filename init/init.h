// SPDX-License-Identifier: Apache-2.0
#ifndef BERTH_INIT_INIT_H
#define BERTH_INIT_INIT_H

/* PID 1; never returns. */
int init_main(void);

#endif
