// SPDX-License-Identifier: Apache-2.0
/* "Did you mean …?": the nearest known name to one that is not known. */
#ifndef BERTH_LIB_SUGGEST_H
#define BERTH_LIB_SUGGEST_H

#include <stddef.h>

/* Returns the candidate with the smallest edit distance to `word`, when it is near enough to be
 * meant (at most a third of the length), else NULL. `next(context, i)` gives candidate i, NULL ends. */
const char *suggest(const char *word, const char *(*next)(const void *context, size_t i),
		    const void *context);

#endif
