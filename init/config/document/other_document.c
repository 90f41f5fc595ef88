// SPDX-License-Identifier: Apache-2.0
#include "init/config/document/other_document.h"

#include "init/config/document/paths.h"
#include "lib/yaml.h"

#include <string.h>

const char *folder_of(struct arena *arena, const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash && slash > path ? arena_printf(arena, "%.*s", (int)(slash - path), path) : "/";
}

/* The slot of the list of files that the name gets, or the last one there is. */
static unsigned name_file(struct problems *problems, const char *path)
{
	unsigned i = 0;
	while (i + 1 < DOCUMENT_LAYERS_MAX && problems->files[i] &&
	       strcmp(problems->files[i], path) != 0)
		i++;
	problems->files[i] = path;
	return i;
}

char *other_file_read(struct machine_document *document, struct normaliser *normaliser,
		      const struct node *file, size_t capacity, const char **path, size_t *size)
{
	const struct document_options *options = &document->options;
	struct error err = ERROR_INIT;
	ssize_t got = -1;
	*path = path_absolute(normaliser, file, options);
	if (!*path)
		return NULL;
	char *text = options->read_file ? arena_alloc(&document->arena, capacity) : NULL;
	if (!options->read_file)
		error_set(&err, "other files cannot be read here: write it into this one");
	else if (!text)
		error_set(&err, "the document is too large with all that it includes");
	else
		got = options->read_file(options->context, file->at.file, *path, text, capacity,
					 &err);
	if (got < 0) {
		complain(normaliser, file, "%s", err.text);
		return NULL;
	}
	*size = (size_t)got;
	return text;
}

static struct node *read_tree(struct machine_document *document, const char *text, size_t size,
			      unsigned file)
{
	struct node *root = NULL;
	struct position where;
	struct error err = ERROR_INIT;
	char what[80];
	if (yaml_read(text, size, file, &document->pool, &root, &where, &err) < 0) {
		problem_add(&document->problems, PROBLEM_ERROR, where, "", NULL, "%s", err.text);
		return NULL;
	}
	if (root->kind == NODE_MAP)
		return root;
	problem_add(&document->problems, PROBLEM_ERROR, root->at, "", NULL,
		    "the document is %s, not a map with services", node_describe(root, what));
	return NULL;
}

struct node *other_document_read(struct machine_document *document, struct normaliser *normaliser,
				 const struct node *file, const struct variables *variables,
				 const char *folder)
{
	const char *path;
	size_t size;
	char outer[DOCUMENT_PATH_MAX];
	const char *text =
		other_file_read(document, normaliser, file, DOCUMENT_BYTES_MAX + 1, &path, &size);
	if (!text)
		return NULL;
	unsigned number = name_file(&document->problems, path);
	document->folders[number] = folder ? folder : folder_of(&document->arena, path);
	struct node *root = read_tree(document, text, size, number);
	if (!root)
		return NULL;
	interpolate(root, &document->arena, variables, &document->problems);
	memcpy(outer, normaliser->path, sizeof outer);
	normaliser->path[0] = 0;
	normalise(normaliser, root, &schema_document);
	memcpy(normaliser->path, outer, sizeof outer);
	return root;
}
