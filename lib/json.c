// SPDX-License-Identifier: Apache-2.0
#include "lib/json.h"

#include <stdlib.h>
#include <string.h>

static void *json_malloc(void *context, size_t size)
{
	struct json *json = context;
	if (size > json->left)
		return NULL;
	json->left -= size;
	return malloc(size);
}

static void *json_realloc(void *context, void *pointer, size_t old_size, size_t size)
{
	struct json *json = context;
	size_t more = size > old_size ? size - old_size : 0;
	if (more > json->left)
		return NULL;
	json->left -= more;
	return realloc(pointer, size);
}

static void json_free(void *context, void *pointer)
{
	(void)context;
	free(pointer);
}

int json_open(struct json *json, const char *name, const void *text, size_t size, size_t memory,
	      struct error *err)
{
	*json = (struct json){.left = memory};
	json->allocator = (yyjson_alc){json_malloc, json_realloc, json_free, json};
	yyjson_read_err why = {0};
	/* Without the in-place flag yyjson only reads its input. */
	json->doc = yyjson_read_opts((char *)(uintptr_t)text, size, YYJSON_READ_NOFLAG,
				     &json->allocator, &why);
	if (!json->doc)
		return error_set(err, "%s is not valid JSON: %s at byte %zu", name,
				 why.msg ? why.msg : "unknown reason", why.pos);
	if (!yyjson_is_obj(yyjson_doc_get_root(json->doc)))
		return error_set(err, "%s is JSON, but not an object", name);
	return 0;
}

void json_close(struct json *json)
{
	yyjson_doc_free(json->doc);
	json->doc = NULL;
}

yyjson_val *json_root(const struct json *json)
{
	return yyjson_doc_get_root(json->doc);
}

yyjson_val *json_object(yyjson_val *object, const char *key)
{
	yyjson_val *value = yyjson_obj_get(object, key);
	return yyjson_is_obj(value) ? value : NULL;
}

yyjson_val *json_array(yyjson_val *object, const char *key)
{
	yyjson_val *value = yyjson_obj_get(object, key);
	return yyjson_is_arr(value) ? value : NULL;
}

const char *json_value_text(yyjson_val *value)
{
	const char *text = yyjson_get_str(value);
	return text && strlen(text) == yyjson_get_len(value) ? text : NULL;
}

const char *json_text(yyjson_val *object, const char *key)
{
	return json_value_text(yyjson_obj_get(object, key));
}

const char *json_text_or_empty(yyjson_val *object, const char *key)
{
	const char *text = json_text(object, key);
	return text ? text : "";
}

bool json_u64(yyjson_val *object, const char *key, uint64_t *out)
{
	yyjson_val *value = yyjson_obj_get(object, key);
	if (!yyjson_is_uint(value))
		return false;
	*out = yyjson_get_uint(value);
	return true;
}

static int add_text(yyjson_val *value, const char *key, struct arena *arena,
		    struct string_list *out, struct error *err)
{
	const char *text = json_value_text(value);
	if (!text)
		return error_set(err, "\"%s\" holds something that is not a text", key);
	return string_list_add(out, arena, text, err);
}

int json_list(yyjson_val *object, const char *key, struct arena *arena, struct string_list *out,
	      struct error *err)
{
	yyjson_val *value = yyjson_obj_get(object, key);
	if (!value || yyjson_is_null(value))
		return 0;
	if (yyjson_is_str(value))
		return add_text(value, key, arena, out, err);
	if (!yyjson_is_arr(value))
		return error_set(err, "\"%s\" is not a list", key);
	size_t index, count;
	yyjson_val *item;
	yyjson_arr_foreach(value, index, count, item) {
		if (add_text(item, key, arena, out, err) < 0)
			return -1;
	}
	return 0;
}

int json_keys(yyjson_val *object, const char *key, struct arena *arena, struct string_list *out,
	      struct error *err)
{
	yyjson_val *value = yyjson_obj_get(object, key);
	if (!value || yyjson_is_null(value))
		return 0;
	if (!yyjson_is_obj(value))
		return error_set(err, "\"%s\" is not an object", key);
	size_t index, count;
	yyjson_val *name, *unused;
	yyjson_obj_foreach(value, index, count, name, unused) {
		(void)unused;
		if (add_text(name, key, arena, out, err) < 0)
			return -1;
	}
	return 0;
}
