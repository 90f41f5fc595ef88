// SPDX-License-Identifier: Apache-2.0
#include "images/settings.h"

#include "lib/file.h"
#include "lib/suggest.h"

#include <fcntl.h>
#include <string.h>

static const char *const members[] = {"registries", "signatures", NULL};

int settings_read(const char *path, struct settings_file *out, struct error *err)
{
	out->size = 0;
	if (!path)
		return 0;
	ssize_t size = file_read(AT_FDCWD, path, out->text, sizeof out->text, err);
	if (size < 0)
		return error_context(err, "image settings");
	out->size = (size_t)size;
	return 0;
}

static const char *nth_name(const void *context, size_t i)
{
	const char *const *names = context;
	return names[i];
}

static bool is_known(const char *const *names, const char *name)
{
	for (; *names; names++)
		if (strcmp(*names, name) == 0)
			return true;
	return false;
}

int settings_check_members(yyjson_val *object, const char *const *names, const char *where,
			   struct error *err)
{
	yyjson_obj_iter iterator = yyjson_obj_iter_with(object);
	for (yyjson_val *key; (key = yyjson_obj_iter_next(&iterator));) {
		const char *name = yyjson_get_str(key);
		if (!name || is_known(names, name))
			continue;
		const char *near = suggest(name, nth_name, names);
		if (near)
			return error_set(err, "%s: unknown member \"%.60s\": did you mean \"%s\"?",
					 where, name, near);
		return error_set(err, "%s: unknown member \"%.60s\"", where, name);
	}
	return 0;
}

int settings_open(const struct settings_file *file, struct json *json, struct error *err)
{
	bool present = file && file->size > 0;
	if (json_open(json, "image settings", present ? file->text : "{}", present ? file->size : 2,
		      SETTINGS_MEMORY, err) < 0)
		return -1;
	return settings_check_members(json_root(json), members, "image settings", err);
}
