// SPDX-License-Identifier: Apache-2.0
#include "images/http/http_fields.h"

#include "lib/cleanup.h"

#include <stddef.h>
#include <strings.h>

/* Digits up to the first other character, which *value then points at. */
static bool take_number(const char **value, uint64_t *out)
{
	const char *at = *value;
	uint64_t number = 0;
	for (; *at >= '0' && *at <= '9'; at++)
		if (__builtin_mul_overflow(number, 10, &number) ||
		    __builtin_add_overflow(number, (uint64_t)(*at - '0'), &number))
			return false;
	if (at == *value)
		return false;
	*value = at;
	*out = number;
	return true;
}

static bool take(const char **value, char wanted)
{
	return *(*value)++ == wanted;
}

bool content_range_parse(const char *value, struct content_range *out)
{
	if (strncasecmp(value, "bytes ", 6) != 0)
		return false;
	value += 6;
	if (!take_number(&value, &out->first) || !take(&value, '-') ||
	    !take_number(&value, &out->last) || out->last < out->first || !take(&value, '/'))
		return false;
	out->has_total = *value != '*';
	out->total = 0;
	if (!out->has_total)
		return value[1] == 0;
	return take_number(&value, &out->total) && *value == 0 && out->total > out->last;
}

bool content_length_parse(const char *value, uint64_t *out)
{
	return take_number(&value, out) && *value == 0;
}

static bool all_digits(const char *value)
{
	if (!*value)
		return false;
	for (; *value; value++)
		if (*value < '0' || *value > '9')
			return false;
	return true;
}

time_t http_date_parse(const char *value)
{
	static const char *const forms[] = {"%a, %d %b %Y %H:%M:%S GMT",
					    "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y"};
	for (size_t i = 0; i < countof(forms); i++) {
		struct tm parts = {0};
		const char *end = strptime(value, forms[i], &parts);
		if (end && !*end)
			return timegm(&parts);
	}
	return 0;
}

unsigned retry_after_parse(const char *value, time_t now)
{
	if (all_digits(value)) {
		uint64_t seconds = RETRY_AFTER_LONGEST;
		content_length_parse(value, &seconds);
		return seconds < RETRY_AFTER_LONGEST ? (unsigned)seconds : RETRY_AFTER_LONGEST;
	}
	time_t then = http_date_parse(value);
	if (then <= now)
		return 0;
	return then - now < RETRY_AFTER_LONGEST ? (unsigned)(then - now) : RETRY_AFTER_LONGEST;
}

enum content_coding content_coding_parse(const char *value)
{
	if (!*value || strcasecmp(value, "identity") == 0)
		return CODING_NONE;
	if (strcasecmp(value, "gzip") == 0 || strcasecmp(value, "x-gzip") == 0)
		return CODING_GZIP;
	return CODING_OTHER;
}
