// SPDX-License-Identifier: Apache-2.0
/* `include`: other documents whose services, networks, volumes, secrets and configs are taken over.
 */
#ifndef BERTH_INIT_CONFIG_DOCUMENT_INCLUDE_H
#define BERTH_INIT_CONFIG_DOCUMENT_INCLUDE_H

#include "init/config/document/document.h"
#include "init/config/document/normalise.h"

/* Takes over what the documents that `root` includes have, and what those include; a name that is
 * there already must stand for the same. The variables of each may come from a file of its own. */
void include_documents(struct machine_document *document, struct normaliser *normaliser,
		       struct node *root);

#endif
