// SPDX-License-Identifier: Apache-2.0
#include "init/config/document/resolve.h"

#include "init/config/document/environment_file.h"
#include "init/config/document/paths.h"
#include "lib/text.h"

#include <string.h>

enum { ENVIRONMENT_FILE_MAX = 64 * 1024 };

/* A file being read into a service's variables. */
struct reading {
	struct resolver *resolver;
	struct node *into;
	struct position at;
};

static const char *outer_variable(const struct resolver *resolver, const char *name)
{
	const struct variables *variables = &resolver->options->variables;
	return variables->find ? variables->find(variables->context, name) : NULL;
}

/* Variables of the same service's files, then those from outside. */
static const char *find_variable(void *context, const char *name)
{
	struct reading *reading = context;
	const char *value = node_get_text(reading->into, name);
	return value ? value : outer_variable(reading->resolver, name);
}

static int put_variable(void *context, const char *name, const char *value, unsigned line,
			struct error *err)
{
	struct reading *reading = context;
	struct node_pool *pool = &reading->resolver->document->pool;
	(void)line;
	if (!value && !(value = find_variable(context, name)))
		return 0; /* a name alone, which has no value from elsewhere */
	if (!text_is_utf8(value))
		return error_set(err, "the value of %.60s is not text in UTF-8", name);
	struct node *node = node_text(pool, value, reading->at);
	if (!node)
		return error_set(err, "too many variables");
	struct node *twin = node_get(reading->into, name);
	if (twin)
		node_become(twin, node);
	else
		node_put(reading->into, name, reading->at, node);
	return 0;
}

static bool is_needed(const struct node *file)
{
	const struct node *required = node_get(file, "required");
	return !required || required->integer;
}

static void read_file(struct resolver *resolver, const struct node *file, struct node *into)
{
	static char text[ENVIRONMENT_FILE_MAX + 1];
	const struct document_options *options = resolver->options;
	struct node *path = node_get(file, "path");
	struct reading reading = {resolver, into, path->at};
	struct variables variables = {find_variable, &reading};
	struct error err = ERROR_INIT;
	unsigned line = 0;
	if (!options->read_file) {
		if (is_needed(file))
			complain(resolver->normaliser, path,
				 "other files cannot be read here: write the "
				 "variables under environment");
		return;
	}
	const char *absolute = path_absolute(resolver->normaliser, path, options);
	if (!absolute)
		return;
	if (options->read_file(options->context, path->at.file, absolute, text, sizeof text, &err) <
	    0) {
		if (is_needed(file))
			complain(resolver->normaliser, path, "%s", err.text);
		return;
	}
	struct arena *arena = &resolver->document->arena;
	const char *format = node_get_text(file, "format");
	bool raw = format && strcmp(format, "raw") == 0;
	if ((raw ? environment_file_parse_raw(text, arena, put_variable, &reading, &line, &err)
		 : environment_file_parse(text, arena, &variables, put_variable, &reading, &line,
					  &err)) < 0)
		complain(resolver->normaliser, path, "%.120s:%u: %s", absolute, line, err.text);
}

static void read_files(struct resolver *resolver, struct node *service, struct node *files)
{
	struct node *into = node_new(&resolver->document->pool, NODE_MAP, files->at);
	struct node *own = node_get(service, "environment");
	unsigned index = 0;
	if (!into) {
		complain_no_room(resolver->normaliser, files);
		return;
	}
	for (const struct node *file = files->first; file; file = file->next) {
		resolver_path(resolver, service, "env_file");
		path_push_index(resolver->normaliser, index++);
		read_file(resolver, file, into);
	}
	node_remove(service, files);
	struct node *next;
	for (struct node *item = own ? own->first : NULL; item; item = next) {
		struct node *twin = node_get(into, item->key);
		next = item->next;
		if (twin)
			node_remove(into, twin);
		node_put(into, item->key, item->key_at, item);
	}
	if (own)
		node_become(own, into);
	else
		resolver_put(resolver, service, "environment", into);
}

void resolve_environment(struct resolver *resolver, struct node *service)
{
	struct node *files = node_get(service, "env_file");
	if (files)
		read_files(resolver, service, files);
	struct node *environment = node_get(service, "environment");
	for (struct node *item = environment ? environment->first : NULL; item; item = item->next) {
		const char *value =
			item->kind == NODE_NULL ? outer_variable(resolver, item->key) : NULL;
		if (!value)
			continue;
		if (!text_is_utf8(value)) {
			resolver_path(resolver, service, "environment");
			complain(resolver->normaliser, item, "the value of %.60s is not text in UTF-8",
				 item->key);
			continue;
		}
		item->kind = NODE_TEXT;
		item->text = arena_strdup(&resolver->document->arena, value);
		if (!item->text)
			item->text = "";
	}
}
