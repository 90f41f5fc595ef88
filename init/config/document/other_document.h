// SPDX-License-Identifier: Apache-2.0
/* Another document that one names: by `include`, or by `extends`. */
#ifndef BERTH_INIT_CONFIG_DOCUMENT_OTHER_DOCUMENT_H
#define BERTH_INIT_CONFIG_DOCUMENT_OTHER_DOCUMENT_H

#include "init/config/document/document.h"
#include "init/config/document/normalise.h"

/* The text of the file that `file` names, NUL-terminated, in the document's arena; its absolute
 * path in *path. NULL, reported. */
char *other_file_read(struct machine_document *document, struct normaliser *normaliser,
		      const struct node *file, size_t capacity, const char **path, size_t *size);

/* The document that `file` names as a checked tree in long form, with `variables`. Its relative
 * paths start from `folder`, or when that is NULL from the folder that it lies in. NULL, reported.
 */
struct node *other_document_read(struct machine_document *document, struct normaliser *normaliser,
				 const struct node *file, const struct variables *variables,
				 const char *folder);

/* The folder of an absolute path, in the arena; NULL: no memory. */
const char *folder_of(struct arena *arena, const char *path);

#endif
