// SPDX-License-Identifier: Apache-2.0
#include "images/http/http_fields.h"
#include "lib/cleanup.h"
#include "lib/tap.h"

static void test_content_range(void)
{
	static const struct {
		const char *value;
		struct content_range range;
	} good[] = {
		{"bytes 0-0/1", {0, 0, true, 1}},
		{"bytes 7-99/*", {7, 99, false, 0}},
		{"BYTES 18446744073709551613-18446744073709551614/18446744073709551615",
		 {UINT64_MAX - 2, UINT64_MAX - 1, true, UINT64_MAX}},
	};
	static const char *const bad[] = {
		"", "bytes", "bytes ", "bytes */10", "bytes 0-9", "bytes 0-9/", "bytes 0-9/x",
		"bytes 0-9/9", "bytes 9-8/10", "bytes -1-9/10", "bytes 0 - 9/10", "bytes 0-9/10 ",
		"bytes 0-9/*x", "bytes 18446744073709551616-18446744073709551617/*", "lines 0-9/10",
		"bytes=0-9/10", "bytes 0-9/10, bytes 20-29/40", "bytes 0x0-0x9/10",
	};
	struct content_range range;
	for (size_t i = 0; i < countof(good); i++) {
		ok(content_range_parse(good[i].value, &range), "%s", good[i].value);
		ok(range.first == good[i].range.first && range.last == good[i].range.last &&
			       range.has_total == good[i].range.has_total &&
			       range.total == good[i].range.total,
		       "its numbers");
	}
	for (size_t i = 0; i < countof(bad); i++)
		ok(!content_range_parse(bad[i], &range), "refused: \"%s\"", bad[i]);
}

static void test_retry_after(void)
{
	/* 1994-11-06 08:49:37, the example of RFC 9110, section 5.6.7 */
	const time_t example = 784111777;
	static const char *const dates[] = {"Sun, 06 Nov 1994 08:49:37 GMT",
					    "Sunday, 06-Nov-94 08:49:37 GMT",
					    "Sun Nov  6 08:49:37 1994"};
	for (size_t i = 0; i < countof(dates); i++) {
		ok(http_date_parse(dates[i]) == example, "as a time");
		ok(retry_after_parse(dates[i], example - 5) == 5, "%s", dates[i]);
		ok(retry_after_parse(dates[i], example + 5) == 0, "it has passed");
		ok(retry_after_parse(dates[i], 0) == RETRY_AFTER_LONGEST, "it is far away");
	}
	ok(http_date_parse("") == 0 && http_date_parse("120") == 0 &&
		   http_date_parse("Sun, 06 Nov 1994 08:49:37 GMT+1") == 0,
	   "what is no date is no time");
	ok(retry_after_parse("0", 0) == 0 && retry_after_parse("120", 0) == 120, "seconds");
	ok(retry_after_parse("99999999999999999999999", 0) == RETRY_AFTER_LONGEST, "too many");
	static const char *const bad[] = {"", "soon", "-5", "+5", "1.5", "5 s", "Sun, 06 Nov 1994",
					  "Sun, 99 Nov 1994 08:49:37 GMT",
					  "Sun, 06 Nov 2094 08:49:37 CET"};
	for (size_t i = 0; i < countof(bad); i++)
		ok(retry_after_parse(bad[i], 0) == 0, "says nothing: \"%s\"", bad[i]);
}

static void test_others(void)
{
	uint64_t length = 0;
	ok(content_length_parse("18446744073709551615", &length) && length == UINT64_MAX, "length");
	ok(!content_length_parse("18446744073709551616", &length) &&
		       !content_length_parse("-1", &length) && !content_length_parse("", &length) &&
		       !content_length_parse("5, 5", &length),
	       "no lengths");
	ok(content_coding_parse("") == CODING_NONE && content_coding_parse("Identity") == CODING_NONE &&
		       content_coding_parse("gzip") == CODING_GZIP &&
		       content_coding_parse("X-GZip") == CODING_GZIP &&
		       content_coding_parse("gzip, gzip") == CODING_OTHER &&
		       content_coding_parse("zstd") == CODING_OTHER,
	       "codings");
}

int main(void)
{
	test_content_range();
	test_retry_after();
	test_others();
	return tap_end();
}
