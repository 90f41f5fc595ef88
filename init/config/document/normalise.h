// SPDX-License-Identifier: Apache-2.0
/*
 * Brings a tree into the long form that the schema describes: every key known, every value of its
 * type, every short form written out. What is wrong is reported, all of it, and the rest goes on.
 */
#ifndef BERTH_INIT_CONFIG_DOCUMENT_NORMALISE_H
#define BERTH_INIT_CONFIG_DOCUMENT_NORMALISE_H

#include "init/config/document/problem.h"
#include "init/config/document/schema.h"

enum { DOCUMENT_PATH_MAX = 512 };

struct normaliser {
	struct node_pool *pool;
	struct problems *problems;
	const char *const
		*folders; /* of the files, by position.file; NULL, or one that is: the document's */
	char path[DOCUMENT_PATH_MAX]; /* of the value being looked at: "services.web.ports[0]" */
};

void normalise(struct normaliser *normaliser, struct node *node, const struct schema_key *row);

/* Reports a mistake in `node`, with the current path. Returns FORM_DONE. */
enum form_result complain(struct normaliser *normaliser, const struct node *node,
			  const char *format, ...) __attribute__((format(printf, 3, 4)));
enum form_result complain_suggesting(struct normaliser *normaliser, struct position at,
				     const char *suggestion, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* The document is larger than may be. Returns FORM_DONE. */
enum form_result complain_no_room(struct normaliser *normaliser, const struct node *node);

/* The path grows by a name or an index and is cut back to `mark` afterwards. */
size_t path_push(struct normaliser *normaliser, const char *name);
size_t path_push_index(struct normaliser *normaliser, unsigned index);
void path_pop(struct normaliser *normaliser, size_t mark);

/* Values of scalars. Each rewrites the node, and reports and returns -1 when it does not fit. */
int scalar_to_text(struct normaliser *normaliser, struct node *node);
int scalar_to_bool(struct normaliser *normaliser, struct node *node);
int scalar_to_integer(struct normaliser *normaliser, struct node *node, bool permissions);
int scalar_to_number(struct normaliser *normaliser, struct node *node);
int scalar_to_size(struct normaliser *normaliser, struct node *node);
int scalar_to_duration(struct normaliser *normaliser, struct node *node);
/* Nanoseconds of what scalar_to_duration wrote. */
uint64_t duration_ns(const char *text);

#endif
