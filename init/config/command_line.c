// SPDX-License-Identifier: Apache-2.0
#include "init/config/command_line.h"

#include "init/config/keys.h"
#include "init/config/words.h"

#include <stdarg.h>
#include <string.h>

struct parser {
	struct machine *machine;
	struct command_line_problems *problems;
	bool seen[CONFIG_KEYS_MAX];
	bool has_arguments; /* a word after "--" */
};

/* The place for the next problem; beyond the last one they are only counted. */
static struct error *next_problem(struct parser *parser)
{
	unsigned at = parser->problems->count++;
	return at < COMMAND_LINE_PROBLEMS_MAX ? &parser->problems->kept[at] : NULL;
}

static void unknown_key(struct parser *parser, const char *name)
{
	const char *near = config_key_suggest(name);
	if (near)
		error_set(next_problem(parser), "unknown key %.80s: did you mean %s?", name, near);
	else
		error_set(next_problem(parser),
			  "unknown key %.80s: see docs/command-line.md for those there are", name);
}

static void apply(struct parser *parser, const struct config_key *key, const char *value)
{
	struct error err = ERROR_INIT;
	bool *seen = &parser->seen[key - config_keys];
	if (*seen && !(key->flags & KEY_REPEATS))
		error_set(next_problem(parser), "%s is given twice: give it once", key->name);
	else if (key->apply(parser->machine, value, &err) < 0)
		error_set(next_problem(parser), "%s: %s", key->name, err.text);
	*seen = true;
}

static bool is_ours(const char *word)
{
	return strncmp(word, "berth.", 6) == 0 || strncmp(word, "ip=", 3) == 0;
}

static void parse_setting(struct parser *parser, char *word)
{
	if (!is_ours(word))
		return;
	char *equals = strchr(word, '=');
	if (equals)
		*equals = 0;
	const struct config_key *key = config_key_find(word);
	if (!key)
		unknown_key(parser, word);
	else if (!equals || !equals[1])
		error_set(next_problem(parser), "%s needs a value: %s=%s", word, word, key->value);
	else if (parser->machine->container_count > 1 && key->flags & KEY_CONTAINER)
		error_set(next_problem(parser), "%s is about one container, and the document has %u "
			  "services: say it there", key->name, parser->machine->container_count);
	else
		apply(parser, key, equals + 1);
}

static void parse_argument(struct parser *parser, const char *word)
{
	struct container_config *container = parser->machine->container;
	struct error err = ERROR_INIT;
	if (parser->machine->container_count > 1) {
		error_set(next_problem(parser), "the words after \"--\" are one container's command, "
			  "and the document has %u services: say it there",
			  parser->machine->container_count);
		return;
	}
	if (!parser->has_arguments) {
		if (parser->seen[config_key_find("berth.cmd") - config_keys])
			error_set(next_problem(parser),
				  "the command is given twice: by berth.cmd and after \"--\"");
		container->command = (struct string_list){0};
	}
	parser->has_arguments = container->has_command = true;
	if (string_list_add(&container->command, &parser->machine->arena, word, &err) < 0)
		error_set(next_problem(parser), "%s", err.text);
}

static void parse_words(struct parser *parser, const char *line)
{
	char word[WORD_CAPACITY];
	bool arguments = false;
	for (;;) {
		switch (command_line_word(&line, word, sizeof word)) {
		case WORD_END:
			return;
		case WORD_UNCLOSED:
			error_set(next_problem(parser), "a quote is not closed in \"%.60s\"", word);
			return;
		case WORD_TOO_LONG:
			error_set(next_problem(parser), "\"%.40s…\" is longer than %d bytes", word,
				  WORD_CAPACITY - 1);
			break;
		case WORD_OK:
			if (arguments)
				parse_argument(parser, word);
			else if (strcmp(word, "--") == 0)
				arguments = true;
			else
				parse_setting(parser, word);
		}
	}
}

int command_line_read(const char *line, struct machine *machine,
		      struct command_line_problems *problems)
{
	struct parser parser = {.machine = machine, .problems = problems};
	problems->count = 0;
	if (strlen(line) >= COMMAND_LINE_MAX - 1)
		error_set(next_problem(&parser),
			  "the command line fills the kernel's %d bytes and may have been cut: "
			  "shorten it", COMMAND_LINE_MAX);
	parse_words(&parser, line);
	return problems->count ? -1 : 0;
}

int command_line_parse(const char *line, struct machine *machine,
		       struct command_line_problems *problems)
{
	if (command_line_read(line, machine, problems) < 0)
		return -1;
	if (machine_complete(machine, &problems->kept[0]) == 0)
		return 0;
	problems->count = 1;
	return -1;
}

bool command_line_value(const char *line, const char *name, char *out, size_t capacity)
{
	size_t length = strlen(name);
	char word[WORD_CAPACITY];
	for (;;) {
		enum word_result result = command_line_word(&line, word, sizeof word);
		if (result == WORD_END || result == WORD_UNCLOSED || strcmp(word, "--") == 0)
			return false;
		if (result != WORD_OK || strncmp(word, name, length) != 0 || word[length] != '=' ||
		    strlen(word + length + 1) >= capacity)
			continue;
		memcpy(out, word + length + 1, strlen(word + length + 1) + 1);
		return true;
	}
}

void command_line_each(const char *line,
		       void (*value)(void *context, const char *key, const char *value,
				     const char *place),
		       void *context)
{
	char word[WORD_CAPACITY];
	enum word_result result;
	while ((result = command_line_word(&line, word, sizeof word)) != WORD_END &&
	       result != WORD_UNCLOSED && strcmp(word, "--") != 0) {
		char *equals = strchr(word, '=');
		if (result != WORD_OK || !is_ours(word) || !equals)
			continue;
		*equals = 0;
		value(context, word,
		      strcmp(word, "berth.images.credentials") == 0 ? "…" : equals + 1,
		      "command line");
	}
}

void command_line_document(FILE *out)
{
	fputs("# Kernel command line\n\n"
	      "Generated from the table in `init/config/keys.c` by `berth help command-line`.\n\n"
	      "Words are separated by blanks. Double quotes keep blanks, around the value or around\n"
	      "the whole word; within them `\\\"`, `\\\\`, `\\n` and `\\t` stand for those characters,\n"
	      "and `\\q` for a double quote (the kernel itself, which knows no escapes, takes a `\\\"`\n"
	      "for the end of the quotes).\n"
	      "Words after ` -- ` are the container's arguments. The kernel keeps 2,048 bytes of the\n"
	      "line; one that fills them is refused. An unknown `berth.` key is refused with a\n"
	      "suggestion; keys without that prefix are the kernel's.\n\n"
	      "| key | value | when absent | meaning |\n|---|---|---|---|\n", out);
	for (size_t i = 0; i < config_key_count; i++) {
		const struct config_key *key = &config_keys[i];
		fprintf(out, "| `%s`%s | `", key->name, key->flags & KEY_REPEATS ? " (repeats)" : "");
		for (const char *c = key->value; *c; c++)
			fprintf(out, *c == '|' ? "\\%c" : "%c", *c);
		fprintf(out, "` | %s | %s |\n", key->standard, key->help);
	}
}
