// SPDX-License-Identifier: Apache-2.0
/* The machine's report (docs/report.md): JSON, version 1, from a machine that is not trusted. */
#ifndef BERTH_INIT_WORKSTATION_REPORT_H
#define BERTH_INIT_WORKSTATION_REPORT_H

#include "lib/error.h"

#include <stddef.h>

enum { BOOT_REPORT_MAX = 1024 * 1024, BOOT_REASON_MAX = 256 };

struct boot_report {
	int status;                     /* 0 to 255 */
	char reason[BOOT_REASON_MAX]; /* one line, may be empty */
};

/* Parses at most BOOT_REPORT_MAX bytes. */
int boot_report_parse(const char *text, size_t size, struct boot_report *out, struct error *err);

/* As boot_report_parse, in a child that can only read, write and exit (seccomp strict mode). */
int boot_report_parse_confined(const char *text, size_t size, struct boot_report *out,
			      struct error *err);

#endif
