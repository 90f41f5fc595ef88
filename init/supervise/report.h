// SPDX-License-Identifier: Apache-2.0
/* The exit report: what ran, how it ended, and the boot ledger, as JSON (docs/report.md). */
#ifndef BERTH_INIT_SUPERVISE_REPORT_H
#define BERTH_INIT_SUPERVISE_REPORT_H

#include "init/supervise/instance.h"
#include "lib/error.h"

#include <stddef.h>

enum { REPORT_MAX = 512 * 1024 };

/* Writes the report into `out`; returns its length, or -1. */
int report_build(int status, const char *reason, const struct instance *instances, size_t count,
		 char *out, size_t capacity, struct error *err);

/* Sends the text to the virtio-serial port org.berth.report, or else to QEMU's debug console. Neither is there: 0, and
 * *sent is false. */
int report_send(const char *text, size_t length, bool *sent, struct error *err);

#endif
