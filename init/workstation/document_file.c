// SPDX-License-Identifier: Apache-2.0
#include "init/workstation/document_file.h"

#include "init/config/document/environment_file.h"
#include "init/config/user_data.h"
#include "lib/cleanup.h"
#include "lib/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>

/* Everything that one document needs for as long as the command runs. */
struct files {
	struct machine_document document;
	struct document_layer layers[DOCUMENT_LAYERS_MAX];
	char folder[PATH_MAX];
	struct node variables; /* of .env */
	struct string_list profiles;
	struct node_pool pool;
};

static struct files files;

static const char *find_variable(void *context, const char *name)
{
	const char *value = getenv(name);
	(void)context;
	return value ? value : node_get_text(&files.variables, name);
}

static ssize_t read_file(void *context, unsigned layer, const char *path, char *out, size_t capacity,
			 struct error *err)
{
	(void)context;
	(void)layer;
	return file_read(AT_FDCWD, path, out, capacity, err);
}

/* The folder that the first file is in, absolute. */
static int find_folder(const char *path, struct error *err)
{
	char folder[PATH_MAX];
	const char *slash = strrchr(path, '/');
	size_t length = slash ? (size_t)(slash - path) : 0;
	snprintf(folder, sizeof folder, "%.*s", (int)(length ? length : 1), slash ? path : ".");
	if (!realpath(folder, files.folder))
		return error_errno(err, errno, "find the folder %s", folder);
	return 0;
}

static int put_variable(void *context, const char *name, const char *value, unsigned line,
			struct error *err)
{
	struct position at = {DOCUMENT_LAYERS_MAX, line, 1};
	struct node *node = node_text(&files.pool, value ? value : "", at);
	(void)context;
	if (!node)
		return error_set(err, "too many variables");
	struct node *twin = node_get(&files.variables, name);
	if (twin)
		node_become(twin, node);
	else
		node_put(&files.variables, name, at, node);
	return 0;
}

/* .env beside the document, when there is one. */
static int read_variables(struct arena *arena, struct error *err)
{
	static char text[64 * 1024 + 1];
	const struct variables variables = {find_variable, NULL};
	char path[PATH_MAX + 8];
	unsigned line = 0;
	files.variables = (struct node){.kind = NODE_MAP, .text = ""};
	files.pool = (struct node_pool){arena, 4000};
	snprintf(path, sizeof path, "%s/.env", files.folder);
	if (access(path, F_OK) < 0)
		return 0;
	if (file_read(AT_FDCWD, path, text, sizeof text, err) < 0)
		return -1;
	if (environment_file_parse(text, arena, &variables, put_variable, NULL, &line, err) < 0)
		return error_context(err, "%s:%u", path, line);
	return 0;
}

/* What a source of a machine may be given: packed, in one message with other parts, for cloud-init. What is
 * broken is left to the parser, which knows where. */
static int unpack(const char *name, char *text, size_t *size, struct error *err)
{
	struct user_data data;
	struct error ignored = ERROR_INIT;
	enum user_data_kind kind = user_data_read(text, *size, false, &data, &ignored);
	if (kind == USER_DATA_OURS && *data.path) {
		memcpy(text, data.text, data.size + 1);
		*size = data.size;
	}
	user_data_free(&data);
	return kind == USER_DATA_FOREIGN ? error_set(err, "%s: %s", name, ignored.text) : 0;
}

static int read_layer(const char *path, struct document_layer *layer, struct error *err)
{
	char *text = malloc(DOCUMENT_BYTES_MAX + 1);
	bool standard = strcmp(path, "-") == 0;
	if (!text)
		return error_set(err, "no memory for %s", path);
	ssize_t size = standard ? file_read_fd(STDIN_FILENO, "standard input", text,
					       DOCUMENT_BYTES_MAX + 1, err)
				: file_read(AT_FDCWD, path, text, DOCUMENT_BYTES_MAX + 1, err);
	size_t length = size < 0 ? 0 : (size_t)size;
	const char *name = standard ? "-" : path;
	if (size < 0 || unpack(name, text, &length, err) < 0) {
		free(text);
		return -1;
	}
	*layer = (struct document_layer){name, text, length, false};
	return 0;
}

static void release_layers(size_t count)
{
	for (size_t i = 0; i < count; i++)
		free((char *)(uintptr_t)files.layers[i].text);
}

/* --profile, else COMPOSE_PROFILES with commas, as docker compose has it. */
static int find_profiles(const struct options *options, struct arena *arena,
			 struct string_list *out, struct error *err)
{
	const struct string_list *given = &options->values[OPTION_PROFILE];
	const char *text = given->count ? NULL : find_variable(NULL, "COMPOSE_PROFILES");
	char *copy = text ? arena_strdup(arena, text) : NULL;
	for (char *name; (name = strsep(&copy, ","));)
		if (*name && string_list_add(out, arena, name, err) < 0)
			return -1;
	return string_list_extend(out, arena, given, err);
}

static int read_all(const struct options *options, size_t count, void *block, size_t size,
		    struct error *err)
{
	/* The variables have the first part of the block, which the document leaves alone. */
	enum { VARIABLES = 1024 * 1024 };
	struct arena arena;
	arena_init(&arena, block, VARIABLES);
	files.profiles = (struct string_list){0};
	if (read_variables(&arena, err) < 0 ||
	    find_profiles(options, &arena, &files.profiles, err) < 0)
		return -1;
	const struct document_options how = {
		.variables = {find_variable, NULL},
		.read_file = read_file,
		.folder = files.folder,
		.profiles = &files.profiles,
		.kept = option_given(options, OPTION_DISK),
	};
	return document_read(&files.document, (char *)block + VARIABLES, size - VARIABLES,
			     files.layers, count, &how);
}

int document_file_read(const struct options *options, char *const *paths,
		       struct machine_document **out, struct error *err)
{
	size_t count = 0, size = DOCUMENT_MEMORY + 1024 * 1024;
	int result = 0;
	*out = &files.document;
	if (find_folder(paths[0], err) < 0)
		return -1;
	for (; result == 0 && paths[count] && count < DOCUMENT_LAYERS_MAX; count += result == 0)
		result = read_layer(paths[count], &files.layers[count], err);
	if (result == 0 && paths[count])
		result = error_set(err, "more than %d files", DOCUMENT_LAYERS_MAX);
	void *block = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (result == 0 && block == MAP_FAILED)
		result = error_errno(err, errno, "get memory for the document");
	if (result == 0)
		result = read_all(options, count, block, size, err);
	release_layers(count);
	return result;
}

bool document_file_is(const char *word)
{
	const char *dot = strrchr(word, '.');
	return dot &&
	       (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0 ||
		strcmp(dot, ".json") == 0) &&
	       access(word, F_OK) == 0;
}
