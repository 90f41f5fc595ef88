// SPDX-License-Identifier: Apache-2.0
#include "init/supervise/config_values.h"

#include "init/config/command_line.h"

#include <string.h>

/* Three texts for each value, one behind the other. */
static struct {
	char text[CONFIG_VALUES_BYTES];
	size_t used;
	bool cut;
} values;

void config_values_clear(void)
{
	values.used = 0;
	values.cut = false;
}

static void put(const char *text)
{
	size_t size = strlen(text) + 1;
	memcpy(values.text + values.used, text, size);
	values.used += size;
}

void config_values_add(const char *key, const char *value, const char *source)
{
	size_t size = strlen(key) + strlen(value) + strlen(source) + 3;
	if (size > sizeof values.text - values.used) {
		values.cut = true;
		return;
	}
	put(key);
	put(value);
	put(source);
}

static void add(void *context, const char *key, const char *value, const char *source)
{
	(void)context;
	config_values_add(key, value, source);
}

void config_values_add_line(const char *line)
{
	command_line_each(line, add, NULL);
}

bool config_values_next(size_t *at, struct config_value *out)
{
	const char **const texts[] = {&out->key, &out->value, &out->source};
	if (*at >= values.used)
		return false;
	for (size_t i = 0; i < 3; i++) {
		*texts[i] = values.text + *at;
		*at += strlen(*texts[i]) + 1;
	}
	return true;
}

bool config_values_cut(void)
{
	return values.cut;
}
