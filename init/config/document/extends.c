// SPDX-License-Identifier: Apache-2.0
#include "init/config/document/extends.h"

#include "init/config/document/merge.h"
#include "init/config/document/other_document.h"
#include "lib/suggest.h"

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

/* The services of another document, as it is on its own. */
static struct node *load(struct extension *extension, const struct node *file)
{
	struct node *root = other_document_read(extension->document, extension->normaliser, file,
						&extension->options->variables, NULL);
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
