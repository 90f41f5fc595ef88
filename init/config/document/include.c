// SPDX-License-Identifier: Apache-2.0
#include "init/config/document/include.h"

#include "init/config/document/environment_file.h"
#include "init/config/document/extends.h"
#include "init/config/document/merge.h"
#include "init/config/document/other_document.h"
#include "init/config/document/paths.h"

#include <errno.h>
#include <string.h>

enum { DEPTH_MAX = 8, VARIABLES_MAX = 64 * 1024 };

/* The variables of one included document: those of whoever includes it, then its own. */
struct scope {
	const struct variables *outer;
	struct node *own;
};

struct inclusion {
	struct machine_document *document;
	struct normaliser *normaliser;
	unsigned depth;
};

static void include_all(struct inclusion *inclusion, struct node *root,
			const struct variables *variables);

static bool has_failed(const struct inclusion *inclusion)
{
	return inclusion->document->problems.count[PROBLEM_ERROR] > 0;
}

static const char *find_variable(void *context, const char *name)
{
	const struct scope *scope = context;
	const char *value =
		scope->outer->find ? scope->outer->find(scope->outer->context, name) : NULL;
	return value ? value : node_get_text(scope->own, name);
}

struct reading {
	struct inclusion *inclusion;
	struct node *into;
	struct position at;
};

static int put_variable(void *context, const char *name, const char *value, unsigned line,
			struct error *err)
{
	struct reading *reading = context;
	struct node_pool *pool = &reading->inclusion->document->pool;
	struct node *node = node_text(pool, value ? value : "", reading->at), *twin;
	const char *key = arena_strdup(pool->arena, name);
	(void)line;
	if (!node || !key)
		return error_set(err, "too many variables");
	if ((twin = node_get(reading->into, name)))
		node_become(twin, node);
	else
		node_put(reading->into, key, reading->at, node);
	return 0;
}

/* `file` as `text` would stand in its place. */
static struct node in_place_of(const struct node *file, const char *text)
{
	struct node node = *file;
	node.kind = NODE_TEXT;
	node.text = text;
	return node;
}

static void read_variables(struct inclusion *inclusion, const struct node *file,
			   struct scope *scope)
{
	const struct variables variables = {find_variable, scope};
	struct reading reading = {inclusion, scope->own, file->at};
	struct error err = ERROR_INIT;
	const char *path;
	size_t size;
	unsigned line = 0;
	char *text = other_file_read(inclusion->document, inclusion->normaliser, file,
				     VARIABLES_MAX + 1, &path, &size);
	if (text && environment_file_parse(text, &inclusion->document->arena, &variables,
					   put_variable, &reading, &line, &err) < 0)
		complain(inclusion->normaliser, file, "%.120s:%u: %s", path, line, err.text);
}

static bool is_there(struct inclusion *inclusion, const struct node *file)
{
	const struct document_options *options = &inclusion->document->options;
	struct error err = ERROR_INIT;
	char byte[2];
	const char *path = path_absolute(inclusion->normaliser, file, options);
	return path && options->read_file &&
	       (options->read_file(options->context, file->at.file, path, byte, sizeof byte,
				   &err) >= 0 ||
		err.code != ENOENT);
}

/* Those of env_file, else .env of the project's folder when there is one. */
static void read_scope(struct inclusion *inclusion, const struct node *entry, const char *folder,
		       struct scope *scope)
{
	const struct node *files = node_get(entry, "env_file");
	if (!files) {
		const char *path = arena_printf(&inclusion->document->arena, "%s/.env", folder);
		struct node file = in_place_of(entry, path ? path : "/");
		if (path && is_there(inclusion, &file))
			read_variables(inclusion, &file, scope);
		return;
	}
	size_t mark = path_push(inclusion->normaliser, "env_file");
	for (const struct node *file = files->first; file; file = file->next)
		read_variables(inclusion, file, scope);
	path_pop(inclusion->normaliser, mark);
}

/* What relative paths of the entry's documents start from. */
static const char *project_folder(struct inclusion *inclusion, const struct node *entry)
{
	const struct document_options *options = &inclusion->document->options;
	const struct node *stated = node_get(entry, "project_directory");
	const struct node *paths = node_get(entry, "path");
	if (stated)
		return path_absolute(inclusion->normaliser, stated, options);
	const char *first =
		paths->first ? path_absolute(inclusion->normaliser, paths->first, options) : NULL;
	return first ? folder_of(&inclusion->document->arena, first) : NULL;
}

/* The documents of one entry, of which later ones override earlier ones. */
static struct node *read_entry(struct inclusion *inclusion, const struct node *entry,
			       const char *folder, const struct variables *variables)
{
	struct machine_document *document = inclusion->document;
	struct node *whole = NULL;
	for (const struct node *path = node_get(entry, "path")->first; path; path = path->next) {
		struct node *root = other_document_read(document, inclusion->normaliser, path,
							variables, folder);
		if (root && !has_failed(inclusion))
			extend_services(document, inclusion->normaliser, root, &document->options);
		if (root && !has_failed(inclusion))
			include_all(inclusion, root, variables);
		if (has_failed(inclusion))
			return NULL;
		if (!whole)
			whole = root;
		else
			merge(inclusion->normaliser, whole, root, &schema_document);
	}
	return whole;
}

static void import_section(struct inclusion *inclusion, struct node *root, struct node *section)
{
	struct node *into = node_get(root, section->key), *next;
	if (into && into->kind != NODE_MAP)
		into->kind = NODE_MAP; /* "volumes:" without anything */
	if (!into) {
		node_put(root, section->key, section->key_at, section);
		return;
	}
	size_t mark = path_push(inclusion->normaliser, section->key);
	for (struct node *item = section->first; item; item = next) {
		const struct node *twin = node_get(into, item->key);
		next = item->next;
		size_t inner = path_push(inclusion->normaliser, item->key);
		if (twin && !node_equal(twin, item))
			complain(inclusion->normaliser, twin,
				 "an included document says something else of it: "
				 "give one of them another name");
		else if (!twin)
			node_put(into, item->key, item->key_at, item);
		path_pop(inclusion->normaliser, inner);
	}
	path_pop(inclusion->normaliser, mark);
}

static void import(struct inclusion *inclusion, struct node *root, struct node *included)
{
	static const char *const sections[] = {"services", "networks", "volumes",
					       "secrets",  "configs",  NULL};
	const struct node *machine = node_get(included, "x-berth");
	if (machine)
		complain(inclusion->normaliser, machine,
			 "an included document says nothing of the machine: write x-berth into "
			 "the one that includes it");
	for (int i = 0; sections[i]; i++) {
		struct node *section = node_get(included, sections[i]);
		if (!section || section->kind != NODE_MAP)
			continue;
		node_remove(included, section);
		import_section(inclusion, root, section);
	}
}

static void include_one(struct inclusion *inclusion, struct node *root, const struct node *entry,
			const struct variables *variables)
{
	struct machine_document *document = inclusion->document;
	const char *folder = project_folder(inclusion, entry);
	struct scope scope = {variables, node_new(&document->pool, NODE_MAP, entry->at)};
	const struct variables inner = {find_variable, &scope};
	if (!folder)
		return;
	if (!scope.own) {
		complain_no_room(inclusion->normaliser, entry);
		return;
	}
	read_scope(inclusion, entry, folder, &scope);
	struct node *included =
		has_failed(inclusion) ? NULL : read_entry(inclusion, entry, folder, &inner);
	if (!included)
		return;
	char outer[DOCUMENT_PATH_MAX];
	memcpy(outer, inclusion->normaliser->path, sizeof outer);
	inclusion->normaliser->path[0] = 0; /* of what is imported */
	import(inclusion, root, included);
	memcpy(inclusion->normaliser->path, outer, sizeof outer);
}

static void include_all(struct inclusion *inclusion, struct node *root,
			const struct variables *variables)
{
	struct node *entries = node_get(root, "include");
	unsigned index = 0;
	if (!entries)
		return;
	if (++inclusion->depth > DEPTH_MAX)
		complain(inclusion->normaliser, entries,
			 "documents include each other in a circle, or more than %d deep",
			 DEPTH_MAX);
	size_t mark = path_push(inclusion->normaliser, "include");
	for (const struct node *entry = entries->first; entry && !has_failed(inclusion);
	     entry = entry->next) {
		size_t inner = path_push_index(inclusion->normaliser, index++);
		include_one(inclusion, root, entry, variables);
		path_pop(inclusion->normaliser, inner);
	}
	path_pop(inclusion->normaliser, mark);
	inclusion->depth--;
	node_remove(root, entries);
}

void include_documents(struct machine_document *document, struct normaliser *normaliser,
		       struct node *root)
{
	struct inclusion inclusion = {document, normaliser, 0};
	normaliser->path[0] = 0;
	include_all(&inclusion, root, &document->options.variables);
}
