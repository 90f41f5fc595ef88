// SPDX-License-Identifier: Apache-2.0
#include "lib/error.h"
#include "lib/suggest.h"
#include "lib/tap.h"
#include "lib/text.h"

#include <errno.h>

static void check_line(const char *in, const char *want)
{
	char text[64];
	snprintf(text, sizeof text, "%s", in);
	text_one_line(text);
	is(text, want, "text_one_line");
}

static const char *word(const void *context, size_t i)
{
	const char *const *words = context;
	return words[i];
}

static void check_suggest(const char *given, const char *want)
{
	static const char *const words[] = {"berth.image", "berth.memory", "berth.port", NULL};
	is(suggest(given, word, words), want, given);
}

int main(void)
{
	check_line("plain", "plain");
	check_line("a\nb\tc\x1b[1m", "a?b?c?[1m");
	check_line("gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f");
	check_line("cut \xe2\x80", "cut ??");
	check_line("over\xc0\xaflong", "over??long");
	check_line("surrogate \xed\xa0\x80", "surrogate ???");
	ok(text_utf8_length("\xf0\x9f\x98\x80", 4) == 4, "four bytes");
	ok(text_utf8_length("\xf4\x90\x80\x80", 4) == 0, "beyond U+10FFFF");

	struct error err = ERROR_INIT;
	ok(error_errno(&err, ENOENT, "open %s", "/x") == -1 && err.code == ENOENT, "errno is kept");
	is(err.text, "open /x: No such file or directory", "errno text");
	error_context(&err, "pull %d", 7);
	is(err.text, "pull 7: open /x: No such file or directory", "context goes before");
	error_temporary(&err, "a\nb");
	is(err.text, "a?b", "one line");
	ok(err.kind == ERROR_TEMPORARY, "worth a retry");
	char big[2 * ERROR_TEXT_MAX];
	memset(big, 'x', sizeof big - 1);
	big[sizeof big - 1] = 0;
	error_set(&err, "%s", big);
	ok(strlen(err.text) == ERROR_TEXT_MAX - 1, "cut at the size of the object");
	ok(error_set(NULL, "nobody listens") == -1, "NULL is allowed");

	check_suggest("berth.imgae", "berth.image");
	check_suggest("berth.mem", "berth.memory");
	check_suggest("berth.memori", "berth.memory");
	check_suggest("quite.different", NULL);
	return tap_end();
}
