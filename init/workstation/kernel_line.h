// SPDX-License-Identifier: Apache-2.0
/*
 * Composing the kernel command line: the writing side of init/config/words.h. A word that is not
 * plain is put in double quotes, with \\ \n \t and \q inside: \q is a
 * double quote, which the kernel would take for the end of the quotes even behind a backslash.
 */
#ifndef BERTH_INIT_WORKSTATION_KERNEL_LINE_H
#define BERTH_INIT_WORKSTATION_KERNEL_LINE_H

#include "lib/error.h"

#include <stddef.h>

/* COMMAND_LINE_SIZE of x86 is 2,048 with the NUL (arch/x86/include/asm/setup.h). */
enum { KERNEL_LINE_MAX = 2047 };

struct kernel_line {
	char text[KERNEL_LINE_MAX + 1]; /* NUL-terminated; cut when the line is too long */
	size_t length;                  /* of the whole line, also of what was cut */
};

#define KERNEL_LINE_INIT {.text = "", .length = 0}

/* Adds a blank and the text, taken as it is. */
void kernel_line_raw(struct kernel_line *line, const char *text);
/* Adds KEY=VALUE, the value quoted when it needs to be. */
void kernel_line_key(struct kernel_line *line, const char *key, const char *value);
/* Adds the container's command: one word per argument after " -- ", or, when there are more words
 * than the kernel takes there, as berth.cmd= in a shell's quoting. */
void kernel_line_command(struct kernel_line *line, char *const *command);
/* -1 when the line is longer than the kernel's limit; the error says by how much. */
int kernel_line_check(const struct kernel_line *line, struct error *err);

#endif
