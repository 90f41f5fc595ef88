// SPDX-License-Identifier: Apache-2.0
/*
 * A child of PID 1 that does one thing which may take long or hang, and answers with one frame, or
 * with none. It has a time; when that is over it is killed and no longer waited for, for a process
 * that waits for a device cannot be killed.
 */
#ifndef BERTH_INIT_SUPERVISE_ERRAND_H
#define BERTH_INIT_SUPERVISE_ERRAND_H

#include "lib/frame.h"

#include <stdbool.h>
#include <sys/types.h>

enum { ERRAND_FRAME_MAX = 8 * 1024 };

struct errand {
	unsigned timeout_ms;
	/* In the child; the frame goes to `fd`. It does not return. */
	void (*run)(int fd, void *context);
	/* Once. `answer` is the frame, to be checked, or NULL; then `how` says how it ended. */
	void (*ended)(struct frame *answer, const char *how, void *context);
	void *context;
	/* Its own. */
	pid_t pid;
	int fd, timer;
	unsigned char storage[ERRAND_FRAME_MAX];
};

/* The errand must live until it has ended; one that has may be started again. */
int errand_start(struct errand *errand, struct error *err);
/* Whether one was not waited for: what it waits for may hold up others. */
bool errand_was_left(void);

#endif
