// SPDX-License-Identifier: Apache-2.0
/* Descriptors that PID 1 keeps back for the end, so that a full table does not cost the report. */
#ifndef BERTH_INIT_SUPERVISE_RESERVE_H
#define BERTH_INIT_SUPERVISE_RESERVE_H

/* Takes them; what cannot be had is not missed before the table is full. */
void reserve_open(void);
/* The machine ends: gives them back. May be called again. */
void reserve_release(void);

#endif
