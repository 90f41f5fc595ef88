// SPDX-License-Identifier: Apache-2.0
#include "runtime/environment.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const char DEFAULT_PATH[] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/* Length of the name with its '=', or 0 when the entry has none. */
static size_t name_length(const char *entry)
{
	const char *equals = strchr(entry, '=');
	return equals && equals != entry ? (size_t)(equals - entry) + 1 : 0;
}

static bool given_later(const struct string_list *list, size_t index, size_t length)
{
	for (size_t i = index + 1; i < list->count; i++)
		if (strncmp(list->items[i], list->items[index], length) == 0)
			return true;
	return false;
}

const char *environment_get(const struct string_list *environment, const char *name)
{
	size_t length = strlen(name);
	for (size_t i = environment->count; i-- > 0;)
		if (strncmp(environment->items[i], name, length) == 0 &&
		    environment->items[i][length] == '=')
			return environment->items[i] + length + 1;
	return NULL;
}

static int add_default(const struct string_list *given, const char *name, const char *value,
		       struct arena *arena, struct string_list *out, struct error *err)
{
	if (!value || environment_get(given, name))
		return 0;
	char entry[4096];
	if ((size_t)snprintf(entry, sizeof entry, "%s=%s", name, value) >= sizeof entry)
		return error_set(err, "the value of %s is over-long", name);
	return string_list_add(out, arena, entry, err);
}

int environment_build(const struct string_list *given, const char *hostname, const char *home,
		      struct arena *arena, struct string_list *out, struct error *err)
{
	if (add_default(given, "PATH", DEFAULT_PATH, arena, out, err) < 0 ||
	    add_default(given, "HOSTNAME", hostname, arena, out, err) < 0)
		return -1;
	for (size_t i = 0; i < given->count; i++) {
		size_t length = name_length(given->items[i]);
		if (length && !given_later(given, i, length) &&
		    string_list_add(out, arena, given->items[i], err) < 0)
			return -1;
	}
	return add_default(given, "HOME", home, arena, out, err);
}

int environment_merge(const struct string_list *given, const char *home, struct arena *arena,
		      struct string_list *out, struct error *err)
{
	for (size_t i = 0; i < given->count; i++) {
		size_t length = name_length(given->items[i]);
		if (length && given_later(given, i, length))
			continue;
		if (string_list_add(out, arena, given->items[i], err) < 0)
			return -1;
	}
	return add_default(given, "HOME", home, arena, out, err);
}
