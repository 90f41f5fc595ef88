// SPDX-License-Identifier: Apache-2.0
/*
 * What containers and Berth itself say. A separate process, the logger, reads everything and writes
 * whole, named lines to the console, so that a slow console never holds up PID 1. The pipes belong
 * to PID 1: when the logger dies a new one goes on reading where it stopped.
 */
#ifndef BERTH_INIT_SUPERVISE_OUTPUT_H
#define BERTH_INIT_SUPERVISE_OUTPUT_H

#include "lib/error.h"

#include <stdbool.h>
#include <stddef.h>

enum { OUTPUT_STREAMS_MAX = 132, OUTPUT_LINE_MAX = 8192 };

/* Adds a stream whose lines appear as "NAME MARK text". Returns the write end (close-on-exec,
 * owned by this module), or -1. A logger that runs already makes way for one that knows of the
 * stream. An empty name gives plain lines. */
int output_stream(const char *name, char mark, struct error *err);
/* Names the console. The logger starts with output_run(), or by itself after `delay_ms` (0: now);
 * what is written before waits in the pipes. It is started again when it dies. */
void output_start(int console_fd, unsigned delay_ms);
void output_run(void);
/* Closes the write ends; `drained` is called once all that was written has left by the console, or
 * after two seconds. */
void output_finish(void (*drained)(void));
/* Whether the console has bytes that it did not pass on yet. */
bool output_is_held_up(void);

/* Cleans and writes one line, for the logger and its tests: cuts a final CR, replaces control characters
 * except TAB and the colour sequences ESC [ … m. Returns the length put into out (with newline). */
size_t output_format(const char *name, char mark, const char *line, size_t length, char *out,
		     size_t capacity);

#endif
