// SPDX-License-Identifier: Apache-2.0
#include "lib/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

void arena_init(struct arena *arena, void *block, size_t size)
{
	*arena = (struct arena){.block = block, .size = size};
}

void *arena_alloc(struct arena *arena, size_t size)
{
	uintptr_t base = (uintptr_t)arena->block;
	size_t start = (size_t)(((base + arena->used + 15) & ~(uintptr_t)15) - base);
	if (start > arena->size || size > arena->size - start)
		return NULL;
	arena->used = start + size;
	return memset(arena->block + start, 0, size);
}

char *arena_strndup(struct arena *arena, const char *text, size_t length)
{
	if (length == SIZE_MAX)
		return NULL;
	char *copy = arena_alloc(arena, length + 1);
	if (copy && length)
		memcpy(copy, text, length);
	return copy;
}

char *arena_strdup(struct arena *arena, const char *text)
{
	return arena_strndup(arena, text, strlen(text));
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	int length = vsnprintf(NULL, 0, format, ap);
	va_end(ap);
	char *text = length < 0 ? NULL : arena_alloc(arena, (size_t)length + 1);
	if (!text)
		return NULL;
	va_start(ap, format);
	vsnprintf(text, (size_t)length + 1, format, ap);
	va_end(ap);
	return text;
}

static int list_grow(struct string_list *list, struct arena *arena)
{
	if (list->count + 1 < list->capacity)
		return 0;
	size_t capacity = list->capacity ? list->capacity * 2 : 8;
	char **items = arena_alloc(arena, capacity * sizeof *items);
	if (!items)
		return -1;
	if (list->count)
		memcpy(items, list->items, list->count * sizeof *items);
	list->items = items;
	list->capacity = capacity;
	return 0;
}

int string_list_add(struct string_list *list, struct arena *arena, const char *text,
		    struct error *err)
{
	char *copy = arena_strdup(arena, text);
	if (!copy || list_grow(list, arena) < 0)
		return error_set(err, "no room for \"%.40s…\": more than %zu bytes of settings",
				 text, arena->size);
	list->items[list->count++] = copy;
	list->items[list->count] = NULL;
	return 0;
}

int string_list_extend(struct string_list *list, struct arena *arena,
		       const struct string_list *from, struct error *err)
{
	for (size_t i = 0; i < from->count; i++)
		if (string_list_add(list, arena, from->items[i], err) < 0)
			return -1;
	return 0;
}
