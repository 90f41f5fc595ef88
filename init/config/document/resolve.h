// SPDX-License-Identifier: Apache-2.0
/*
 * The last step of reading: what only the whole document shows. Names are given, services of other
 * profiles left out, files of variables read, paths made absolute, and every reference checked.
 */
#ifndef BERTH_INIT_CONFIG_DOCUMENT_RESOLVE_H
#define BERTH_INIT_CONFIG_DOCUMENT_RESOLVE_H

#include "init/config/document/document.h"
#include "init/config/document/normalise.h"

struct resolver {
	struct machine_document *document;
	struct normaliser *normaliser;
	const struct document_options *options;
	struct node *root;
	const char *project;
	struct node *left_out; /* services of other profiles; may be NULL */
};

void resolve(struct machine_document *document, struct normaliser *normaliser, struct node *root,
	     const struct document_options *options);

/* resolve_service.c: one service on its own. */
void resolve_service(struct resolver *resolver, struct node *service);
/* resolve_references.c: what services say of each other and of networks, volumes, secrets. */
void resolve_references(struct resolver *resolver);
/* The service that "service:NAME" or "container:NAME" stands for, or NULL. *named: what it names, or
 * NULL when it names none. */
const char *service_shared(const struct node *services, const char *text, const char **named);
enum { NAME_ROOM = 160 };
/* The service that an entry of volumes_from stands for, or NULL. `named`: what it names, without its
 * mode. */
const char *service_donor(const struct node *services, const char *text, char named[NAME_ROOM]);
/* resolve_environment.c: env_file and variables without a value. */
void resolve_environment(struct resolver *resolver, struct node *service);

/* Adds a member with a text; reports and returns NULL when there is no room. */
struct node *resolver_put(struct resolver *resolver, struct node *map, const char *key,
			  struct node *value);
struct node *resolver_put_text(struct resolver *resolver, struct node *map, const char *key,
			       const char *text);
struct node *resolver_put_map(struct resolver *resolver, struct node *map, const char *key);
/* The path becomes "services.NAME.KEY" for complaints; back with path_pop. */
size_t resolver_path(struct resolver *resolver, const struct node *service, const char *key);

#endif
