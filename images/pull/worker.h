// SPDX-License-Identifier: Apache-2.0
/* The puller's children: a forked process with a socket for its frames. */
#ifndef BERTH_IMAGES_PULL_WORKER_H
#define BERTH_IMAGES_PULL_WORKER_H

#include "lib/error.h"
#include "lib/frame.h"

#include <stdbool.h>
#include <sys/types.h>

struct worker {
	pid_t pid; /* 0: not running */
	int fd;    /* the coordinator's end of the socket, -1 when not running */
};

/* The body of a child; report_fd is its end of the socket. Its result is the exit status. */
typedef int worker_body(int report_fd, void *context);

/* Forks. The child keeps descriptors 0–2, its socket and keep[0..count), nothing else. */
int worker_start(struct worker *worker, worker_body *body, void *context, const int *keep,
		 unsigned count, struct error *err);
/* Waits for a worker that has closed its socket, or kills it first. Describes an end that no frame
 * announced, "was killed by signal 31 (Bad system call)", as a temporary error. */
void worker_end(struct worker *worker, bool kill_it, const char *name, struct error *why);

#endif
