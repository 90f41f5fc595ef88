// SPDX-License-Identifier: Apache-2.0
#include "images/cpu_level.h"

#include <stdbool.h>
#ifdef __x86_64__
#include <cpuid.h>
#endif

#define BIT(n) (1U << (n))

enum {
	/* SSE3, SSSE3, CMPXCHG16B, SSE4.1, SSE4.2, POPCNT */
	V2_LEAF1 = BIT(0) | BIT(9) | BIT(13) | BIT(19) | BIT(20) | BIT(23),
	V2_EXTENDED = BIT(0), /* LAHF */
	/* FMA, MOVBE, OSXSAVE, AVX, F16C */
	V3_LEAF1 = BIT(12) | BIT(22) | BIT(27) | BIT(28) | BIT(29),
	V3_LEAF7 = BIT(3) | BIT(5) | BIT(8), /* BMI1, AVX2, BMI2 */
	V3_EXTENDED = BIT(5),                /* LZCNT */
	V3_XCR0 = 0x06,                      /* XMM, YMM */
	V4_XCR0 = 0xe6,                      /* and opmask, both kinds of ZMM */
};

/* AVX-512 F, DQ, CD, BW, VL */
static const uint32_t v4_leaf7 = BIT(16) | BIT(17) | BIT(28) | BIT(30) | BIT(31);

static bool has(uint32_t features, uint32_t wanted)
{
	return (features & wanted) == wanted;
}

unsigned cpu_level_of(const struct cpu_features *features)
{
	if (!has(features->leaf1_ecx, V2_LEAF1) || !has(features->extended1_ecx, V2_EXTENDED))
		return 1;
	if (!has(features->leaf1_ecx, V3_LEAF1) || !has(features->leaf7_ebx, V3_LEAF7) ||
	    !has(features->extended1_ecx, V3_EXTENDED) || !has(features->xcr0, V3_XCR0))
		return 2;
	return has(features->leaf7_ebx, v4_leaf7) && has(features->xcr0, V4_XCR0) ? 4 : 3;
}

unsigned cpu_level(void)
{
	struct cpu_features features = {0};
#ifdef __x86_64__
	uint32_t a, b, c, d;
	if (__get_cpuid(1, &a, &b, &c, &d))
		features.leaf1_ecx = c;
	if (__get_cpuid_count(7, 0, &a, &b, &c, &d))
		features.leaf7_ebx = b;
	if (__get_cpuid(0x80000001, &a, &b, &c, &d))
		features.extended1_ecx = c;
	/* Without OSXSAVE the instruction is illegal. */
	if (has(features.leaf1_ecx, BIT(27)))
		__asm__ volatile("xgetbv" : "=a"(features.xcr0), "=d"(d) : "c"(0));
#endif
	return cpu_level_of(&features);
}
