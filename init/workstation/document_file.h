// SPDX-License-Identifier: Apache-2.0
/* Documents on the workstation: files, variables of the environment and of .env. */
#ifndef BERTH_INIT_WORKSTATION_DOCUMENT_FILE_H
#define BERTH_INIT_WORKSTATION_DOCUMENT_FILE_H

#include "init/config/document/document.h"
#include "init/workstation/options.h"

/* Reads the files, of which later ones override earlier ones ("-" is standard input). Variables
 * come from the environment and from .env beside the first file; --profile chooses services. One
 * document at a time. -1: the files cannot be read (err is set), or the document has mistakes
 * (err->text is empty, and
 * (*out)->problems has them); *out is then set as well. */
int document_file_read(const struct options *options, char *const *paths,
		       struct machine_document **out, struct error *err);

/* Is this word of the command line a document and not an image? */
bool document_file_is(const char *word);

#endif
