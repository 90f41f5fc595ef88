// SPDX-License-Identifier: Apache-2.0
#include "runtime/values.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SHARES_LEAST = 2, SHARES_MOST = 262144, WEIGHT_MOST = 10000 };

/* The quadratic curve over the logarithm that maps least to least, default to default and most to
 * most (2 to 1, 1024 to 100, 262144 to 10000), as runc has it since 1.3.2 and crun since 1.23. The
 * straight line between the ends, which was usual before, makes the default share a weight of 39. */
unsigned cpu_weight(uint64_t shares)
{
	if (shares <= SHARES_LEAST)
		return 1;
	if (shares >= SHARES_MOST)
		return WEIGHT_MOST;
	double power = log2((double)shares);
	return (unsigned)ceil(pow(10, (power * power + 125 * power) / 612 - 7.0 / 34));
}

/* A number at *text, with blanks around it; moves *text behind them. */
static int take_number(const char **text, unsigned long *out)
{
	char *end;
	*text += strspn(*text, " ");
	if (!isdigit((unsigned char)**text))
		return -1;
	*out = strtoul(*text, &end, 10);
	*text = end + strspn(end, " ");
	return 0;
}

int cpu_set_parse(const char *text, struct cpu_set *out)
{
	enum { BITS = 8 * sizeof(unsigned long) };
	do {
		unsigned long first, last;
		if (take_number(&text, &first) < 0)
			return -1;
		last = first;
		if (*text == '-' && (text++, take_number(&text, &last) < 0))
			return -1;
		if (last < first || last >= SPEC_CPUS_MAX)
			return -1;
		for (unsigned long number = first; number <= last; number++)
			out->bits[number / BITS] |= 1UL << number % BITS;
		out->given = true;
	} while (*text++ == ',');
	return text[-1] ? -1 : 0;
}
