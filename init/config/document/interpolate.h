// SPDX-License-Identifier: Apache-2.0
/*
 * Variables in texts, as the Compose Specification has them: $NAME ${NAME} ${NAME:-otherwise}
 * ${NAME-otherwise} ${NAME:?reason} ${NAME?reason} ${NAME:+instead} ${NAME+instead}, nested; $$ is
 * a dollar sign. The colon also counts an empty value as missing.
 */
#ifndef BERTH_INIT_CONFIG_DOCUMENT_INTERPOLATE_H
#define BERTH_INIT_CONFIG_DOCUMENT_INTERPOLATE_H

#include "init/config/document/problem.h"

enum { INTERPOLATION_MAX = 64 * 1024 };

struct variables {
	/* The value of a variable, or NULL. May be NULL itself: no variable is set. */
	const char *(*find)(void *context, const char *name);
	void *context;
};

/* Replaces the variables in all texts below `root`, which are values and not keys. A variable that
 * is not set is a warning and stands for nothing. Mistakes are added to `problems`. */
void interpolate(struct node *root, struct arena *arena, const struct variables *variables,
		 struct problems *problems);

/* One text. Returns NULL after an error; unset variables without an alternative are named in
 * `unset` (the last one), "" when there is none. */
const char *interpolate_text(const char *text, struct arena *arena,
			     const struct variables *variables, char unset[80], struct error *err);

#endif
