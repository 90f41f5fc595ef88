// SPDX-License-Identifier: Apache-2.0
#include "lib/tap.h"
#include "runtime/environment.h"

static char block[65536];

static void build(const char *const *given, const char *hostname, const char *home, char *joined,
		  size_t size)
{
	struct arena arena;
	struct string_list list = {0}, out = {0};
	struct error err = ERROR_INIT;
	arena_init(&arena, block, sizeof block);
	for (; *given; given++)
		string_list_add(&list, &arena, *given, &err);
	joined[0] = 0;
	if (environment_build(&list, hostname, home, &arena, &out, &err) < 0)
		snprintf(joined, size, "error: %s", err.text);
	for (size_t i = 0; i < out.count; i++)
		snprintf(joined + strlen(joined), size - strlen(joined), "%s|", out.items[i]);
}

int main(void)
{
	char got[8192];
	build((const char *const[]){NULL}, NULL, "/", got, sizeof got);
	is(got, "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin|HOME=/|",
	   "defaults");
	build((const char *const[]){"PATH=/bin", "HOME=/x", "HOSTNAME=h", NULL}, "name", "/", got,
	      sizeof got);
	is(got, "PATH=/bin|HOME=/x|HOSTNAME=h|", "what is given wins over the defaults");
	build((const char *const[]){"PATH=", "A=1", "B=2", "A=3", NULL}, "name", "/root", got,
	      sizeof got);
	is(got, "HOSTNAME=name|PATH=|B=2|A=3|HOME=/root|",
	   "the last value counts; an empty PATH stays empty");
	build((const char *const[]){"PATH=/", "NOVALUE", "=x", "", "AB=1", "A=2", NULL}, NULL, "/",
	      got, sizeof got);
	is(got, "PATH=/|AB=1|A=2|HOME=/|", "entries without name or '=' are left out");
	char long_home[5000];
	memset(long_home, 'h', sizeof long_home - 1);
	long_home[sizeof long_home - 1] = 0;
	build((const char *const[]){NULL}, NULL, long_home, got, sizeof got);
	ok(strncmp(got, "error: the value of HOME", 24) == 0, "an over-long value is an error");
	return tap_end();
}
