// SPDX-License-Identifier: Apache-2.0
/*
 * A bump allocator over one block of fixed size: bounded memory for strings and lists whose number
 * comes from outside. Nothing is freed singly; when the block is full every request fails.
 */
#ifndef BERTH_LIB_ARENA_H
#define BERTH_LIB_ARENA_H

#include "lib/error.h"

#include <stddef.h>

struct arena {
	char *block;
	size_t size;
	size_t used;
};

/* A list of NUL-terminated strings; items[count] is NULL, so that it serves as argv or envp. */
struct string_list {
	size_t count;
	size_t capacity;
	char **items;
};

/* Uses `block`, which the caller owns and keeps alive. */
void arena_init(struct arena *arena, void *block, size_t size);
/* Zeroed, aligned for any type; NULL when the arena is full. */
void *arena_alloc(struct arena *arena, size_t size);
/* Copy of `length` bytes plus a NUL; NULL when full. */
char *arena_strndup(struct arena *arena, const char *text, size_t length);
char *arena_strdup(struct arena *arena, const char *text);
/* Formatted copy; NULL when full. */
char *arena_printf(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Appends a copy of `text`; -1 when the arena is full. */
int string_list_add(struct string_list *list, struct arena *arena, const char *text,
		    struct error *err);
/* Appends copies of all of `from`. */
int string_list_extend(struct string_list *list, struct arena *arena,
		       const struct string_list *from, struct error *err);

#endif
