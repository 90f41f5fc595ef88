// SPDX-License-Identifier: Apache-2.0
/* `berth boot compose.yaml`: documents in the place of an image. */
#ifndef BERTH_INIT_WORKSTATION_BOOT_DOCUMENT_H
#define BERTH_INIT_WORKSTATION_BOOT_DOCUMENT_H

#include "init/workstation/options.h"

/* When IMAGE is a document, reads it and the documents behind it, and puts what they say into the
 * options: image, variables, ports and all else that has an option, unless that was given, and the
 * rest into options->settings. One with several services becomes options->document instead. Problems are
 * printed. 0 also when IMAGE is an image. */
int boot_document(struct options *options, struct arena *arena, struct error *err);

#endif
