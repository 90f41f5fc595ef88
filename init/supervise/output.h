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

/* Processes beside the logger that take lines from it (log_sinks.h). */
enum output_sink { OUTPUT_SINK_REMOTE, OUTPUT_SINK_FILES, OUTPUT_SINK_COUNT };

struct log_route;

/* Adds a stream whose lines appear as "NAME MARK text". Returns the write end (close-on-exec,
 * owned by this module), or -1. A logger that runs already makes way for one that knows of the
 * stream. An empty name gives plain lines. */
int output_stream(const char *name, char mark, struct error *err);
/* Where the lines of the stream go; to the console alone unless this is called, before
 * output_open_sinks(). Streams are named by their write ends. */
void output_route(int stream, const struct log_route *route);
/* The routes are known: starts what they ask for. `disk`: there is one to keep files on. */
int output_open_sinks(const char *hostname, bool disk, struct error *err);
/* From now on the stream is what comes from the terminal `fd`, which becomes this module's. `raw`: as
 * it is, for whoever sits in front of the console. */
void output_attach(int stream, int fd, bool raw);
/* What comes on the console goes to `fd`, which becomes this module's and must not block, until the
 * console's input ends (Ctrl-D at the beginning of a line); then fd is closed. `terminal`: the other
 * side edits lines and makes signals of keys. False: the console has no input. */
bool output_input(int fd, bool terminal);
/* Names the console. The logger starts with output_run(), or by itself after `delay_ms` (0: now);
 * what is written before waits in the pipes. It is started again when it dies. */
void output_start(int console_fd, unsigned delay_ms);
void output_run(void);
/* Before the logger has started: what waits in the pipes goes to the console as it is, for who ends the machine at
 * once. Does not wait, and may be called by a signal handler. */
void output_spill(void);
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
