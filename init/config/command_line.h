// SPDX-License-Identifier: Apache-2.0
/*
 * The kernel command line as configuration: words as init/config/words.h splits them. After a lone
 * "--" every word is an argument of the container.
 * Keys that do not begin with "berth." belong to the kernel, except `ip=`.
 */
#ifndef BERTH_INIT_CONFIG_COMMAND_LINE_H
#define BERTH_INIT_CONFIG_COMMAND_LINE_H

#include "init/config/machine.h"

#include <stdio.h>

/* The kernel keeps this many bytes including the NUL (arch/x86/include/asm/setup.h); a line that
 * fills it has most likely been cut. */
enum { COMMAND_LINE_MAX = 2048, COMMAND_LINE_PROBLEMS_MAX = 8 };

/* Every problem found, so that all can be mended in one go. */
struct command_line_problems {
	unsigned count; /* may be larger than what is kept */
	struct error kept[COMMAND_LINE_PROBLEMS_MAX];
};

/* Applies the line to the description, over what a document has put there. -1 when there
 * was any problem; all are in `problems`. */
int command_line_read(const char *line, struct machine *machine,
		      struct command_line_problems *problems);
/* The value of the first word `name=value`, whoever's it is; false when there is none that fits. */
bool command_line_value(const char *line, const char *name, char *out, size_t capacity);
/* As command_line_read, and the line is all that there is: machine_complete() must succeed. */
int command_line_parse(const char *line, struct machine *machine,
		       struct command_line_problems *problems);

/* Each key of ours on the line with its value, as it stands there; what is secret has "…". */
void command_line_each(const char *line,
		       void (*value)(void *context, const char *key, const char *value,
				     const char *place),
		       void *context);

/* Writes the table of keys as a Markdown page (docs/command-line.md). */
void command_line_document(FILE *out);

#endif
