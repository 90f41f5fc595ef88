// SPDX-License-Identifier: Apache-2.0
/* Values of limits, from the forms in which they are given to those of the kernel. */
#ifndef BERTH_RUNTIME_VALUES_H
#define BERTH_RUNTIME_VALUES_H

#include "runtime/spec.h"

/* CPU shares of cgroup v1 (2 to 262144, 1024 is the standard) as a cpu.weight (1 to 10000, 100). */
unsigned cpu_weight(uint64_t shares);

/* "0-3,7", the kernel's list form, added to `out`. -1: it is none, or a number is too large. */
int cpu_set_parse(const char *text, struct cpu_set *out);

#endif
