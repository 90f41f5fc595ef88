// SPDX-License-Identifier: Apache-2.0
/* `docker run …` alone: what is accepted passes the checks of a document and can be printed. */
#include "init/config/document/declaration.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char memory[DOCUMENT_MEMORY];

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct machine_document document;
	static struct setting_list settings;
	static char text[DOCUMENT_BYTES_MAX];
	static const char head[] = "docker run ";
	const struct document_options options = {.folder = "/srv"};
	if (size > 64 * 1024)
		return 0;
	memcpy(text, head, sizeof head - 1);
	memcpy(text + sizeof head - 1, data, size);
	const struct document_layer layer = {"run", text, sizeof head - 1 + size, false};
	if (!declaration_is_docker_run(&layer)) /* a control character in it */
		return 0;
	if (document_read(&document, memory, sizeof memory, &layer, 1, &options) < 0) {
		if (document.problems.count[PROBLEM_ERROR] == 0)
			abort();
		return 0;
	}
	const struct node *services = node_get(document.root, "services");
	if (!services || services->count != 1 || !node_get_text(services->first, "image"))
		abort();
	(void)document_settings(&document, &settings);
	return 0;
}
