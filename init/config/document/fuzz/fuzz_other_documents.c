// SPDX-License-Identifier: Apache-2.0
/*
 * A document, and files that it names: by include, extends, env_file, secrets and configs. Lines
 * "%%% NAME" part them; the document comes first, a file lies in /srv under its name.
 */
#include "init/config/document/document.h"

#include <errno.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PARTS_MAX = 8, TEXT_MAX = 64 * 1024 };

static struct part {
	const char *name, *text;
	size_t name_length, size;
} parts[PARTS_MAX];

static size_t part_count;
static char memory[DOCUMENT_MEMORY], again[DOCUMENT_MEMORY];

/* The start of the next "%%% " at the beginning of a line, or the end. */
static const char *next_mark(const char *at, const char *end)
{
	for (; at < end; at++) {
		const char *line = memchr(at, '\n', (size_t)(end - at));
		if (end - at >= 4 && memcmp(at, "%%% ", 4) == 0)
			return at;
		if (!line)
			break;
		at = line;
	}
	return end;
}

static void part(const char *text, size_t size)
{
	const char *end = text + size, *at = next_mark(text, end);
	parts[0] = (struct part){"", text, 0, (size_t)(at - text)};
	for (part_count = 1; at < end && part_count < PARTS_MAX; part_count++) {
		const char *name = at + 4, *line = memchr(name, '\n', (size_t)(end - name));
		const char *start = line ? line + 1 : end;
		at = next_mark(start, end);
		parts[part_count] = (struct part){name, start, (size_t)((line ? line : end) - name),
						  (size_t)(at - start)};
	}
}

static ssize_t copy(const char *name, char *out, size_t capacity, struct error *err)
{
	for (size_t i = 1; i < part_count; i++) {
		if (strlen(name) != parts[i].name_length ||
		    memcmp(name, parts[i].name, parts[i].name_length) != 0)
			continue;
		if (parts[i].size >= capacity)
			return error_set(err, "%s is too big", name);
		memcpy(out, parts[i].text, parts[i].size);
		out[parts[i].size] = 0;
		return (ssize_t)parts[i].size;
	}
	errno = ENOENT;
	return error_errno(err, ENOENT, "read %s", name);
}

static ssize_t read_file(void *context, unsigned layer, const char *path, char *out, size_t capacity,
			 struct error *err)
{
	(void)context;
	(void)layer;
	return copy(strncmp(path, "/srv/", 5) == 0 ? path + 5 : path, out, capacity, err);
}

static ssize_t read_external(void *context, uint32_t layers, const char *kind, const char *name,
			     char *out, size_t capacity, struct error *err)
{
	(void)context;
	(void)layers;
	(void)kind;
	return copy(name, out, capacity, err);
}

static int read_text(struct machine_document *document, void *block, const char *text, size_t size)
{
	char all[] = "*", *profiles[] = {all, NULL};
	const struct string_list every = {1, 2, profiles};
	const struct document_layer layer = {"document", text, size, false};
	const struct document_options options = {.read_file = read_file, .read_external = read_external,
						 .folder = "/srv", .profiles = &every};
	return document_read(document, block, DOCUMENT_MEMORY, &layer, 1, &options);
}

/* What is printed names no other document, and reads as what it was made of. */
static void check_print(const struct machine_document *document)
{
	static char text[DOCUMENT_BYTES_MAX];
	static struct machine_document second;
	FILE *out = fmemopen(text, sizeof text, "w");
	document_print_json(document->root, out);
	fflush(out);
	long size = ftell(out);
	fclose(out);
	if (size < 0 || (size_t)size + 1 >= sizeof text || memchr(text, '$', (size_t)size))
		return;
	if (read_text(&second, again, text, (size_t)size) < 0 ||
	    !node_equal(second.root, document->root)) {
		problems_print(&second.problems, stderr);
		__builtin_trap();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct machine_document document;
	static struct setting_list settings;
	if (size > TEXT_MAX)
		return 0;
	part((const char *)data, size);
	if (read_text(&document, memory, parts[0].text, parts[0].size) < 0) {
		if (document.problems.count[PROBLEM_ERROR] == 0)
			__builtin_trap();
		return 0;
	}
	check_print(&document);
	document_settings(&document, &settings);
	return 0;
}
