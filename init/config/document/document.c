// SPDX-License-Identifier: Apache-2.0
#include "init/config/document/document.h"

#include "init/config/document/declaration.h"
#include "init/config/document/extends.h"
#include "init/config/document/include.h"
#include "init/config/document/merge.h"
#include "init/config/document/resolve.h"
#include "lib/yaml.h"

#include <stddef.h>
#include <string.h>

enum { OBJECTS_MAX = 64 }; /* of a Pod's file */

static unsigned errors_of(const struct machine_document *document)
{
	return document->problems.count[PROBLEM_ERROR];
}

/* The text as a tree of Compose's form, whoever's form it has; NULL after a problem. */
static struct node *read_text(struct machine_document *document, struct normaliser *normaliser,
			      const struct document_layer *layer, unsigned file,
			      const struct document_options *options)
{
	struct node *root;
	struct position where;
	struct error err = ERROR_INIT;
	char what[80];
	if (declaration_is_docker_run(layer))
		return docker_run_read(normaliser, layer, file);
	struct node *documents;
	if (yaml_read_documents(layer->text, layer->size, file, &document->pool, OBJECTS_MAX, &documents,
				&where, &err) < 0) {
		problem_add(&document->problems, PROBLEM_ERROR, where, "", NULL, "%s", err.text);
		return NULL;
	}
	if (declaration_is_pod(documents))
		return pod_read(normaliser, documents);
	/* Anything else is one document; of several the reader knows best where the second one is. */
	root = documents->first;
	if (documents->count != 1 &&
	    yaml_read(layer->text, layer->size, file, &document->pool, &root, &where, &err) < 0) {
		problem_add(&document->problems, PROBLEM_ERROR, where, "", NULL, "%s", err.text);
		return NULL;
	}
	if (root->kind != NODE_MAP) {
		problem_add(&document->problems, PROBLEM_ERROR, root->at, "", NULL,
			    "the document is %s, not a map with services",
			    node_describe(root, what));
		return NULL;
	}
	interpolate(root, &document->arena, &options->variables, &document->problems);
	return root;
}

/* One layer as a checked tree in long form, or NULL. */
static struct node *read_layer(struct machine_document *document, struct normaliser *normaliser,
			       const struct document_layer *layer, unsigned file,
			       const struct document_options *options)
{
	normaliser->path[0] = 0;
	struct node *root = read_text(document, normaliser, layer, file, options);
	normaliser->path[0] = 0;
	if (!root)
		return NULL;
	normalise(normaliser, root, &schema_document);
	if (errors_of(document) == 0)
		extend_services(document, normaliser, root, options);
	if (errors_of(document) == 0)
		include_documents(document, normaliser, root);
	return root;
}

/* A later, less trusted layer may say more, but not take away: of a value that is gone nothing
 * shows who took it. */
static void forbid_removal(struct normaliser *normaliser, const struct node *node)
{
	for (const struct node *child = node->first; child; child = child->next) {
		size_t mark =
			child->key ? path_push(normaliser, child->key) : strlen(normaliser->path);
		if (child->tag != NODE_PLAIN)
			complain(normaliser, child,
				 "takes away what a source before says, which this one is not "
				 "trusted with");
		forbid_removal(normaliser, child);
		path_pop(normaliser, mark);
	}
}

static void check_trust(struct normaliser *normaliser, const struct document_layer *layer,
			unsigned file, struct node *root)
{
	struct node *machine =
		root && file > 0 && layer->untrusted ? node_get(root, "x-berth") : NULL;
	if (!machine)
		return;
	normaliser->path[0] = 0;
	size_t mark = path_push(normaliser, "x-berth");
	if (machine->tag != NODE_PLAIN)
		complain(normaliser, machine,
			 "takes away what a source before says, which this one is "
			 "not trusted with");
	forbid_removal(normaliser, machine);
	path_pop(normaliser, mark);
}

static void init(struct machine_document *document, void *block, size_t size)
{
	/* Not the room for problems, most of which is never touched. */
	memset(document, 0, offsetof(struct machine_document, problems.kept));
	memset(&document->options, 0, sizeof document->options);
	memset(document->folders, 0, sizeof document->folders);
	arena_init(&document->arena, block, size);
	document->pool = (struct node_pool){&document->arena, YAML_NODES_MAX};
}

int document_read(struct machine_document *document, void *block, size_t size,
		  const struct document_layer *layers, size_t count,
		  const struct document_options *options)
{
	struct normaliser normaliser = {.pool = &document->pool,
					.problems = &document->problems,
					.folders = document->folders};
	struct node *whole = NULL;
	init(document, block, size);
	document->options = *options;
	for (size_t i = 0; i < count && i < DOCUMENT_LAYERS_MAX; i++)
		document->problems.files[i] = layers[i].name;
	if (!count || count > DOCUMENT_LAYERS_MAX)
		return problem_add(&document->problems, PROBLEM_ERROR, (struct position){0}, "",
				   NULL, "between 1 and %d documents are read, not %zu",
				   DOCUMENT_LAYERS_MAX, count);
	for (unsigned i = 0; i < count; i++) {
		struct node *root = read_layer(document, &normaliser, &layers[i], i, options);
		check_trust(&normaliser, &layers[i], i, root);
		normaliser.path[0] = 0;
		if (root && !whole)
			whole = root;
		else if (root && errors_of(document) == 0)
			merge(&normaliser, whole, root, &schema_document);
	}
	if (errors_of(document) == 0)
		resolve(document, &normaliser, whole, options);
	document->root = errors_of(document) ? NULL : whole;
	return document->root ? 0 : -1;
}

const char *document_place(const struct machine_document *document, struct position at,
			   char out[160])
{
	return problem_place(&document->problems, at, out);
}
