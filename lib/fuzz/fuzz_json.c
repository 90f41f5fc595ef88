// SPDX-License-Identifier: Apache-2.0
/* The JSON reader with small memory, and every getter over every member. */
#include "lib/json.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { DEPTH_MAX = 64 };

static void check_list(const struct string_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		if (!list->items[i])
			abort();
	if (list->count && list->items[list->count])
		abort();
}

static void visit(yyjson_val *object, struct arena *arena, unsigned depth)
{
	size_t i, count;
	yyjson_val *key, *value;
	yyjson_obj_foreach(object, i, count, key, value) {
		const char *name = json_value_text(key);
		struct string_list list = {0}, keys = {0};
		uint64_t number;
		if (!name)
			continue;
		const char *text = json_text(object, name);
		if (text && !yyjson_is_str(yyjson_obj_get(object, name)))
			abort();
		if (!json_text_or_empty(object, name))
			abort();
		json_u64(object, name, &number);
		if (json_list(object, name, arena, &list, NULL) == 0)
			check_list(&list);
		if (json_keys(object, name, arena, &keys, NULL) == 0)
			check_list(&keys);
		json_array(object, name);
		if (depth < DEPTH_MAX)
			visit(json_object(object, name), arena, depth + 1);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char block[256 * 1024];
	struct arena arena;
	struct json json;
	struct error err = ERROR_INIT;
	arena_init(&arena, block, sizeof block);
	if (json_open(&json, "fuzz", data, size, 256 * 1024, &err) == 0)
		visit(json_root(&json), &arena, 0);
	else if (!err.text[0] || strpbrk(err.text, "\n\r\033"))
		abort();
	json_close(&json);
	return 0;
}
