// SPDX-License-Identifier: Apache-2.0
#include "init/workstation/document_commands.h"

#include "init/config/document/schema.h"
#include "init/config/keys.h"
#include "init/workstation/document_file.h"
#include "init/workstation/report_values.h"

#include <string.h>
#include <unistd.h>

enum { ARENA_SIZE = 256 * 1024, MISTAKES = 1, NOT_IN_THIS_VERSION = 3 };

const struct command_form lint_form = {
	FOR_LINT,
	"lint",
	"FILE…",
	"Checks a document (Compose YAML or JSON, with x-berth) as a machine would, before\n"
	"there is one. Later files override earlier ones. Every problem is a line\n"
	"FILE:LINE:COLUMN: error: KEY: REASON.\n",
	"0 when a machine of this version runs it; 1 when there are mistakes in\n"
	"it; 3 when it is right and asks for what this version does not do.\n",
};

const struct command_form explain_form = {
	FOR_EXPLAIN,
	"explain",
	"FILE…",
	"Prints the normal form of a document: every short form written out, variables put\n"
	"in, files merged, and where each value came from. With --boot it prints what a machine\n"
	"was told instead, from its report.\n",
	"0, or 1 when there are mistakes in it.\n",
};

static int failed(const struct error *err)
{
	fprintf(stderr, "berth: error: %s\n", err->text);
	return MISTAKES;
}

/* The words FILE… as one NULL-terminated list. */
static char *const *paths_of(const struct options *options)
{
	return options->words - 1;
}

/* 1: go on; else the command's status is in *status. */
static int begin(const struct command_form *form, int argc, char **argv, struct options *options,
		 struct machine_document **document, int *status)
{
	static char memory[ARENA_SIZE];
	struct arena arena;
	struct error err = ERROR_INIT;
	arena_init(&arena, memory, sizeof memory);
	int parsed = options_begin(form, argc, argv, &arena, options, &err);
	if (parsed == OPTIONS_PARSED &&
	    document_file_read(options, paths_of(options), document, &err) == 0)
		return 1;
	if (parsed == OPTIONS_PARSED && !err.text[0])
		problems_print(&(*document)->problems, stderr);
	*status = parsed == OPTIONS_HELPED ? 0 : err.text[0] ? failed(&err) : MISTAKES;
	return 0;
}

/* A machine takes each setting as its command line would: what it would not take, it says here. */
static void document_try(struct machine_document *document, const struct setting_list *settings)
{
	static struct machine machine;
	struct error err = ERROR_INIT;
	machine_init(&machine);
	for (size_t i = 0; i < settings->count; i++) {
		const struct setting *setting = &settings->items[i];
		const struct config_key *key = setting_key_find(setting->key);
		struct error why = ERROR_INIT;
		while (setting->service >= machine.container_count)
			if (machine_add_container(&machine, &why) < 0)
				break;
		if (why.text[0] || (key && key->apply(&machine, setting->value, &why) < 0))
			problem_add(&document->problems, PROBLEM_ERROR, setting->at, setting->path,
				    NULL, "%s", why.text);
	}
	if (!document->problems.count[PROBLEM_ERROR] &&
	    !document->problems.count[PROBLEM_UNSUPPORTED] && machine_complete(&machine, &err) < 0)
		problem_add(&document->problems, PROBLEM_ERROR, document->root->at, "", NULL, "%s",
			    err.text);
}

int lint_command(int argc, char **argv)
{
	static struct setting_list settings;
	struct options options;
	struct machine_document *document;
	int status;
	if (!begin(&lint_form, argc, argv, &options, &document, &status))
		return status;
	int result = document_settings(document, &settings);
	document_try(document, &settings);
	problems_print(&document->problems, stderr);
	return document->problems.count[PROBLEM_ERROR] ? MISTAKES
	       : result < 0			       ? NOT_IN_THIS_VERSION
						       : 0;
}

/* 1: the words ask for it, and *status is the command's. */
static int explain_boot(int argc, char **argv, int *status)
{
	static char memory[ARENA_SIZE];
	struct arena arena;
	struct options options;
	struct error err = ERROR_INIT;
	arena_init(&arena, memory, sizeof memory);
	if (options_parse(&explain_form, argc, argv, &arena, &options, &err) < 0 ||
	    !option_given(&options, OPTION_BOOT) || option_given(&options, OPTION_HELP))
		return 0;
	if (*options.words)
		error_set(&err, "--boot takes one report, and %.60s is one more word", *options.words);
	*status = err.text[0] || report_values_print(options.image, STDOUT_FILENO, &err) < 0
			  ? failed(&err)
			  : 0;
	return 1;
}

int explain_command(int argc, char **argv)
{
	struct options options;
	struct machine_document *document;
	int status;
	if (explain_boot(argc, argv, &status))
		return status;
	if (!begin(&explain_form, argc, argv, &options, &document, &status))
		return status;
	problems_print(&document->problems, stderr);
	const char *format = option_text(&options, OPTION_FORMAT, "yaml");
	if (strcmp(format, "json") == 0)
		document_print_json(document->root, stdout);
	else if (strcmp(format, "sources") == 0)
		document_print_sources(document, stdout);
	else if (strcmp(format, "yaml") == 0)
		document_print_yaml(document, stdout);
	else
		return fprintf(stderr,
			       "berth: error: --format %.40s is none of yaml, json, sources\n",
			       format),
		       MISTAKES;
	return 0;
}

int schema_command(int argc, char **argv)
{
	struct error err = ERROR_INIT;
	(void)argv;
	if (argc > 1)
		return fprintf(stderr, "berth: error: berth schema takes no words\n"), MISTAKES;
	return schema_print_json(stdout, &err) < 0 ? failed(&err) : 0;
}
