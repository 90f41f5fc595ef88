// SPDX-License-Identifier: Apache-2.0
/* What docker compose 2.26 makes of the same texts without quotes. */
#include "init/config/document/timestamp.h"
#include "lib/tap.h"

static void becomes(const char *text, const char *wanted)
{
	char out[TIMESTAMP_TEXT];
	ok(timestamp_print(text, out), "%s is a timestamp", text);
	is(out, wanted, "and how it is written");
}

static void is_none(const char *text)
{
	char out[TIMESTAMP_TEXT];
	ok(!timestamp_print(text, out), "%s is no timestamp", text);
}

int main(void)
{
	becomes("2024-01-02", "2024-01-02 00:00:00 +0000 UTC");
	becomes("2024-1-2 3:4:5", "2024-01-02 03:04:05 +0000 UTC");
	becomes("2024-02-29T03:04:05Z", "2024-02-29 03:04:05 +0000 UTC");
	becomes("2024-01-02t03:04:05.250+00:00", "2024-01-02 03:04:05.25 +0000 UTC");
	becomes("2024-01-02T03:04:05,5-07:30", "2024-01-02 03:04:05.5 -0730 -0730");
	becomes("2024-01-02 03:04:05.1234567899", "2024-01-02 03:04:05.123456789 +0000 UTC");
	is_none("");
	is_none("20240102");
	is_none("2024-13-02");
	is_none("2023-02-29");
	is_none("2024-01-02T03:04:05");
	is_none("2024-01-02 03:04:05 +1");
	is_none("2024-01-02 24:00:00");
	is_none("2024-01-02T03:04:05+0100");
	is_none("2024-01-02 03:04:05.");
	is_none("2024-01-02x");
	return tap_end();
}
