// SPDX-License-Identifier: Apache-2.0
/*
 * Who PID 1 waits for. Every dead child is reaped; those that were registered are reported to their
 * owner, orphans that the kernel handed over are not.
 */
#ifndef BERTH_INIT_SUPERVISE_CHILDREN_H
#define BERTH_INIT_SUPERVISE_CHILDREN_H

#include "lib/error.h"

#include <sys/types.h>

enum { CHILDREN_MAX = 384 };

typedef void child_ended(pid_t pid, int wait_status, void *context);

/* Must be called before the event loop runs again after the fork. */
int children_watch(pid_t pid, child_ended *ended, void *context, struct error *err);
/* Reaps what is dead; called when SIGCHLD arrived. `fallback` is asked for pids that nobody
 * registered (returns nothing). After a few hundred it sends SIGCHLD to this process and returns, so
 * that a storm of dying processes does not keep it from everything else. */
void children_reap(void (*fallback)(pid_t pid, int wait_status));

/* Forks a worker that starts clean: no signal mask, no inherited handlers, only descriptors 0, 1, 2
 * and keep[]. In the child returns 0. */
pid_t fork_worker(const int *keep, unsigned keep_count, struct error *err);

/* "exited with status 3", "was killed by signal 9 (Killed)". */
void describe_end(int wait_status, char *out, size_t capacity);

#endif
