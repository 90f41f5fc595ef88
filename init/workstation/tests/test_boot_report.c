// SPDX-License-Identifier: Apache-2.0
/* The report as `berth boot` reads it. */
#include "init/workstation/report.h"

#include "lib/cleanup.h"
#include "lib/tap.h"

#include <stdlib.h>

static const char *const bad[] = {
	"{", "[]", "{}", "null", "{\"version\":2,\"status\":0}", "{\"version\":1}",
	"{\"version\":1,\"status\":256}", "{\"version\":1,\"status\":-1}",
	"{\"version\":1,\"status\":\"0\"}", "{\"version\":1,\"status\":1.5}",
	"{\"version\":1,\"status\":0} x", "{\"status\":0,\"version\":\"1\"}", "\xff\xfe",
};

static void test_depth(void)
{
	struct boot_report report;
	struct error err = ERROR_INIT;
	char *text = malloc(BOOT_REPORT_MAX + 1);
	memset(text, '[', BOOT_REPORT_MAX);
	ok(boot_report_parse(text, BOOT_REPORT_MAX, &report, &err) < 0, "1 Mi of [: %s", err.text);
	ok(boot_report_parse(text, BOOT_REPORT_MAX + 1, &report, &err) < 0 &&
		   strstr(err.text, "longer"), "one byte too long: %s", err.text);
	free(text);
}

int main(void)
{
	struct boot_report report;
	struct error err = ERROR_INIT;
	const char *text = "{\"version\":1,\"status\":42,\"reason\":\"a\\nb\",\"containers\":[{}]}\n";
	ok(boot_report_parse(text, strlen(text), &report, &err) == 0 && report.status == 42, "status");
	is(report.reason, "a?b", "the reason is one line");
	ok(boot_report_parse("", 0, &report, &err) < 0, "empty: %s", err.text);
	for (size_t i = 0; i < countof(bad); i++)
		ok(boot_report_parse(bad[i], strlen(bad[i]), &report, &err) < 0, "refused: %s",
		   err.text);
	test_depth();
	err.text[0] = 0;
	report.status = 0;
	ok(boot_report_parse_confined(text, strlen(text), &report, &err) == 0 && report.status == 42,
	   "the confined parser: %s", err.text);
	is(report.reason, "a?b", "its reason");
	ok(boot_report_parse_confined("{", 1, &report, &err) < 0 && strstr(err.text, "JSON"),
	   "its error: %s", err.text);
	return tap_end();
}
