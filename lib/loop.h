// SPDX-License-Identifier: Apache-2.0
/*
 * The event loop of PID 1: poll over descriptors, pidfds and timers, in tables of fixed size. Nothing
 * of it is kept in the kernel: epoll's watches are counted per user, and root of any container could
 * use them up (fs.epoll.max_user_watches).
 * A callback may add and remove sources, including its own.
 */
#ifndef BERTH_LIB_LOOP_H
#define BERTH_LIB_LOOP_H

#include "lib/error.h"

#include <stdbool.h>
#include <stdint.h>

enum { LOOP_SOURCES_MAX = 512, LOOP_TIMERS_MAX = 512 };

typedef void loop_callback(int fd, uint32_t events, void *context);
typedef void loop_timer_callback(void *context);

/* Watches fd for `events` (EPOLLIN, …). The caller keeps owning fd and calls loop_remove before
 * closing it. */
int loop_add(int fd, uint32_t events, loop_callback *callback, void *context, struct error *err);
void loop_remove(int fd);
/* Calls back once after `milliseconds`; those that are due, in order of their time. Returns a timer
 * number > 0, or -1. */
int loop_timer(uint64_t milliseconds, loop_timer_callback *callback, void *context,
	       struct error *err);
/* Forgets a timer; 0 and numbers that have fired are ignored. */
void loop_timer_cancel(int timer);
/* Dispatches until loop_stop(). */
void loop_run(void);
void loop_stop(void);

/* CLOCK_BOOTTIME in nanoseconds: the clock of every log line and ledger entry. */
uint64_t monotonic_ns(void);

#endif
