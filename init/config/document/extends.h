// SPDX-License-Identifier: Apache-2.0
/* `extends`: a service that takes over what another one says, in this document or another. */
#ifndef BERTH_INIT_CONFIG_DOCUMENT_EXTENDS_H
#define BERTH_INIT_CONFIG_DOCUMENT_EXTENDS_H

#include "init/config/document/document.h"
#include "init/config/document/normalise.h"

/* Replaces every service that extends another by the two merged. */
void extend_services(struct machine_document *document, struct normaliser *normaliser,
		     struct node *root, const struct document_options *options);

#endif
