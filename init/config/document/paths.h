// SPDX-License-Identifier: Apache-2.0
/* Paths that a document states, which may be relative to its own folder. */
#ifndef BERTH_INIT_CONFIG_DOCUMENT_PATHS_H
#define BERTH_INIT_CONFIG_DOCUMENT_PATHS_H

#include "init/config/document/document.h"
#include "init/config/document/normalise.h"

/* The text of `node` as an absolute path without "." and "..", in the arena; "~" is $HOME of the
 * variables. NULL, reported, when it is relative and there is no folder. */
const char *path_absolute(struct normaliser *normaliser, const struct node *node,
			  const struct document_options *options);

/* An absolute path without "." and "..", in the arena. NULL: it is too long. */
const char *path_clean(struct arena *arena, const char *path);

/* Whether these driver_opts (or NULL) of a volume bind a path: o: bind. */
bool volume_is_bind(const struct node *options);
/* Whether `o` of them has this word. */
bool volume_has_word(const struct node *options, const char *word);

#endif
