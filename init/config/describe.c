// SPDX-License-Identifier: Apache-2.0
/* From a document and the command line to the machine's description. */
#include "init/config/search.h"

#include "init/config/command_line.h"
#include "init/config/document/document.h"
#include "init/config/keys.h"
#include "init/config/volumes.h"
#include "lib/cleanup.h"

#include <stdlib.h>
#include <string.h>

struct describer {
	const struct config_text *text;
	config_problem *problem;
	void *context;
	unsigned mistakes;
};

static void tell(struct describer *describer, const char *line)
{
	describer->problem(describer->context, line);
	describer->mistakes++;
}

/* Warnings too: who cannot see the workstation's `berth lint` sees them here. */
static void tell_problems(struct describer *describer, const struct problems *problems)
{
	char line[ERROR_TEXT_MAX];
	for (unsigned i = 0; i < problems->kept_count; i++) {
		problem_format(problems, &problems->kept[i], line, sizeof line);
		describer->problem(describer->context, line);
	}
	describer->mistakes +=
		problems->count[PROBLEM_ERROR] + problems->count[PROBLEM_UNSUPPORTED];
}

static void apply(struct describer *describer, const struct machine_document *document,
		  const struct setting *setting, struct machine *out)
{
	const struct config_text *text = describer->text;
	const struct config_key *key = setting_key_find(setting->key);
	char place[160], line[ERROR_TEXT_MAX + 400];
	struct error err = ERROR_INIT;
	while (setting->service >= out->container_count)
		if (machine_add_container(out, &err) < 0)
			break;
	if (err.text[0])
		;
	else if (setting->dangerous &&
	    trust_check(setting->path, text->source, text->trust, text->least, &err) < 0)
		;
	else if (!key)
		error_set(&err, "%s: this version of the machine has no %s", setting->path,
			  setting->key);
	else if (key->apply(out, setting->value, &err) == 0)
		return;
	else
		error_context(&err, "%s", setting->path);
	snprintf(line, sizeof line, "%s: %s", document_place(document, setting->at, place),
		 err.text);
	tell(describer, line);
}

static int read_document(struct describer *describer, struct machine *out, struct error *err)
{
	static struct machine_document document;
	static struct setting_list settings;
	const struct config_text *text = describer->text;
	const struct document_layer layer = {text->name, text->text, text->size};
	const struct document_options options = {.folder = VOLUME_BIND_FOLDER};
	_cleanup_free_ void *block = malloc(DOCUMENT_MEMORY);
	if (!block)
		return error_set(err, "no memory to read the document");
	bool good = document_read(&document, block, DOCUMENT_MEMORY, &layer, 1, &options) == 0 &&
		    document_settings(&document, &settings) == 0;
	tell_problems(describer, &document.problems);
	for (size_t i = 0; good && i < settings.count; i++)
		apply(describer, &document, &settings.items[i], out);
	if (good && describer->mistakes == 0)
		return 0;
	return error_set(err, "%s has %u mistake%s: see the lines above", text->name,
			 describer->mistakes, describer->mistakes == 1 ? "" : "s");
}

/* It was good when PID 1 read it, but may not go together with the document. */
static int read_line(const char *line, struct machine *out, struct error *err)
{
	static struct command_line_problems problems;
	if (command_line_read(line, out, &problems) == 0)
		return 0;
	*err = problems.kept[0];
	return error_context(err, "command line");
}

int config_describe(const struct config_text *text, const char *line, struct machine *out,
		    config_problem *problem, void *context, struct error *err)
{
	struct describer describer = {text, problem, context, 0};
	machine_init(out);
	if (read_document(&describer, out, err) < 0 || read_line(line, out, err) < 0)
		return -1;
	if (!out->hostname[0] && !out->ip.hostname[0])
		snprintf(out->hostname, sizeof out->hostname, "%s", text->hostname);
	return machine_complete(out, err) < 0 ? error_context(err, "%s", text->name) : 0;
}
