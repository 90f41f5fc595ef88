// SPDX-License-Identifier: Apache-2.0
/* The option table: parsing, suggestions, help. */
#include "init/workstation/boot.h"
#include "init/workstation/document_commands.h"
#include "init/workstation/image_commands.h"
#include "init/workstation/store_commands.h"
#include "lib/cleanup.h"
#include "lib/tap.h"

#include <stdint.h>

static struct options options;
static struct error err;

static int parse(const char *const *words)
{
	static char memory[65536];
	static struct arena arena;
	int argc = 0;
	while (words[argc])
		argc++;
	arena_init(&arena, memory, sizeof memory);
	err.text[0] = 0;
	return options_parse(&boot_form, argc, (char **)(uintptr_t)words, &arena, &options, &err);
}

#define PARSE(...) parse((const char *const[]){"boot", __VA_ARGS__, NULL})

static void test_forms(void)
{
	ok(PARSE("-p", "8080:80", "-p81:81", "-p=82:82", "--publish", "83", "--publish=84", "nginx") ==
		   0, "every way to attach a value");
	const struct string_list *ports = &options.values[OPTION_PUBLISH];
	if (ok(ports->count == 5, "a repeated option keeps all values")) {
		is(ports->items[0], "8080:80", "-p VALUE");
		is(ports->items[1], "81:81", "-pVALUE");
		is(ports->items[2], "82:82", "-p=VALUE");
		is(ports->items[3], "83", "--publish VALUE");
		is(ports->items[4], "84", "--publish=VALUE");
	}
	ok(PARSE("-m", "64M", "-m", "96M", "-e", "A=b=c", "nginx") == 0, "values with =");
	is(option_text(&options, OPTION_MEMORY, NULL), "96M", "the last value of a single option");
	is(options.values[OPTION_ENV].items[0], "A=b=c", "an = within the value stays");
	ok(PARSE("-it", "-vp80:80", "nginx") == 0 && option_given(&options, OPTION_INTERACTIVE) &&
		   option_given(&options, OPTION_TTY) && option_given(&options, OPTION_VERBOSE),
	   "flags in one word: %s", err.text);
	is(option_text(&options, OPTION_PUBLISH, ""), "80:80", "the last one with its value");
	ok(PARSE("-ix", "nginx") < 0 && PARSE("-t=1", "nginx") < 0, "no other letters");
	ok(PARSE("--env=A=", "x") == 0, "an empty value of a variable");
	is(options.values[OPTION_ENV].items[0], "A=", "is kept");
}

static void test_command(void)
{
	ok(PARSE("-v", "busybox", "sh", "-c", "exit 42", "--help") == 0, "options end at IMAGE");
	is(options.image, "busybox", "the image");
	is(options.words[1], "-c", "words after IMAGE are the container's");
	is(options.words[3], "--help", "also when they look like options");
	ok(!options.words[4], "the command ends with NULL");
	ok(option_given(&options, OPTION_VERBOSE) && !option_given(&options, OPTION_HELP), "flags");
	ok(PARSE("--", "busybox") == 0, "-- ends the options");
	is(options.image, "busybox", "the image after --");
	ok(!options.words[0], "an empty command");
	ok(PARSE("--help") == 0 && !options.image, "--help needs no image");
}

static void test_errors(void)
{
	ok(PARSE("--memroy", "1", "x") < 0, "an unknown option");
	ok(strstr(err.text, "--memroy") && strstr(err.text, "--memory"), "with a suggestion: %s",
	   err.text);
	ok(PARSE("--zzzzzzzzzz", "x") < 0 && strstr(err.text, "--help"), "without one: %s", err.text);
	ok(PARSE("-q", "x") < 0, "an unknown letter: %s", err.text);
	ok(PARSE("-vx", "x") < 0, "a letter with rubbish behind it: %s", err.text);
	ok(PARSE("--verbose=1", "x") < 0, "a value for a flag: %s", err.text);
	ok(PARSE("-p") < 0 && strstr(err.text, "value"), "a missing value: %s", err.text);
	ok(PARSE("-v") < 0 && strstr(err.text, "IMAGE"), "a missing image: %s", err.text);
}

static void test_table(void)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	const struct command_form *const forms[] = {&boot_form, &pack_form, &unpack_form,
						      &pull_form, &plan_form, &inspect_form,
						      &lint_form, &explain_form};
	for (size_t i = 0; i < countof(forms); i++)
		options_help(forms[i], out);
	for (size_t i = 0; i < countof(forms); i++)
		options_markdown(forms[i], out);
	fclose(out);
	for (int id = 0; id < OPTION_COUNT; id++) {
		const struct option_row *row = &option_rows[id];
		ok(row->name && row->help && strstr(text, row->name), "row %d is documented: %s", id,
		   row->name ? row->name : "(null)");
		for (int other = 0; other < id; other++)
			if (strcmp(option_rows[other].name, row->name) == 0 ||
			    (row->letter && option_rows[other].letter == row->letter))
				ok(0, "--%s stands twice in the table", row->name);
	}
	size_t longest = 0, length = 0;
	for (const char *c = text; *c && strncmp(c, "\n## ", 4) != 0; c++) {
		length = *c == '\n' ? 0 : length + 1;
		longest = length > longest ? length : longest;
	}
	ok(longest <= 90, "the help fits a terminal (%zu bytes)", longest);
	free(text);
}

int main(void)
{
	test_forms();
	test_command();
	test_errors();
	test_table();
	return tap_end();
}
