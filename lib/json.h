// SPDX-License-Identifier: Apache-2.0
/*
 * Reading JSON (RFC 8259) from outside: bounded memory, strict syntax, and getters that treat a
 * value of the wrong type as missing. For confined workers; PID 1 never parses JSON.
 */
#ifndef BERTH_LIB_JSON_H
#define BERTH_LIB_JSON_H

#include "lib/arena.h"
#include "lib/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <yyjson.h>

struct json {
	yyjson_doc *doc;
	size_t left; /* bytes of memory that may still be taken */
	yyjson_alc allocator;
};

/* Parses one document whose root is an object. `name` is for messages; at most `memory` bytes are
 * allocated. The result keeps no pointer into `text`. Release with json_close, also after
 * failure. */
int json_open(struct json *json, const char *name, const void *text, size_t size, size_t memory,
	      struct error *err);
void json_close(struct json *json);
yyjson_val *json_root(const struct json *json);

/* Members of an object (which may be NULL): NULL when missing or of another type. */
yyjson_val *json_object(yyjson_val *object, const char *key);
yyjson_val *json_array(yyjson_val *object, const char *key);
/* Also NULL when the text has an embedded NUL. */
const char *json_text(yyjson_val *object, const char *key);
/* As json_text, "" instead of NULL. */
const char *json_text_or_empty(yyjson_val *object, const char *key);
/* A text value itself; NULL when it is not text or has an embedded NUL. */
const char *json_value_text(yyjson_val *value);
/* False when missing, negative, fractional or of another type. */
bool json_u64(yyjson_val *object, const char *key, uint64_t *out);

/* Copies an array of texts; missing and null give an empty list, a single text a list of one.
 * Anything else is an error that names `key`. */
int json_list(yyjson_val *object, const char *key, struct arena *arena, struct string_list *out,
	      struct error *err);
/* Copies the keys of an object, as used for sets; missing and null give an empty list. */
int json_keys(yyjson_val *object, const char *key, struct arena *arena, struct string_list *out,
	      struct error *err);

#endif
