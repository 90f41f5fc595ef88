// SPDX-License-Identifier: Apache-2.0
#include "init/config/document/timestamp.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

struct moment {
	int year, month, day, hour, minute, second;
	char fraction[11]; /* ".25", or "" */
	char sign;         /* of the offset from UTC, or 0 */
	int offset_hours, offset_minutes;
};

/* A number of `least` to `most` digits, which are taken; -1: there is none. */
static int take_number(const char **at, int least, int most)
{
	int value = 0, digits = 0;
	for (; digits < most && isdigit((unsigned char)**at); digits++)
		value = value * 10 + (*(*at)++ - '0');
	return digits < least ? -1 : value;
}

static bool take_mark(const char **at, const char *marks)
{
	if (!**at || !strchr(marks, **at))
		return false;
	(*at)++;
	return true;
}

static int days_of(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return days[month - 1] + (month == 2 && leap);
}

static bool take_date(const char **at, struct moment *out)
{
	out->year = take_number(at, 4, 4);
	if (out->year < 0 || !take_mark(at, "-"))
		return false;
	out->month = take_number(at, 1, 2);
	if (out->month < 1 || out->month > 12 || !take_mark(at, "-"))
		return false;
	out->day = take_number(at, 1, 2);
	return out->day >= 1 && out->day <= days_of(out->year, out->month);
}

/* Nine digits count, and no zeros at the end. */
static void take_fraction(const char **at, struct moment *out)
{
	if (**at != '.' && **at != ',')
		return;
	size_t digits = strspn(*at + 1, "0123456789"), kept = digits < 9 ? digits : 9;
	if (!digits)
		return;
	while (kept && (*at)[kept] == '0')
		kept--;
	if (kept)
		snprintf(out->fraction, sizeof out->fraction, ".%.*s", (int)kept, *at + 1);
	*at += 1 + digits;
}

static bool take_time(const char **at, struct moment *out)
{
	out->hour = take_number(at, 1, 2);
	if (out->hour < 0 || out->hour > 23 || !take_mark(at, ":"))
		return false;
	out->minute = take_number(at, 1, 2);
	if (out->minute < 0 || out->minute > 59 || !take_mark(at, ":"))
		return false;
	out->second = take_number(at, 1, 2);
	if (out->second < 0 || out->second > 59)
		return false;
	take_fraction(at, out);
	return true;
}

/* Z or ±hh:mm. */
static bool take_offset(const char **at, struct moment *out)
{
	if (take_mark(at, "Z"))
		return true;
	out->sign = **at;
	if (!take_mark(at, "+-"))
		return false;
	out->offset_hours = take_number(at, 2, 2);
	if (out->offset_hours < 0 || out->offset_hours > 24 || !take_mark(at, ":"))
		return false;
	out->offset_minutes = take_number(at, 2, 2);
	return out->offset_minutes >= 0 && out->offset_minutes < 60;
}

static bool take_all(const char *at, struct moment *out)
{
	if (!take_date(&at, out))
		return false;
	if (!*at)
		return true;
	bool has_offset = *at == 'T' || *at == 't';
	if (!take_mark(&at, "Tt ") || !take_time(&at, out))
		return false;
	return (!has_offset || take_offset(&at, out)) && !*at;
}

bool timestamp_print(const char *text, char out[TIMESTAMP_TEXT])
{
	struct moment moment = {0};
	char zone[8] = "+0000", name[8] = "UTC";
	if (!take_all(text, &moment))
		return false;
	if (moment.offset_hours || moment.offset_minutes) {
		snprintf(zone, sizeof zone, "%c%02d%02d", moment.sign, moment.offset_hours % 100,
			 moment.offset_minutes % 100);
		memcpy(name, zone, sizeof name);
	}
	snprintf(out, TIMESTAMP_TEXT, "%04d-%02d-%02d %02d:%02d:%02d%s %s %s", moment.year, moment.month,
		 moment.day, moment.hour, moment.minute, moment.second, moment.fraction, zone, name);
	return true;
}
