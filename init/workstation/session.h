// SPDX-License-Identifier: Apache-2.0
/*
 * A running QEMU: its process, its console, its report, and the way it is stopped. QEMU lives in a
 * session of its own, so that the terminal's Ctrl-C reaches only `berth boot`, and dies with it.
 */
#ifndef BERTH_INIT_WORKSTATION_SESSION_H
#define BERTH_INIT_WORKSTATION_SESSION_H

#include "init/workstation/console.h"
#include "init/workstation/terminal.h"
#include "lib/error.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { SESSION_BLOCK = 8192 };

/* Descriptor pairs, each with our end and the one that QEMU inherits. */
struct session_end {
	int ours, theirs;
};

struct session {
	struct session_end report, qmp, console, input;
	int initrd_fd, document_fd; /* inherited by QEMU too, or -1 */
	int errors_fd; /* file that takes QEMU's own messages, or -1: our standard error */

	pid_t pid;
	bool reaped;
	int wait_status;

	int signal_fd;
	unsigned signals; /* how many asked for the end */
	bool stopping, timed_out, killed;
	bool spoke;         /* the machine has said something */
	bool stuck;         /* QEMU stopped the processors: KVM could not go on */
	unsigned stop_text; /* see qmp_drain */
	int64_t stop_milliseconds;             /* between the first request to stop and the kill */
	int64_t timeout_at, stop_at, press_at; /* milliseconds, CLOCK_MONOTONIC; 0: never */

	struct local_input *local; /* borrowed; what is typed here */
	struct console_filter filter;
	char pending[SESSION_BLOCK + 1]; /* console output not yet written */
	size_t pending_at, pending_end;
	bool console_done, output_broken;

	char *report_text; /* BOOT_REPORT_MAX + 1 bytes, owned */
	size_t report_size;
	bool report_done;
};

/* Makes the descriptors. The signals that end a session are blocked from here on. `local` says
 * whether standard input goes to the machine's console. */
int session_open(struct session *session, struct local_input *local, struct error *err);
/* Starts argv[0]. */
int session_start(struct session *session, char *const *argv, struct error *err);
/* Runs until QEMU has ended and everything it said has been passed on. After `timeout` milliseconds
 * (0: none) the machine is stopped in order; it is killed when that takes longer than `stop`. */
void session_run(struct session *session, int64_t timeout, int64_t stop);
/* Kills QEMU when it still runs, and releases everything. */
void session_close(struct session *session);

#endif
