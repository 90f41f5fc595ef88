// SPDX-License-Identifier: Apache-2.0
/* What a machine's report says of its configuration (docs/report.md, `config`), for people. */
#ifndef BERTH_INIT_WORKSTATION_REPORT_VALUES_H
#define BERTH_INIT_WORKSTATION_REPORT_VALUES_H

#include "lib/error.h"

/* Prints "KEY: VALUE  # SOURCE" for each value of the report in the file to descriptor `out`. The
 * report is read in a child that can do nothing but that: the machine is not trusted. */
int report_values_print(const char *path, int out, struct error *err);

#endif
