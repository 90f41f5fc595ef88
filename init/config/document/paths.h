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

#endif
