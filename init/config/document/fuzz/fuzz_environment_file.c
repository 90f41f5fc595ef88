// SPDX-License-Identifier: Apache-2.0
/* A file of environment variables, in both forms, any bytes up to the first NUL: names are never empty,
 * and a mistake has words and a line. */
#include "init/config/document/environment_file.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char memory[4 * 1024 * 1024];

static const char *find(void *context, const char *name)
{
	(void)context;
	return strcmp(name, "SET") == 0 ? "value" : NULL;
}

static int put(void *context, const char *name, const char *value, unsigned line, struct error *err)
{
	(void)context;
	(void)value;
	(void)err;
	if (!*name || !line)
		abort();
	return 0;
}

static void parse(const char *text, bool raw)
{
	const struct variables variables = {find, NULL};
	struct error err = ERROR_INIT;
	struct arena arena;
	unsigned line = 0;
	arena_init(&arena, memory, sizeof memory);
	int result = raw ? environment_file_parse_raw(text, &arena, put, NULL, &line, &err)
			 : environment_file_parse(text, &arena, &variables, put, NULL, &line, &err);
	if (result < 0 && (!err.text[0] || !line))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = 0;
	parse(text, false);
	parse(text, true);
	free(text);
	return 0;
}
