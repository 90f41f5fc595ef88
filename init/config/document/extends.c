// SPDX-License-Identifier: Apache-2.0
#include "init/config/document/extends.h"

#include "init/config/document/merge.h"
#include "init/config/document/paths.h"
#include "lib/suggest.h"
#include "lib/yaml.h"

#include <string.h>

enum { CHAIN_MAX = 16 };

struct extension {
	struct machine_document *document;
	struct normaliser *normaliser;
	const struct document_options *options;
	unsigned depth;
};

static void extend(struct extension *extension, struct node *services, struct node *service);

static const char *nth_service(const void *context, size_t i)
{
	const struct node *services = context;
	const struct node *service = services ? services->first : NULL;
	while (service && i--)
		service = service->next;
	return service ? service->key : NULL;
}

/* The slot of the list of files that the name gets, or the last one there is. */
static unsigned name_file(struct machine_document *document, const char *path)
{
	unsigned i = 0;
	while (i + 1 < DOCUMENT_LAYERS_MAX && document->problems.files[i] &&
	       strcmp(document->problems.files[i], path) != 0)
		i++;
	document->problems.files[i] = path;
	return i;
}

/* The services of another document, as it is on its own. */
static struct node *load(struct extension *extension, const struct node *file)
{
	struct machine_document *document = extension->document;
	const struct document_options *options = extension->options;
	struct normaliser *normaliser = extension->normaliser;
	struct error err = ERROR_INIT;
	struct position where;
	struct node *root;
	char *text = arena_alloc(&document->arena, DOCUMENT_BYTES_MAX + 1);
	const char *path = path_absolute(normaliser, file, options);
	ssize_t size = -1;
	if (!options->read_file)
		complain(normaliser, file,
			 "other files cannot be read here: write it into this one");
	else if (text && path)
		size = options->read_file(options->context, file->at.file, path, text, DOCUMENT_BYTES_MAX + 1,
					  &err);
	if (size < 0) {
		if (err.text[0])
			complain(normaliser, file, "%s", err.text);
		return NULL;
	}
	if (yaml_read(text, (size_t)size, name_file(document, path), &document->pool, &root, &where,
		      &err) < 0) {
		problem_add(&document->problems, PROBLEM_ERROR, where, "", NULL, "%s", err.text);
		return NULL;
	}
	interpolate(root, &document->arena, &options->variables, &document->problems);
	size_t mark = strlen(normaliser->path);
	char keep[DOCUMENT_PATH_MAX];
	memcpy(keep, normaliser->path, sizeof keep);
	normaliser->path[0] = 0;
	normalise(normaliser, root, &schema_document);
	memcpy(normaliser->path, keep, sizeof keep);
	path_pop(normaliser, mark);
	return node_get(root, "services");
}

/* base, with the service's own words over it, in the service's place. */
static void put_over(struct extension *extension, const struct node *base, struct node *service,
		     struct node *extends)
{
	node_remove(service, extends);
	struct node *copy = node_copy(extension->normaliser->pool, base);
	if (!copy) {
		complain_no_room(extension->normaliser, service);
		return;
	}
	if (merge(extension->normaliser, copy, service, &schema_service) == 0)
		node_become(service, copy);
}

static void extend(struct extension *extension, struct node *services, struct node *service)
{
	struct node *extends = node_get(service, "extends");
	const char *name = node_get_text(extends, "service");
	const struct node *file = node_get(extends, "file");
	if (!name || extension->document->problems.count[PROBLEM_ERROR])
		return;
	size_t mark = path_push(extension->normaliser, "extends");
	struct node *others = file ? load(extension, file) : services;
	struct node *base = node_get(others, name);
	if (others && (!base || base->kind != NODE_MAP)) {
		complain_suggesting(extension->normaliser, node_get(extends, "service")->at,
				    suggest(name, nth_service, others),
				    "there is no service \"%.60s\"%s", name,
				    file ? " in that file" : "");
	} else if (base && ++extension->depth > CHAIN_MAX) {
		complain(extension->normaliser, extends, "services extend each other in a circle");
	}
	path_pop(extension->normaliser, mark);
	if (base && extension->document->problems.count[PROBLEM_ERROR] == 0) {
		extend(extension, others, base);
		extension->depth--;
	}
	if (base && extension->document->problems.count[PROBLEM_ERROR] == 0)
		put_over(extension, base, service, extends);
}

void extend_services(struct machine_document *document, struct normaliser *normaliser,
		     struct node *root, const struct document_options *options)
{
	struct node *services = node_get(root, "services");
	struct node *service = services ? services->first : NULL;
	size_t outer = path_push(normaliser, "services");
	for (; service; service = service->next) {
		struct extension extension = {document, normaliser, options, 0};
		size_t mark = path_push(normaliser, service->key);
		extend(&extension, services, service);
		path_pop(normaliser, mark);
	}
	path_pop(normaliser, outer);
}
