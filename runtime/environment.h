// SPDX-License-Identifier: Apache-2.0
/* The environment of the container's process. */
#ifndef BERTH_RUNTIME_ENVIRONMENT_H
#define BERTH_RUNTIME_ENVIRONMENT_H

#include "lib/arena.h"
#include "lib/error.h"

/* Fills `out` (strings in the arena) with `given`, of which the last value of each name counts,
 * and with PATH, HOSTNAME (when hostname is not NULL) and HOME where they are not given. Entries
 * without a name or '=' are left out. */
int environment_build(const struct string_list *given, const char *hostname, const char *home,
		      struct arena *arena, struct string_list *out, struct error *err);

/* As environment_build, but nothing is left out or added except HOME. */
int environment_merge(const struct string_list *given, const char *home, struct arena *arena,
		      struct string_list *out, struct error *err);

/* The value of `name`, or NULL. */
const char *environment_get(const struct string_list *environment, const char *name);

#endif
