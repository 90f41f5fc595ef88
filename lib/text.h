// SPDX-License-Identifier: Apache-2.0
/* Making text from outside fit for a console line or a JSON string. */
#ifndef BERTH_LIB_TEXT_H
#define BERTH_LIB_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Replaces control characters and bytes that are not valid UTF-8 by '?', in place. */
void text_one_line(char *text);

/* Length in bytes (1 to 4) of the UTF-8 sequence at text[0..size), or 0 when there is none. */
size_t text_utf8_length(const char *text, size_t size);

/* Whether all of the text is UTF-8. */
bool text_is_utf8(const char *text);

#endif
