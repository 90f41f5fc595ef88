// SPDX-License-Identifier: Apache-2.0
/* A fault in PID 1 would panic the kernel; this leaves with a status instead. */
#ifndef BERTH_INIT_SUPERVISE_FAULTS_H
#define BERTH_INIT_SUPERVISE_FAULTS_H

void faults_catch(void);

#endif
