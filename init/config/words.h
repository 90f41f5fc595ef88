// SPDX-License-Identifier: Apache-2.0
/* Splitting text into words: the kernel command line's way, and a shell's. */
#ifndef BERTH_INIT_CONFIG_WORDS_H
#define BERTH_INIT_CONFIG_WORDS_H

#include "lib/arena.h"
#include "lib/error.h"

#include <stdbool.h>
#include <stddef.h>

enum { WORD_CAPACITY = 4096 };

enum word_result { WORD_OK, WORD_END, WORD_UNCLOSED, WORD_TOO_LONG };

/* Takes the next word from *at, moves *at behind it, and puts it without its quotes into out.
 * Double quotes keep blanks, around the value or the whole word; within them \" \\ \n and \t stand
 * for those characters, and \q for a double quote that the kernel, which knows no escapes, does not
 * see. */
enum word_result command_line_word(const char **at, char *out, size_t capacity);

/* Splits as a shell would: blanks, '…', "…" and backslash; no expansions. */
int split_words(const char *text, struct arena *arena, struct string_list *out, struct error *err);

#endif
