// SPDX-License-Identifier: Apache-2.0
/* The machine's report, as any machine may write it. */
#include "init/workstation/report.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct boot_report report;
	struct error err = ERROR_INIT;
	if (boot_report_parse((const char *)data, size, &report, &err) == 0) {
		if (report.status < 0 || report.status > 255 ||
		    !memchr(report.reason, 0, sizeof report.reason))
			abort();
	} else if (!err.text[0]) {
		abort();
	}
	return 0;
}
