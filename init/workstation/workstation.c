// SPDX-License-Identifier: Apache-2.0
#include "init/workstation/workstation.h"

#include "init/config/command_line.h"
#include "init/config/sources/source.h"
#include "init/config/document/schema.h"
#include "init/workstation/boot.h"
#include "init/workstation/document_commands.h"
#include "init/workstation/image_commands.h"
#include "init/workstation/relay.h"
#include "init/workstation/store_commands.h"
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/suggest.h"
#include "runtime/oci/commands.h"

#include <string.h>

struct command {
	const char *name, *arguments;
	const char *help; /* NULL: not for people */
	int (*run)(int argc, char **argv);
	const struct command_form *form; /* its options, or NULL */
};

static int help_command(int argc, char **argv);
static int version_command(int argc, char **argv);

static const struct command commands[] = {
	{"boot", "[OPTIONS] IMAGE [CMD…] | FILE…",
	 "starts a virtual machine that runs IMAGE, and ends with the container's exit status",
	 boot_command, &boot_form},
	{"pack", "[OPTIONS] IMAGE FILE",
	 "pulls IMAGE and writes it, unpacked, as an archive to put behind the initramfs",
	 pack_command, &pack_form},
	{"unpack", "[OPTIONS] IMAGE FOLDER",
	 "pulls IMAGE and unpacks its root file system as the new FOLDER", unpack_command,
	 &unpack_form},
	{"pull", "[OPTIONS] IMAGE", "pulls IMAGE into an image store", pull_command, &pull_form},
	{"plan", "[OPTIONS] IMAGE",
	 "prints what a pull would fetch: from where, which layers, how big", plan_command,
	 &plan_form},
	{"inspect", "[OPTIONS] IMAGE", "prints digests, layers and settings of IMAGE as JSON",
	 inspect_command, &inspect_form},
	{"lint", "[OPTIONS] FILE…",
	 "checks a document (Compose YAML or JSON): file, line, column, key, suggestion", lint_command,
	 &lint_form},
	{"explain", "[OPTIONS] FILE…",
	 "prints the normal form of a document, with the source of every value", explain_command,
	 &explain_form},
	{"schema", "", "prints the JSON Schema of documents, for editors", schema_command, NULL},
	{"runtime", "[OPTIONS] COMMAND …",
	 "is an OCI runtime: runs containers from bundles (see docs/runtime.md)", oci_command_main, NULL},
	{"version", "", "prints the version", version_command, NULL},
	{"help", "[COMMAND | markdown | command-line | document | sources]",
	 "prints help; the last four print docs/cli.md, docs/command-line.md, docs/document.md and "
	 "docs/sources.md",
	 help_command, NULL},
	{"relay", "LOOPBACK-ADDRESS PORT", NULL, relay_command, NULL},
};

static const char *nth_name(const void *context, size_t i)
{
	(void)context;
	return i < countof(commands) ? commands[i].name : NULL;
}

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < countof(commands); i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

static int unknown_command(const char *name)
{
	const char *near = suggest(name, nth_name, NULL);
	if (near)
		fprintf(stderr, "berth: error: unknown command %.60s: did you mean berth %s?\n", name,
			near);
	else
		fprintf(stderr, "berth: error: unknown command %.60s: see berth help\n", name);
	return BOOT_FAILED;
}

static void print_usage(FILE *out)
{
	fputs("Usage: berth COMMAND …\n\n", out);
	for (size_t i = 0; i < countof(commands); i++)
		if (commands[i].help)
			fprintf(out, "  berth %s %s\n          %s\n", commands[i].name,
				commands[i].arguments, commands[i].help);
	fputs("\nberth COMMAND --help lists the options.\n", out);
}

static void print_markdown(FILE *out)
{
	fputs("# The program `berth`\n\n"
	      "Generated from the tables in `init/workstation/` by `berth help markdown`.\n\n"
	      "| command | what it does |\n|---|---|\n", out);
	for (size_t i = 0; i < countof(commands); i++) {
		if (!commands[i].help)
			continue;
		fprintf(out, "| `berth %s%s", commands[i].name, *commands[i].arguments ? " " : "");
		for (const char *c = commands[i].arguments; *c; c++)
			fprintf(out, *c == '|' ? "\\%c" : "%c", *c);
		fprintf(out, "` | %s |\n", commands[i].help);
	}
	for (size_t i = 0; i < countof(commands); i++)
		if (commands[i].form)
			options_markdown(commands[i].form, out);
}

static int help_command(int argc, char **argv)
{
	const struct command *command = argc > 1 ? find_command(argv[1]) : NULL;
	if (argc > 1 && strcmp(argv[1], "markdown") == 0)
		print_markdown(stdout);
	else if (argc > 1 && strcmp(argv[1], "command-line") == 0)
		command_line_document(stdout);
	else if (argc > 1 && strcmp(argv[1], "sources") == 0)
		config_sources_document(stdout);
	else if (argc > 1 && strcmp(argv[1], "document") == 0)
		schema_print_markdown(stdout);
	else if (argc > 1 && !command)
		return unknown_command(argv[1]);
	else if (command && command->form)
		options_help(command->form, stdout);
	else
		print_usage(stdout);
	return 0;
}

static int version_command(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	puts("berth " BERTH_VERSION);
	return 0;
}

int workstation_main(int argc, char **argv)
{
	fill_standard_descriptors();
	if (argc < 2) {
		print_usage(stderr);
		return BOOT_FAILED;
	}
	const char *name = argv[1];
	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
		name = "help";
	else if (strcmp(name, "--version") == 0)
		name = "version";
	const struct command *command = find_command(name);
	if (!command)
		return unknown_command(name);
	int status = command->run(argc - 1, argv + 1);
	if (fflush(stdout) == 0)
		return status;
	fprintf(stderr, "berth: error: standard output cannot be written\n");
	return status ? status : BOOT_FAILED;
}
