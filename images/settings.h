// SPDX-License-Identifier: Apache-2.0
/*
 * The image settings: one JSON object of how registries are spoken to ("registries") and which
 * images are trusted ("signatures"). The coordinator reads the file while it may; the workers parse
 * it, each the member it needs.
 */
#ifndef BERTH_IMAGES_SETTINGS_H
#define BERTH_IMAGES_SETTINGS_H

#include "lib/json.h"

enum { SETTINGS_FILE_MAX = 512 * 1024, SETTINGS_MEMORY = 8 * 1024 * 1024 };

/* The raw file. */
struct settings_file {
	size_t size; /* 0: there is none */
	char text[SETTINGS_FILE_MAX + 1];
};

/* `path` may be NULL: nothing is set. */
int settings_read(const char *path, struct settings_file *out, struct error *err);

/* Parses the file; members that do not exist are errors with a suggestion. Close with json_close,
 * also after failure. An absent file gives an object without members. */
int settings_open(const struct settings_file *file, struct json *json, struct error *err);

/* Refuses members of `object` (which may be NULL) other than names[0..], NULL at the end; `where`
 * names the object in the message. */
int settings_check_members(yyjson_val *object, const char *const *names, const char *where,
			   struct error *err);

#endif
