// SPDX-License-Identifier: Apache-2.0
#include "init/config/document/document.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char memory[DOCUMENT_MEMORY], again[DOCUMENT_MEMORY];

static const char *find(void *context, const char *name)
{
	(void)context;
	return strcmp(name, "A") == 0 ? "value" : NULL;
}

static int read_text(struct machine_document *document, void *block, const char *text, size_t size)
{
	char all[] = "*", *profiles[] = {all, NULL};
	const struct string_list every = {1, 2, profiles};
	const struct document_layer layer = {"document", text, size, false};
	const struct document_options options = {
		.variables = {find, NULL}, .folder = "/srv", .profiles = &every};
	return document_read(document, block, DOCUMENT_MEMORY, &layer, 1, &options);
}

/* What is printed reads as what was printed. */
static void check_print(const struct machine_document *document)
{
	static char text[DOCUMENT_BYTES_MAX];
	static struct machine_document second;
	FILE *out = fmemopen(text, sizeof text, "w");
	document_print_json(document->root, out);
	document_print_yaml(document, out);
	long size = ftell(out);
	fclose(out);
	if (size < 0 || (size_t)size + 1 >= sizeof text || memchr(text, '$', (size_t)size))
		return;
	out = fmemopen(text, sizeof text, "w");
	document_print_json(document->root, out);
	fflush(out);
	size = ftell(out);
	fclose(out);
	if (read_text(&second, again, text, (size_t)size) < 0 ||
	    !node_equal(second.root, document->root)) {
		problems_print(&second.problems, stderr);
		__builtin_trap();
	}
}

/* What a machine is given reads, without variables and profiles, as what it was made of. */
static void check_machine(const struct machine_document *document)
{
	static char text[DOCUMENT_BYTES_MAX], twice[DOCUMENT_BYTES_MAX];
	static struct machine_document second;
	const struct document_options plain = {.folder = NULL};
	FILE *out = fmemopen(text, sizeof text, "w");
	document_print_machine(document->root, out);
	long size = ftell(out);
	fclose(out);
	if (size < 0 || (size_t)size + 1 >= sizeof text)
		return;
	const struct document_layer layer = {"machine", text, (size_t)size, false};
	if (document_read(&second, again, sizeof again, &layer, 1, &plain) == 0) {
		out = fmemopen(twice, sizeof twice, "w");
		document_print_machine(second.root, out);
		fclose(out);
		if (strcmp(text, twice) == 0)
			return;
		fprintf(stderr, "%s%s", text, twice);
	}
	problems_print(&second.problems, stderr);
	__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct machine_document document;
	static struct setting_list settings;
	if (read_text(&document, memory, (const char *)data, size) < 0) {
		if (document.problems.count[PROBLEM_ERROR] == 0)
			__builtin_trap();
		return 0;
	}
	check_print(&document);
	if (document_settings(&document, &settings) == 0)
		check_machine(&document);
	return 0;
}
