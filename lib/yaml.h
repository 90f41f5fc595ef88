// SPDX-License-Identifier: Apache-2.0
/*
 * YAML (and JSON, which reads as YAML) from outside as a tree of nodes. Anchors, aliases and merge
 * keys are resolved; plain scalars have the types of the YAML 1.2 core schema, and integers also
 * with a leading 0 (octal) as Compose reads them. For confined workers and the workstation.
 */
#ifndef BERTH_LIB_YAML_H
#define BERTH_LIB_YAML_H

#include "lib/node.h"

enum { YAML_BYTES_MAX = 512 * 1024, YAML_DEPTH_MAX = 48, YAML_NODES_MAX = 20000 };

/* Reads the documents of a text (--- between them) into a list of at most `most`; empty ones behind the
 * first are left out. Otherwise as yaml_read(). */
int yaml_read_documents(const char *text, size_t size, unsigned file, struct node_pool *pool,
			unsigned most, struct node **list, struct position *where,
			struct error *err);
/* Reads one document into *root. On failure *where is the place of the mistake, and the message
 * does not repeat it. An empty text is a null node. */
int yaml_read(const char *text, size_t size, unsigned file, struct node_pool *pool,
	      struct node **root, struct position *where, struct error *err);

/* Gives a scalar the type that `text` has when it stands there without quotes. */
void yaml_resolve(struct node *node);

#endif
