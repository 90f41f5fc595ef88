// SPDX-License-Identifier: Apache-2.0
#include "init/config/document/environment_file.h"
#include "init/config/document/interpolate.h"

#include "lib/tap.h"

static char memory[1024 * 1024];
static struct arena arena;

static const char *find(void *context, const char *name)
{
	(void)context;
	return strcmp(name, "SET") == 0 ? "value" : strcmp(name, "EMPTY") == 0 ? "" : NULL;
}

static const struct variables variables = {find, NULL};

static void gives(const char *text, const char *want)
{
	char unset[80];
	struct error err = ERROR_INIT;
	const char *got = interpolate_text(text, &arena, &variables, unset, &err);
	is(got ? got : err.text, want, text);
}

static void refused(const char *text, const char *words)
{
	char unset[80];
	struct error err = ERROR_INIT;
	const char *got = interpolate_text(text, &arena, &variables, unset, &err);
	ok(!got && strstr(err.text, words), "%s: %s", text, got ? got : err.text);
}

static char listing[1000];

static int put(void *context, const char *name, const char *value, unsigned line, struct error *err)
{
	(void)context;
	(void)err;
	size_t used = strlen(listing);
	snprintf(listing + used, sizeof listing - used, "%u:%s=%s|", line, name,
		 value ? value : "(none)");
	return 0;
}

static void reads(const char *text, const char *want)
{
	struct error err = ERROR_INIT;
	unsigned line;
	listing[0] = 0;
	int result = environment_file_parse(text, &arena, &variables, put, NULL, &line, &err);
	is(result < 0 ? err.text : listing, want, "a file of variables");
}

static void reads_raw(const char *text, const char *want)
{
	struct error err = ERROR_INIT;
	unsigned line;
	listing[0] = 0;
	int result = environment_file_parse_raw(text, &arena, put, NULL, &line, &err);
	is(result < 0 ? err.text : listing, want, "a file of variables, raw");
}

int main(void)
{
	arena_init(&arena, memory, sizeof memory);
	gives("plain", "plain");
	gives("$SET-${SET}", "value-value");
	gives("$$SET $${SET} $$$SET", "$SET ${SET} $value");
	gives("${EMPTY:-x}${EMPTY-y}", "x");
	gives("${NO:-x}${NO-y}", "xy");
	gives("${SET:+x}${SET+y}${NO+z}${EMPTY:+e}${EMPTY+f}", "xyf");
	gives("${NO:-${ALSO:-${SET}}}", "value");
	gives("${NO:-a $SET b}", "a value b");
	gives("${SET:?needed}", "value");
	gives("$1 $ $", "$1 $ $");
	gives("[$NO]", "[]");
	refused("${NO:?say it}", "the variable NO is not set: say it");
	refused("${NO?}", "the variable NO is not set");
	refused("${SET", "no closing brace");
	refused("${}", "no variable's name");
	refused("${SET!x}", "is none of");
	refused("${9}", "no variable's name");
	reads("A=1\n# c\n\nexport B = two words # c\nC='$SET # "
	      "\"'\nD=\"$SET\\n\\$SET\"\nE=$SET\nF=\nG\n",
	      "1:A=1|4:B=two words|5:C=$SET # \"|6:D=value\n$SET|7:E=value|8:F=|9:G=(none)|");
	reads("A=\"one\ntwo\"\nB=3", "1:A=one\ntwo|3:B=3|");
	reads("A='x", "a quote is not closed");
	reads("A B\n", "a line is NAME=VALUE: there is something else than = behind the name");
	reads("=x\n", "a line is NAME=VALUE, not \"=x\"");
	reads_raw("A=1\n# c\n\n B='two # $SET'\r\nC\nD=\nE=x=y", "1:A=1|4:B='two # $SET'|5:C=(none)|6:D=|7:E=x=y|");
	reads_raw("A B=1\n", "\"A B\" is not a variable's name");
	reads_raw("=1\n", "\"\" is not a variable's name");
	return tap_end();
}
