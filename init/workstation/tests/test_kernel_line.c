// SPDX-License-Identifier: Apache-2.0
/* What is composed here must come out of init's own parser unchanged. */
#include "init/workstation/kernel_line.h"

#include "init/config/words.h"
#include "lib/cleanup.h"
#include "lib/tap.h"

#include <stdint.h>

static const char *const values[] = {
	"plain", "", " ", "a b", "\"", "\\", "\\\\\"", "tab\there", "line\nbreak", "a\\nb", "$HOME",
	"'single'", "\"quoted\"", "x\"y z\"", "--", "=", "a=b", "é à", "\xa0", "\r", "back\\",
	"exit \"42\"; echo 'a b' \\", "\\t", "berth.image=x",
};

static void test_round_trip(void)
{
	for (size_t i = 0; i < countof(values); i++) {
		struct kernel_line line = KERNEL_LINE_INIT;
		char word[WORD_CAPACITY], want[WORD_CAPACITY];
		kernel_line_raw(&line, "quiet");
		kernel_line_key(&line, "berth.env", values[i]);
		kernel_line_command(&line, (char *[]){(char *)(uintptr_t)values[i], "end", NULL});
		const char *at = line.text;
		command_line_word(&at, word, sizeof word);
		command_line_word(&at, word, sizeof word);
		snprintf(want, sizeof want, "berth.env=%s", values[i]);
		is(word, want, "value of a key");
		command_line_word(&at, word, sizeof word);
		is(word, "--", "separator");
		command_line_word(&at, word, sizeof word);
		is(word, values[i], "word of the command");
		command_line_word(&at, word, sizeof word);
		is(word, "end", "next word of the command");
		ok(command_line_word(&at, word, sizeof word) == WORD_END, "end of the line");
	}
}

/* The kernel toggles at each double quote: what lies between must be ours alone. */
static void test_kernel_view(void)
{
	struct kernel_line line = KERNEL_LINE_INIT;
	kernel_line_key(&line, "berth.env", "A=say \"hi mem=40M\" there");
	ok(strchr(line.text, '"') == line.text + 10 &&
		   strchr(line.text + 11, '"') == line.text + strlen(line.text) - 1,
	   "the kernel sees one word: %s", line.text);
}

static void test_many_words(void)
{
	char *command[41];
	for (size_t i = 0; i < 40; i++)
		command[i] = (char *)(uintptr_t)values[i % countof(values)];
	command[40] = NULL;
	struct kernel_line line = KERNEL_LINE_INIT;
	kernel_line_command(&line, command);
	ok(!strstr(line.text, " -- "), "40 words do not go where the kernel takes 31");
	static char memory[65536];
	struct arena arena;
	struct string_list list = {0};
	struct error err = ERROR_INIT;
	char word[WORD_CAPACITY];
	const char *at = line.text;
	arena_init(&arena, memory, sizeof memory);
	command_line_word(&at, word, sizeof word);
	ok(strncmp(word, "berth.cmd=", 10) == 0, "they are the value of berth.cmd");
	ok(split_words(word + 10, &arena, &list, &err) == 0 && list.count == 40, "all are there");
	for (size_t i = 0; i < list.count && i < 40; i++)
		is(list.items[i], command[i], "word of berth.cmd");
	command[31] = NULL;
	for (size_t i = 0; i < 31; i++)
		command[i] = "w";
	line = (struct kernel_line)KERNEL_LINE_INIT;
	kernel_line_command(&line, command);
	ok(strncmp(line.text, "-- w", 4) == 0, "31 words do");
	line = (struct kernel_line)KERNEL_LINE_INIT;
	kernel_line_command(&line, (char *[]){NULL});
	is(line.text, "", "no command adds nothing");
}

static void test_length(void)
{
	struct error err = ERROR_INIT;
	struct kernel_line line = KERNEL_LINE_INIT;
	char long_text[KERNEL_LINE_MAX + 1];
	memset(long_text, 'x', KERNEL_LINE_MAX);
	long_text[KERNEL_LINE_MAX] = 0;
	kernel_line_raw(&line, long_text);
	ok(kernel_line_check(&line, &err) == 0 && strlen(line.text) == 2047, "2,047 bytes fit");
	kernel_line_command(&line, (char *[]){"y", NULL});
	ok(kernel_line_check(&line, &err) < 0, "more do not");
	ok(strstr(err.text, "2052") && strstr(err.text, "2047"), "the numbers are named: %s", err.text);
}

int main(void)
{
	test_round_trip();
	test_kernel_view();
	test_many_words();
	test_length();
	return tap_end();
}
