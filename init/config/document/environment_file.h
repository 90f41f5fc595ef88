// SPDX-License-Identifier: Apache-2.0
/*
 * Files of environment variables, as Compose reads them: NAME=VALUE lines, an optional "export", #
 * comments, '…' as it is, "…" with \n \r \t \\ \" \$ and over several lines; variables in unquoted
 * and double-quoted values.
 */
#ifndef BERTH_INIT_CONFIG_DOCUMENT_ENVIRONMENT_FILE_H
#define BERTH_INIT_CONFIG_DOCUMENT_ENVIRONMENT_FILE_H

#include "init/config/document/interpolate.h"

enum { ENVIRONMENT_VALUE_MAX = 32 * 1024 };

/* Called for each variable in order; `value` NULL: the name stands alone. -1 ends the reading. */
typedef int environment_put(void *context, const char *name, const char *value, unsigned line,
			    struct error *err);

/* Reads the NUL-terminated text. `variables` also stands behind the names of the file itself. A
 * mistake's line is in *line. */
int environment_file_parse(const char *text, struct arena *arena, const struct variables *variables,
			   environment_put *put, void *context, unsigned *line, struct error *err);

/* As above for `format: raw`: what is behind = is the value as it stands, without quotes, comments and
 * variables. */
int environment_file_parse_raw(const char *text, struct arena *arena, environment_put *put,
			       void *context, unsigned *line, struct error *err);

#endif
