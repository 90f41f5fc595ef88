// SPDX-License-Identifier: Apache-2.0
#include "images/platform.h"

#include "images/cpu_level.h"
#include "lib/tap.h"

#include <stdio.h>
#include <string.h>

static struct platform platform(const char *architecture, const char *variant)
{
	struct platform out = {.os = "linux"};
	snprintf(out.architecture, sizeof out.architecture, "%s", architecture);
	snprintf(out.variant, sizeof out.variant, "%s", variant);
	return out;
}

static unsigned rank(const char *own_architecture, const char *own_variant,
		     const char *architecture, const char *variant)
{
	struct platform own = platform(own_architecture, own_variant);
	struct platform offered = platform(architecture, variant);
	return platform_rank(&own, &offered);
}

static void test_variants(void)
{
	ok(rank("amd64", "v3", "amd64", "v3") > rank("amd64", "v3", "amd64", "v2"), "v3 before v2");
	ok(rank("amd64", "v3", "amd64", "v2") > rank("amd64", "v3", "amd64", ""), "v2 before plain");
	ok(rank("amd64", "v3", "amd64", "v1") == rank("amd64", "v3", "amd64", ""), "plain is v1");
	ok(rank("amd64", "v3", "amd64", "v4") == 0, "v4 does not run on v3");
	ok(rank("amd64", "", "amd64", "v2") == 0, "nor v2 on an old one");
	ok(rank("arm", "v7", "arm", "v7") > rank("arm", "v7", "arm", "v6"), "arm v7 before v6");
	ok(rank("arm", "v7", "arm", "v6") > rank("arm", "v7", "arm", "v5"), "v6 before v5");
	ok(rank("arm", "v6", "arm", "v7") == 0 && rank("arm", "v6", "arm", "") == 0,
	   "v7, and arm without a variant, do not run on v6");
	ok(rank("arm64", "v8", "arm64", "") == rank("arm64", "v8", "arm64", "v8"), "arm64 is v8");
	ok(rank("arm64", "", "arm64", "v9") == 0, "v9 does not run on v8");
	ok(rank("arm64", "v8", "arm", "v7") == 0, "32 bits are another architecture");
	ok(rank("amd64", "", "amd64", "odd") == 0, "a variant that nobody knows");
}

static void test_spellings(void)
{
	ok(rank("arm64", "v8", "arm64", "8") > 0, "8 is v8");
	ok(rank("arm64", "v8", "aarch64", "") > 0, "aarch64 is arm64");
	ok(rank("amd64", "", "x86_64", "") > 0 && rank("amd64", "", "x86-64", "") > 0,
	   "x86_64 is amd64");
	ok(rank("amd64", "", "AMD64", "") == 0, "case counts");
	struct platform own = platform("amd64", ""), other = platform("amd64", "");
	memcpy(other.os, "windows", sizeof "windows");
	ok(platform_rank(&own, &other) == 0, "another system");
}

/* The bits are those of the psABI's table. */
static void test_levels(void)
{
	struct cpu_features cpu = {0};
	ok(cpu_level_of(&cpu) == 1, "nothing");
	cpu.leaf1_ecx = 0x00982201;
	ok(cpu_level_of(&cpu) == 1, "no LAHF");
	cpu.extended1_ecx = 0x1;
	ok(cpu_level_of(&cpu) == 2, "Nehalem");
	cpu.leaf1_ecx |= 0x38401000;
	cpu.leaf7_ebx = 0x128;
	cpu.extended1_ecx |= 0x20;
	ok(cpu_level_of(&cpu) == 2, "AVX2 that the kernel does not save");
	cpu.xcr0 = 0x7;
	ok(cpu_level_of(&cpu) == 3, "Haswell");
	cpu.leaf7_ebx |= 0xd0030000;
	ok(cpu_level_of(&cpu) == 3, "AVX-512 that the kernel does not save");
	cpu.xcr0 = 0xe7;
	ok(cpu_level_of(&cpu) == 4, "Skylake-X");
	cpu.leaf7_ebx &= ~(1U << 28);
	ok(cpu_level_of(&cpu) == 3, "Xeon Phi's AVX-512 is not enough");
	ok(cpu_level() >= 1 && cpu_level() <= 4, "this machine: v%u", cpu_level());
}

int main(void)
{
	test_variants();
	test_spellings();
	test_levels();
	return tap_end();
}
