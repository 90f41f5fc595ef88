// SPDX-License-Identifier: Apache-2.0
/* The level of an x86-64 processor (x86-64 psABI, "Micro-Architecture Levels"), for the choice among
 * the variants v1–v4 of an image. */
#ifndef BERTH_IMAGES_CPU_LEVEL_H
#define BERTH_IMAGES_CPU_LEVEL_H

#include <stdint.h>

/* What CPUID and XGETBV say; 0 where they have no such leaf. */
struct cpu_features {
	uint32_t leaf1_ecx;
	uint32_t leaf7_ebx;
	uint32_t extended1_ecx; /* leaf 0x80000001 */
	uint32_t xcr0;          /* registers that the kernel saves; low half */
};

/* 1 to 4. */
unsigned cpu_level_of(const struct cpu_features *features);
/* Of the processor this runs on; 1 on another architecture. */
unsigned cpu_level(void);

#endif
