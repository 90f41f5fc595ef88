// SPDX-License-Identifier: Apache-2.0
/*
 * A test program in TAP: ok(condition, name…) per check, and `return tap_end();` from main.
 */
#ifndef BERTH_LIB_TAP_H
#define BERTH_LIB_TAP_H

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static int tap_count, tap_failed;

__attribute__((format(printf, 2, 3), unused)) static int ok(int condition, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	printf("%sok %d - ", condition ? "" : "not ", ++tap_count);
	vprintf(format, ap);
	putchar('\n');
	va_end(ap);
	if (!condition)
		tap_failed++;
	fflush(stdout);
	return condition;
}

/* Compares strings and shows both when they differ. */
__attribute__((unused)) static int is(const char *got, const char *want, const char *name)
{
	int same = got && want ? strcmp(got, want) == 0 : got == want;
	ok(same, "%s", name);
	if (!same)
		printf("#   got: %s\n#  want: %s\n", got ? got : "(null)", want ? want : "(null)");
	return same;
}

__attribute__((unused)) static void skip(const char *name, const char *reason)
{
	printf("ok %d - %s # SKIP %s\n", ++tap_count, name, reason);
}

__attribute__((unused)) static int tap_end(void)
{
	printf("1..%d\n", tap_count);
	return tap_failed ? 1 : 0;
}

#endif
