// SPDX-License-Identifier: Apache-2.0
/* Which source wins; the saved time; the documentation's table. */
#include "init/clock/clock.h"

#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/tap.h"

#include <fcntl.h>
#include <stdlib.h>

#define MS INT64_C(1000000)
#define S INT64_C(1000000000)

static void test_decide(void)
{
	static const struct {
		const char *what;
		enum clock_origin now, offered;
		int64_t ahead;
		bool confirmed;
		enum clock_action want;
	} rows[] = {
		{"a saved time raises the build time", CLOCK_BUILD, CLOCK_SAVED, 5 * S, false, CLOCK_STEP},
		{"an older saved time does not", CLOCK_BUILD, CLOCK_SAVED, -5 * S, false, CLOCK_KEEP},
		{"an RTC behind the saved time is wrong", CLOCK_RTC, CLOCK_SAVED, 5 * S, false, CLOCK_STEP},
		{"the host is not", CLOCK_PTP, CLOCK_SAVED, 5 * S, false, CLOCK_KEEP},
		{"a registry ends a floor", CLOCK_BUILD, CLOCK_REGISTRY, 5 * S, false, CLOCK_STEP},
		{"also a saved one, backwards", CLOCK_SAVED, CLOCK_REGISTRY, -5 * S, false, CLOCK_STEP},
		{"but no RTC", CLOCK_RTC, CLOCK_REGISTRY, 5 * S, false, CLOCK_KEEP},
		{"and no second time", CLOCK_REGISTRY, CLOCK_REGISTRY, 5 * S, false, CLOCK_KEEP},
		{"NTP is better than an RTC", CLOCK_RTC, CLOCK_NTP, 129 * MS, false, CLOCK_STEP},
		{"and slews what is small", CLOCK_RTC, CLOCK_NTP, 128 * MS, false, CLOCK_SLEW},
		{"also backwards", CLOCK_RTC, CLOCK_NTP, -128 * MS, false, CLOCK_SLEW},
		{"any step is taken the first time", CLOCK_RTC, CLOCK_NTP, 86400 * S, false, CLOCK_STEP},
		{"a large one later is doubted", CLOCK_NTP, CLOCK_NTP, 1001 * S, false, CLOCK_CONFIRM},
		{"until it is said again", CLOCK_NTP, CLOCK_NTP, 1001 * S, true, CLOCK_STEP},
		{"a smaller one is not", CLOCK_NTP, CLOCK_NTP, -999 * S, false, CLOCK_STEP},
		{"nothing worse than NTP counts", CLOCK_NTP, CLOCK_REGISTRY, 5 * S, false, CLOCK_KEEP},
		{"the host is asked before NTP", CLOCK_PTP, CLOCK_NTP, 5 * S, false, CLOCK_KEEP},
		{"and again every hour", CLOCK_PTP, CLOCK_PTP, 5 * S, false, CLOCK_STEP},
	};
	for (size_t i = 0; i < countof(rows); i++)
		ok(clock_decide(rows[i].now, rows[i].offered, rows[i].ahead, rows[i].confirmed) ==
			   rows[i].want,
		   "%s", rows[i].what);
}

static void test_saved(void)
{
	static const char *const bad[] = {"", "\n", "x\n", "-1\n", "0\n", "1\n", " 1795000000\n",
					  "1795000000", "1795000000\nx", "9999999999\n",
					  "99999999999999999999999\n"};
	char folder[] = "/tmp/berth-clock-XXXXXX", path[64];
	struct error err = ERROR_INIT;
	if (!mkdtemp(folder)) {
		ok(0, "a folder");
		return;
	}
	_cleanup_close_ int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ok(clock_saved_read(fd) == 0, "nothing is there at first");
	ok(clock_saved_write(fd, CLOCK_EARLIEST + 5, &err) == 0 &&
		   clock_saved_read(fd) == CLOCK_EARLIEST + 5,
	   "what is saved is read: %s", err.text);
	for (size_t i = 0; i < countof(bad); i++) {
		file_write(fd, "clock", bad[i], strlen(bad[i]), 0600, NULL);
		ok(clock_saved_read(fd) == 0, "%.12s… is not taken", *bad[i] ? bad[i] : "nothing");
	}
	unlinkat(fd, "clock", 0);
	snprintf(path, sizeof path, "%s", folder);
	rmdir(path);
}

static void test_page(void)
{
	static const char *const qualities[] = {"floor", "approximate", "good"};
	static char page[64 * 1024];
	if (file_read(AT_FDCWD, "docs/time.md", page, sizeof page, NULL) < 0) {
		skip("docs/time.md", "not there: not in the repository's root");
		return;
	}
	for (int i = 0; i < CLOCK_ORIGINS; i++) {
		const struct clock_source *source = &clock_sources[i];
		char row[512];
		snprintf(row, sizeof row, "| %s | %s | %s | %s |\n", source->name,
			 qualities[source->quality], source->place, source->use);
		ok(strstr(page, row) != NULL, "docs/time.md has the row %s", row);
	}
}

int main(void)
{
	test_decide();
	test_saved();
	test_page();
	return tap_end();
}
