// SPDX-License-Identifier: Apache-2.0
/*
 * The options of the workstation's commands. One table of rows parses them, prints the help and
 * generates the documentation.
 */
#ifndef BERTH_INIT_WORKSTATION_OPTIONS_H
#define BERTH_INIT_WORKSTATION_OPTIONS_H

#include "lib/arena.h"
#include "lib/error.h"

#include <stdbool.h>
#include <stdio.h>

/* The commands that take options; a row says for which of them it is. */
enum option_command {
	FOR_BOOT = 1,
	FOR_PACK = 2,
	FOR_UNPACK = 4,
	FOR_PULL = 8,
	FOR_PLAN = 16,
	FOR_INSPECT = 32,
	FOR_LINT = 64,
	FOR_EXPLAIN = 128,
	FOR_STORE = FOR_PULL | FOR_PLAN,
	FOR_DOCUMENTS = FOR_LINT | FOR_EXPLAIN,
	FOR_IMAGES = FOR_PACK | FOR_UNPACK | FOR_STORE | FOR_INSPECT, /* all that ask for one */
};

struct command_form {
	enum option_command command;
	const char *name;  /* "boot" */
	const char *words; /* behind the options: "IMAGE [CMD…]" */
	const char *about; /* what it does, in lines, for --help */
	const char *status; /* its exit status, likewise */
};

enum option_id {
	OPTION_PUBLISH,
	OPTION_ENV,
	OPTION_INTERACTIVE,
	OPTION_TTY,
	OPTION_MEMORY,
	OPTION_CPUS,
	OPTION_NAME,
	OPTION_HOSTNAME,
	OPTION_USER,
	OPTION_WORKDIR,
	OPTION_ENTRYPOINT,
	OPTION_NETWORK,
	OPTION_RESTART,
	OPTION_STOP_TIMEOUT,
	OPTION_INSECURE,
	OPTION_CREDENTIALS,
	OPTION_SETTINGS,
	OPTION_CA,
	OPTION_LAYOUTS,
	OPTION_DEADLINE,
	OPTION_STORE,
	OPTION_PLATFORM,
	OPTION_SECRET,
	OPTION_CONFIG,
	OPTION_DISK,
	OPTION_ATTACH,
	OPTION_MEDIA,
	OPTION_PULL,
	OPTION_JSON,
	OPTION_TIMEOUT,
	OPTION_OFFLINE,
	OPTION_PROFILE,
	OPTION_FORMAT,
	OPTION_BOOT,
	OPTION_KERNEL,
	OPTION_INITRD,
	OPTION_INITRD_APPEND,
	OPTION_APPEND,
	OPTION_ACCEL,
	OPTION_DRY_RUN,
	OPTION_VERBOSE,
	OPTION_HELP,
	OPTION_COUNT,
};

struct option_row {
	const char *name;     /* long name without "--" */
	char letter;          /* short name, or 0 */
	unsigned commands;    /* a set of enum option_command */
	bool repeats;         /* every value counts; otherwise the last one does */
	const char *argument; /* what the value looks like; NULL for a flag */
	const char *key;      /* kernel command line key that takes the value as it is, or NULL */
	const char *help;
};

extern const struct option_row option_rows[OPTION_COUNT];

struct setting_list;
struct carried;

struct options {
	struct string_list values[OPTION_COUNT]; /* a flag that was given holds one empty string */
	const char *image;                       /* or FILE; NULL only together with --help */
	char *const *words;                      /* what follows IMAGE, NULL-terminated, borrowed */
	const struct setting_list *settings;     /* of documents, that no option stands for; or NULL */
	const char *document; /* that the machine is handed as it is: then `settings` are all of it */
	bool several;         /* services in it */
	const struct carried *carried; /* with it; or NULL */
};

/* Parses argv[1..argc). Options end at IMAGE or "--": what follows IMAGE belongs to the container.
 * Copies of the values live in `arena`. An unknown option is an error with a suggestion. */
int options_parse(const struct command_form *form, int argc, char **argv, struct arena *arena,
		  struct options *out, struct error *err);

/* How a command begins: as options_parse, and prints the help when it was asked for. */
enum { OPTIONS_PARSED = 0, OPTIONS_HELPED = 1 }; /* or -1, an error */
int options_begin(const struct command_form *form, int argc, char **argv, struct arena *arena,
		  struct options *out, struct error *err);

bool option_given(const struct options *options, enum option_id id);
/* The last value given, or `otherwise`. */
const char *option_text(const struct options *options, enum option_id id,
			const char *otherwise);

/* The text of `berth COMMAND --help`. */
void options_help(const struct command_form *form, FILE *out);
/* The same rows as a Markdown table. */
void options_markdown(const struct command_form *form, FILE *out);

#endif
