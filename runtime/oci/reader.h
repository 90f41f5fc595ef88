// SPDX-License-Identifier: Apache-2.0
/*
 * Reading the JSON of the runtime specification: strict about types, lenient about what it does not
 * know (the specification's "Extensibility"). The first problem is kept; after it every getter
 * answers as if nothing were there, and the caller looks at `bad` once, at the end.
 *
 * `path` is the full name for messages, such as "process.user.uid"; its last part is the key.
 * Missing and null are the same.
 */
#ifndef BERTH_RUNTIME_OCI_READER_H
#define BERTH_RUNTIME_OCI_READER_H

#include "lib/json.h"

struct oci_reader {
	struct arena *arena; /* where copies go */
	struct error *err;
	bool bad;
	struct string_list *warnings; /* what the specification says to warn of, or NULL */
};

void oci_problem(struct oci_reader *reader, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void oci_warn(struct oci_reader *reader, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

yyjson_val *oci_object(struct oci_reader *reader, yyjson_val *object, const char *path);
yyjson_val *oci_array(struct oci_reader *reader, yyjson_val *object, const char *path);
/* A copy; NULL when missing. */
char *oci_text(struct oci_reader *reader, yyjson_val *object, const char *path);
/* As oci_text; a missing one is a problem, and "" comes back. */
char *oci_needed_text(struct oci_reader *reader, yyjson_val *object, const char *path);
bool oci_bool(struct oci_reader *reader, yyjson_val *object, const char *path);
/* True and *out set when there; out of range is a problem. */
bool oci_int(struct oci_reader *reader, yyjson_val *object, const char *path, int64_t least,
	     int64_t most, int64_t *out);
bool oci_u64(struct oci_reader *reader, yyjson_val *object, const char *path, uint64_t *out);
/* An ID or another 32-bit number; `otherwise` when missing. */
uint32_t oci_u32(struct oci_reader *reader, yyjson_val *object, const char *path,
		 uint32_t otherwise);
void oci_texts(struct oci_reader *reader, yyjson_val *object, const char *path,
	       struct string_list *out);
/* Zeroed memory for `count` things, at most OCI_ITEMS_MAX; NULL after a problem or for none. */
void *oci_items(struct oci_reader *reader, size_t count, size_t size, const char *path);
enum { OCI_ITEMS_MAX = 4096 };
/* The text of a value as compact JSON, in the arena. */
char *oci_json(struct oci_reader *reader, yyjson_val *value);
/* A text as the inside of a JSON string, in the arena. */
char *oci_escape(struct oci_reader *reader, const char *text);

#endif
