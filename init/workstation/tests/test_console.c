// SPDX-License-Identifier: Apache-2.0
/* The CR LF filter, over every way to cut the stream in two. */
#include "init/workstation/console.h"

#include "lib/cleanup.h"
#include "lib/tap.h"

static const struct {
	const char *in, *out;
} cases[] = {
	{"a\r\nb\r\n", "a\nb\n"}, {"\r\r\n", "\r\n"}, {"a\rb", "a\rb"},     {"\r", "\r"},
	{"\n\n", "\n\n"},	  {"\r\n\r", "\n\r"}, {"\r\r\r", "\r\r\r"}, {"", ""},
};

static void filter_in_two(const char *in, size_t cut, char *out)
{
	struct console_filter filter = {0};
	size_t used = console_filter(&filter, in, cut, out);
	used += console_filter(&filter, in + cut, strlen(in) - cut, out + used);
	used += console_filter_end(&filter, out + used);
	out[used] = 0;
}

int main(void)
{
	char out[64];
	for (size_t i = 0; i < countof(cases); i++) {
		for (size_t cut = 0; cut <= strlen(cases[i].in); cut++) {
			filter_in_two(cases[i].in, cut, out);
			is(out, cases[i].out, "filtered");
		}
	}
	return tap_end();
}
