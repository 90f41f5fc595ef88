// SPDX-License-Identifier: Apache-2.0
/* The container's first process between clone3 and execve, and its report to the parent. */
#ifndef BERTH_RUNTIME_CHILD_H
#define BERTH_RUNTIME_CHILD_H

#include "lib/frame.h"
#include "runtime/container.h"

enum {
	CHILD_FAILED = 1, /* frame: u64 exit status, u64 errno value or 0, string one line */
	CHILD_REPORT_MAX = 1 + 8 + 8 + 4 + ERROR_TEXT_MAX,
};

/* Runs in the new process; ends in the container's program, or in a report and _exit(). */
_Noreturn void child_run(const struct container_spec *spec, int status_fd);

/* Reads a received report. Returns -1 with the child's message in err and *exit_status set, 125 for
 * a report that is not one. */
int child_report_decode(struct frame *frame, int *exit_status, struct error *err);

#endif
