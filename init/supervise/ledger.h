// SPDX-License-Identifier: Apache-2.0
/*
 * The boot ledger: what each step did, when, how long it took and why it decided so. Every entry is
 * also a console line with the same number; all of them go into the report.
 */
#ifndef BERTH_INIT_SUPERVISE_LEDGER_H
#define BERTH_INIT_SUPERVISE_LEDGER_H

#include <stddef.h>
#include <stdint.h>

enum step {
	STEP_MOUNTS = 1,
	STEP_CONSOLE,
	STEP_COMMAND_LINE,
	STEP_CLOCK,
	STEP_ENTROPY,
	STEP_DEVICES,
	STEP_NETWORK,
	STEP_PULL,
	STEP_RUN,
	STEP_SUPERVISE,
	STEP_STOP,
	STEP_CONFIG, /* the second half of step 3, later: the metadata file */
	STEP_COUNT,
};

enum { LEDGER_MAX = 256 };

struct ledger_entry {
	enum step step;
	uint64_t at_ns, duration_ns; /* CLOCK_BOOTTIME */
	uint64_t bytes;
	char source[96], decision[400];
};

const char *step_name(enum step step);
/* As it stands in console lines and the report. */
int step_number(enum step step);

/* Notes the time at which a step begins. */
void ledger_begin(enum step step);
/* Ends the step: an entry in the ledger and a line on the console. When the ledger is full the
 * line still appears. */
void ledger_end(enum step step, uint64_t bytes, const char *source, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* As ledger_end, for a step that failed: the line is an error, or a warning when the boot goes on. */
void ledger_fail(enum step step, int is_error, const char *source, const char *reason);

const struct ledger_entry *ledger_entries(size_t *count);

#endif
