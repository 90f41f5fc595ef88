// SPDX-License-Identifier: Apache-2.0
#include "images/platform.h"

#include <stdio.h>
#include <string.h>

/* The level of a variant "vN", or the base level of the architecture when none is stated. */
static unsigned level(const struct platform *platform)
{
	const char *variant = platform->variant;
	if (variant[0] == 'v' && variant[1] >= '1' && variant[1] <= '9' && !variant[2])
		return (unsigned)(variant[1] - '0');
	if (*variant)
		return 0;
	if (strcmp(platform->architecture, "arm64") == 0)
		return 8;
	return strcmp(platform->architecture, "arm") == 0 ? 7 : 1;
}

unsigned platform_rank(const struct platform *own, const struct platform *offered)
{
	if (strcmp(own->os, offered->os) != 0 ||
	    strcmp(own->architecture, offered->architecture) != 0)
		return 0;
	unsigned have = level(own), need = level(offered);
	if (have == 0 || need == 0)
		return strcmp(own->variant, offered->variant) == 0;
	return need <= have ? need : 0;
}

void platform_format(const struct platform *platform, char *out)
{
	snprintf(out, PLATFORM_TEXT, "%s/%s%s%s", platform->os, platform->architecture,
		 *platform->variant ? "/" : "", platform->variant);
}
