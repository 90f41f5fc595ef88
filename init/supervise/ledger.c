// SPDX-License-Identifier: Apache-2.0
#include "init/supervise/ledger.h"

#include "lib/log.h"
#include "lib/loop.h"
#include "lib/text.h"

#include <stdarg.h>
#include <stdio.h>

static const char *const names[STEP_COUNT] = {
	[STEP_MOUNTS] = "mounts",   [STEP_CONSOLE] = "console",
	[STEP_COMMAND_LINE] = "command-line", [STEP_CLOCK] = "clock",
	[STEP_ENTROPY] = "entropy", [STEP_DEVICES] = "devices",
	[STEP_NETWORK] = "network", [STEP_PULL] = "pull",
	[STEP_RUN] = "run",         [STEP_SUPERVISE] = "supervise",
	[STEP_STOP] = "stop",       [STEP_CONFIG] = "config",
};

static uint64_t begun[STEP_COUNT];
static struct ledger_entry entries[LEDGER_MAX];
static size_t entry_count;

const char *step_name(enum step step)
{
	return names[step];
}

int step_number(enum step step)
{
	return step == STEP_CONFIG ? STEP_COMMAND_LINE : (int)step;
}

void ledger_begin(enum step step)
{
	begun[step] = monotonic_ns();
}

static void keep(enum step step, uint64_t bytes, const char *source, const char *decision,
		 enum log_level level)
{
	struct ledger_entry entry = {.step = step, .at_ns = begun[step], .bytes = bytes};
	entry.duration_ns = monotonic_ns() - entry.at_ns;
	snprintf(entry.source, sizeof entry.source, "%s", source);
	snprintf(entry.decision, sizeof entry.decision, "%s", decision);
	text_one_line(entry.source);
	text_one_line(entry.decision);
	unsigned long long tenths = entry.duration_ns / 100000;
	log_line(level, "berth", "%d %s: %s (%llu.%llu ms)", step_number(step), names[step], decision,
		 tenths / 10, tenths % 10);
	if (entry_count < LEDGER_MAX)
		entries[entry_count++] = entry;
}

void ledger_end(enum step step, uint64_t bytes, const char *source, const char *format, ...)
{
	char decision[1024];
	va_list ap;
	va_start(ap, format);
	vsnprintf(decision, sizeof decision, format, ap);
	va_end(ap);
	keep(step, bytes, source, decision, LOG_LEVEL_INFO);
}

void ledger_fail(enum step step, int is_error, const char *source, const char *reason)
{
	keep(step, 0, source, reason, is_error ? LOG_LEVEL_ERROR : LOG_LEVEL_WARNING);
}

const struct ledger_entry *ledger_entries(size_t *count)
{
	*count = entry_count;
	return entries;
}
