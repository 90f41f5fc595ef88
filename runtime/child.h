// SPDX-License-Identifier: Apache-2.0
/* A process of a container between its clone and execve, and its report to the parent. */
#ifndef BERTH_RUNTIME_CHILD_H
#define BERTH_RUNTIME_CHILD_H

#include "lib/frame.h"
#include "runtime/container.h"

enum {
	CHILD_REPORT_MAX = 1 + 8 + 8 + 4 + ERROR_TEXT_MAX, /* a frame SYNC_FAILED */
};

/* Runs in the new process; ends in the container's program, or in a report and _exit(). */
_Noreturn void child_run(const struct container_spec *spec, const struct start_links *links,
			 int status_fd);

/* Sends the failure to the parent and ends the process. */
_Noreturn void child_fail(int status_fd, int exit_status, const struct error *err);

/* Reads a received report. Returns -1 with the child's message in err and *exit_status set, 125 for
 * a report that is not one. */
int child_report_decode(struct frame *frame, int *exit_status, struct error *err);

#endif
