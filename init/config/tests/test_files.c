// SPDX-License-Identifier: Apache-2.0
#include "init/config/files.h"

#include "init/config/keys.h"
#include "lib/cleanup.h"
#include "lib/tap.h"

static struct machine machine;
static char block[16 * 1024];

static void grants(void)
{
	struct arena arena;
	struct file_grant grant;
	struct error err = ERROR_INIT;
	static const char *const bad[] = {
		"", "0:0:444", "0:0:444:secrets/a", "x:0:444:secrets/a:/b", "0:-1:444:secrets/a:/b",
		"0:0:999:secrets/a:/b", "0:0:4444:secrets/a:/b", "4294967295:0:444:secrets/a:/b",
		"0:0:444:secrets/a:b", "0:0:444:secrets/a:/proc/b", "0:0:444:secrets/a:/x/../b"};
	arena_init(&arena, block, sizeof block);
	ok(parse_file_grant("1000:33:0440:secrets/a:/k/a:b", &arena, &grant, &err) == 0 &&
		   grant.uid == 1000 && grant.gid == 33 && grant.mode == 0440,
	   "a grant %s", err.text);
	is(grant.content, "secrets/a", "of a secret");
	is(grant.target, "/k/a:b", "at a path");
	for (size_t i = 0; i < countof(bad); i++)
		ok(parse_file_grant(bad[i], &arena, &grant, &err) < 0, "\"%s\": %s", bad[i], err.text);
}

static int set(const char *key, const char *value, struct error *err)
{
	return setting_key_find(key)->apply(&machine, value, err);
}

static void contents(void)
{
	struct error err = ERROR_INIT;
	machine_init(&machine);
	ok(set("machine.content", "secrets/a:AAEC", &err) == 0 && machine.content_count == 1 &&
		   machine.contents[0].size == 3 && memcmp(machine.contents[0].bytes, "\0\1\2", 3) == 0,
	   "any bytes");
	ok(set("machine.content", "secrets/empty:", &err) == 0 && machine.contents[1].size == 0,
	   "or none");
	ok(set("machine.content", "secrets/b:A*", &err) < 0, "not in base64: %s", err.text);
	ok(set("service.file", "0:0:444:secrets/a:/a", &err) == 0 &&
		   files_check(&machine, machine.container, &err) == 0,
	   "a file that is there");
	ok(set("service.file", "0:0:444:secrets/c:/c", &err) == 0 &&
		   files_check(&machine, machine.container, &err) < 0,
	   "and one that is not: %s", err.text);
	ok(!config_key_find("machine.content"), "the command line has no secrets");
}

int main(void)
{
	grants();
	contents();
	return tap_end();
}
