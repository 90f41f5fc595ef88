// SPDX-License-Identifier: Apache-2.0
/* Platforms of an image index and the choice among them (image-spec, image-index.md). */
#ifndef BERTH_IMAGES_PLATFORM_H
#define BERTH_IMAGES_PLATFORM_H

#include "lib/error.h"

#include <stddef.h>

struct platform {
	char os[16];
	char architecture[16];
	char variant[16]; /* "" when none is stated */
};

enum { PLATFORM_TEXT = 3 * 16 + 2 };

/* How well an entry for `offered` runs on a machine that is `own`: 0 = not at all, more is
 * better. amd64 v1–v4, arm v5–v7 and arm64 v8, v9 run what is older, a missing variant is the
 * base level. */
unsigned platform_rank(const struct platform *own, const struct platform *offered);
/* "linux/arm64/v8"; out has PLATFORM_TEXT bytes. */
void platform_format(const struct platform *platform, char *out);

#endif
