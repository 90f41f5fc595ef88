// SPDX-License-Identifier: Apache-2.0
#include "runtime/oci/reader.h"

#include "lib/cleanup.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void oci_problem(struct oci_reader *reader, const char *format, ...)
{
	char text[ERROR_TEXT_MAX];
	va_list ap;
	if (reader->bad)
		return;
	va_start(ap, format);
	vsnprintf(text, sizeof text, format, ap);
	va_end(ap);
	reader->bad = true;
	error_set(reader->err, "%s", text);
}

void oci_warn(struct oci_reader *reader, const char *format, ...)
{
	char text[ERROR_TEXT_MAX];
	va_list ap;
	if (!reader->warnings || reader->warnings->count >= OCI_ITEMS_MAX)
		return;
	va_start(ap, format);
	vsnprintf(text, sizeof text, format, ap);
	va_end(ap);
	string_list_add(reader->warnings, reader->arena, text, NULL);
}

static yyjson_val *member(struct oci_reader *reader, yyjson_val *object, const char *path)
{
	const char *dot = strrchr(path, '.');
	yyjson_val *value = reader->bad ? NULL : yyjson_obj_get(object, dot ? dot + 1 : path);
	return yyjson_is_null(value) ? NULL : value;
}

static void wrong_type(struct oci_reader *reader, const char *path, const char *type)
{
	oci_problem(reader, "%s is not %s", path, type);
}

yyjson_val *oci_object(struct oci_reader *reader, yyjson_val *object, const char *path)
{
	yyjson_val *value = member(reader, object, path);
	if (!value || yyjson_is_obj(value))
		return value;
	wrong_type(reader, path, "an object");
	return NULL;
}

yyjson_val *oci_array(struct oci_reader *reader, yyjson_val *object, const char *path)
{
	yyjson_val *value = member(reader, object, path);
	if (!value || yyjson_is_arr(value))
		return value;
	wrong_type(reader, path, "an array");
	return NULL;
}

static char *copy_text(struct oci_reader *reader, yyjson_val *value, const char *path)
{
	const char *text = json_value_text(value);
	if (!text) {
		wrong_type(reader, path, "a text (without NUL)");
		return NULL;
	}
	char *copy = arena_strdup(reader->arena, text);
	if (!copy)
		oci_problem(reader, "%s: the configuration is larger than %zu bytes", path,
			    reader->arena->size);
	return copy;
}

char *oci_text(struct oci_reader *reader, yyjson_val *object, const char *path)
{
	yyjson_val *value = member(reader, object, path);
	return value ? copy_text(reader, value, path) : NULL;
}

char *oci_needed_text(struct oci_reader *reader, yyjson_val *object, const char *path)
{
	static char none[1];
	char *text = oci_text(reader, object, path);
	if (!text)
		oci_problem(reader, "%s is missing", path);
	return text ? text : none;
}

bool oci_bool(struct oci_reader *reader, yyjson_val *object, const char *path)
{
	yyjson_val *value = member(reader, object, path);
	if (value && !yyjson_is_bool(value))
		wrong_type(reader, path, "true or false");
	return yyjson_is_true(value);
}

bool oci_u64(struct oci_reader *reader, yyjson_val *object, const char *path, uint64_t *out)
{
	yyjson_val *value = member(reader, object, path);
	if (!value)
		return false;
	if (!yyjson_is_uint(value)) {
		wrong_type(reader, path, "a whole number of at least 0");
		return false;
	}
	*out = yyjson_get_uint(value);
	return true;
}

bool oci_int(struct oci_reader *reader, yyjson_val *object, const char *path, int64_t least,
	     int64_t most, int64_t *out)
{
	yyjson_val *value = member(reader, object, path);
	if (!value)
		return false;
	if (!yyjson_is_int(value) ||
	    (yyjson_is_uint(value) && yyjson_get_uint(value) > INT64_MAX)) {
		wrong_type(reader, path, "a whole number");
		return false;
	}
	int64_t number = yyjson_get_sint(value);
	if (number < least || number > most) {
		oci_problem(reader, "%s: %lld is not between %lld and %lld", path,
			    (long long)number, (long long)least, (long long)most);
		return false;
	}
	*out = number;
	return true;
}

uint32_t oci_u32(struct oci_reader *reader, yyjson_val *object, const char *path,
		 uint32_t otherwise)
{
	int64_t number;
	return oci_int(reader, object, path, 0, UINT32_MAX, &number) ? (uint32_t)number
								     : otherwise;
}

void oci_texts(struct oci_reader *reader, yyjson_val *object, const char *path,
	       struct string_list *out)
{
	yyjson_val *array = oci_array(reader, object, path);
	size_t i, count;
	yyjson_val *item;
	yyjson_arr_foreach(array, i, count, item) {
		const char *text = json_value_text(item);
		if (!text) {
			oci_problem(reader, "%s: element %zu is not a text", path, i);
			return;
		}
		if (string_list_add(out, reader->arena, text, NULL) < 0) {
			oci_problem(reader, "%s: the configuration is larger than %zu bytes", path,
				    reader->arena->size);
			return;
		}
	}
}

void *oci_items(struct oci_reader *reader, size_t count, size_t size, const char *path)
{
	if (count == 0 || reader->bad)
		return NULL;
	void *items = count <= OCI_ITEMS_MAX ? arena_alloc(reader->arena, count * size) : NULL;
	if (!items)
		oci_problem(reader, "%s: %zu elements are too many", path, count);
	return items;
}

char *oci_json(struct oci_reader *reader, yyjson_val *value)
{
	size_t length;
	_cleanup_free_ char *text = yyjson_val_write(value, 0, &length);
	char *copy = text ? arena_strndup(reader->arena, text, length) : NULL;
	if (!copy)
		oci_problem(reader, "the configuration is larger than %zu bytes",
			    reader->arena->size);
	return copy;
}

char *oci_escape(struct oci_reader *reader, const char *text)
{
	char *out = arena_alloc(reader->arena, 6 * strlen(text) + 1), *end = out;
	if (!out) {
		oci_problem(reader, "the configuration is larger than %zu bytes",
			    reader->arena->size);
		return NULL;
	}
	for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
		if (*c < 0x20)
			end += sprintf(end, "\\u%04x", *c);
		else
			end += sprintf(end, *c == '"' || *c == '\\' ? "\\%c" : "%c", *c);
	}
	return out;
}
