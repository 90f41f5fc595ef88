// SPDX-License-Identifier: Apache-2.0
#include "images/platform.h"

#include <stdio.h>
#include <string.h>

/* The level of a variant "vN" or "N", or the base level of the architecture when none is stated. */
static unsigned level(const struct platform *platform, const char *architecture)
{
	const char *variant = platform->variant;
	const char *digit = variant + (*variant == 'v');
	if (*digit >= '1' && *digit <= '9' && !digit[1])
		return (unsigned)(*digit - '0');
	if (*variant)
		return 0;
	if (strcmp(architecture, "arm64") == 0)
		return 8;
	return strcmp(architecture, "arm") == 0 ? 7 : 1;
}

/* Some tools write the kernel's names for Go's. */
static const char *usual_name(const char *architecture)
{
	if (strcmp(architecture, "x86_64") == 0 || strcmp(architecture, "x86-64") == 0)
		return "amd64";
	return strcmp(architecture, "aarch64") == 0 ? "arm64" : architecture;
}

unsigned platform_rank(const struct platform *own, const struct platform *offered)
{
	const char *architecture = usual_name(own->architecture);
	if (strcmp(own->os, offered->os) != 0 ||
	    strcmp(architecture, usual_name(offered->architecture)) != 0)
		return 0;
	unsigned have = level(own, architecture), need = level(offered, architecture);
	if (have == 0 || need == 0)
		return strcmp(own->variant, offered->variant) == 0;
	return need <= have ? need : 0;
}

void platform_format(const struct platform *platform, char *out)
{
	snprintf(out, PLATFORM_TEXT, "%s/%s%s%s", platform->os, platform->architecture,
		 *platform->variant ? "/" : "", platform->variant);
}
