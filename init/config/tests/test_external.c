// SPDX-License-Identifier: Apache-2.0
/* Values that the firmware has for external secrets and configs. */
#include "init/config/external.h"

#include "lib/tap.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const char table[] = "\x0b\x05\x01\x00\x05"
			    "io.systemd.credential:plain=a word\0"
			    "io.systemd.credential.binary:coded=AAH/\0"
			    "io.systemd.credential:coded=not this\0"
			    "io.systemd.credential.binary:broken=*\0"
			    "io.systemd.credential:empty=\0\0"
			    "\x7f\x04\x02\x00\0\0";

static struct external_values values = {table, sizeof table - 1, 0, {{"", -1}}};

static void put(const char *name, const char *text)
{
	struct external_item *item = &values.items[values.count++];
	snprintf(item->name, sizeof item->name, "%s", name);
	item->fd = memfd_create("item", MFD_CLOEXEC);
	ok(write(item->fd, text, strlen(text)) == (ssize_t)strlen(text), "an item is made");
}

static void found(const char *kind, const char *name, const char *want, size_t size)
{
	char out[16];
	struct error err = ERROR_INIT;
	ok(external_of_firmware(&values, kind, name, out, sizeof out, &err) == (ssize_t)size &&
		   memcmp(out, want, size + 1) == 0,
	   "%s %s: %s", kind, name, err.text);
}

static void test_values(void)
{
	char out[16];
	struct error err = ERROR_INIT;
	put("org.berth/secrets/both", "own");
	put("org.berth/configs/conf", "config");
	put("io.systemd.credentials/both", "credential");
	put("io.systemd.credentials/long", "sixteen letters.");
	found("secrets", "both", "own", 3);
	found("secrets", "both", "own", 3); /* as often as it is asked for */
	found("configs", "both", "credential", 10);
	found("configs", "conf", "config", 6);
	found("secrets", "plain", "a word", 6);
	found("secrets", "coded", "\0\1\xff", 3);
	found("secrets", "empty", "", 0);
	ok(external_of_firmware(&values, "secrets", "conf", out, sizeof out, &err) ==
		   EXTERNAL_NOWHERE,
	   "a config is no secret");
	ok(external_of_firmware(&values, "secrets", "plai", out, sizeof out, &err) ==
		   EXTERNAL_NOWHERE,
	   "nor a part of a name a name");
	ok(external_of_firmware(&values, "secrets", "long", out, sizeof out, &err) == -1,
	   "too long: %s", err.text);
	ok(external_of_firmware(&values, "secrets", "broken", out, sizeof out, &err) == -1,
	   "not base64: %s", err.text);
	ok(external_of_firmware(&values, "secrets", "plain", out, 6, &err) == -1, "too long: %s",
	   err.text);
	ok(external_of_firmware(&values, "secrets", "coded", out, 3, &err) == -1, "too long: %s",
	   err.text);
	found("secrets", "plain", "a word", 6);
}

static void test_names(void)
{
	char longest[EXTERNAL_NAME_MAX + 2];
	memset(longest, 'x', sizeof longest - 1);
	longest[sizeof longest - 1] = 0;
	ok(!external_name_is_good(longest) && external_name_is_good(longest + 1),
	   "100 letters at most");
	ok(external_name_is_good("db-password.txt") && !external_name_is_good("") &&
		   !external_name_is_good("..") && !external_name_is_good("a/b") &&
		   !external_name_is_good("a=b"),
	   "a name is no path");
}

int main(void)
{
	test_values();
	test_names();
	return tap_end();
}
