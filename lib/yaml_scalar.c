// SPDX-License-Identifier: Apache-2.0
/* The types of plain scalars (YAML 1.2.2, section 10.3.2, and Go's base prefixes). */
#include "lib/yaml.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_NUMBER = 64 };

static bool is_one_of(const char *text, const char *const *words)
{
	for (; *words; words++)
		if (strcmp(text, *words) == 0)
			return true;
	return false;
}

/* Digits of the base that their prefix says, with an optional sign. */
static bool parse_integer(const char *text, int64_t *out)
{
	const char *digits = text + (*text == '-' || *text == '+');
	int base = 10;
	if (*digits == '0' && digits[1]) {
		int letter = tolower((unsigned char)digits[1]);
		base = letter == 'x' ? 16 : letter == 'b' ? 2 : 8;
		digits += letter == 'x' || letter == 'b' || letter == 'o' ? 2 : 1;
	}
	if (!isxdigit((unsigned char)*digits))
		return false;
	char *end;
	errno = 0;
	unsigned long long value = strtoull(digits, &end, base);
	if (*end || errno || value > INT64_MAX)
		return false;
	*out = *text == '-' ? -(int64_t)value : (int64_t)value;
	return true;
}

/* [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )? */
static bool looks_like_float(const char *text)
{
	static const char *const digits = "0123456789";
	const char *at = text + (*text == '-' || *text == '+');
	size_t whole = strspn(at, digits), part = 0;
	at += whole;
	if (*at == '.') {
		part = strspn(at + 1, digits);
		at += 1 + part;
	}
	if (whole + part == 0)
		return false;
	if (*at == 'e' || *at == 'E') {
		at += 1 + (at[1] == '-' || at[1] == '+');
		size_t power = strspn(at, digits);
		if (!power)
			return false;
		at += power;
	}
	return !*at;
}

static bool parse_float(const char *text, double *out)
{
	static const char *const infinite[] = {".inf", ".Inf", ".INF", "+.inf", "-.inf", NULL};
	static const char *const not_numbers[] = {".nan", ".NaN", ".NAN", NULL};
	if (is_one_of(text, infinite))
		*out = *text == '-' ? -(double)INFINITY : (double)INFINITY;
	else if (is_one_of(text, not_numbers))
		*out = (double)NAN;
	else if (looks_like_float(text))
		*out = strtod(text, NULL);
	else
		return false;
	return true;
}

/* Numbers may have "_" anywhere but in front, as YAML 1.1 and Go have it. */
static const char *without_underscores(const char *text, char out[LONGEST_NUMBER])
{
	size_t used = 0;
	char first = *text == '-' || *text == '+' ? text[1] : *text;
	if (!strchr(text, '_') || !isdigit((unsigned char)first))
		return text;
	for (const char *at = text; *at; at++) {
		if (used + 1 == LONGEST_NUMBER)
			return text;
		if (*at != '_')
			out[used++] = *at;
	}
	out[used] = 0;
	return out;
}

void yaml_resolve(struct node *node)
{
	char number[LONGEST_NUMBER];
	static const char *const nulls[] = {"", "~", "null", "Null", "NULL", NULL};
	static const char *const yes[] = {"true", "True", "TRUE", NULL};
	static const char *const no[] = {"false", "False", "FALSE", NULL};
	if (is_one_of(node->text, nulls)) {
		node->kind = NODE_NULL;
	} else if (is_one_of(node->text, yes) || is_one_of(node->text, no)) {
		node->kind = NODE_BOOL;
		node->integer = is_one_of(node->text, yes);
	} else {
		const char *text = without_underscores(node->text, number);
		node->kind = parse_integer(text, &node->integer) ? NODE_INTEGER
			     : parse_float(text, &node->number)  ? NODE_FLOAT
								 : NODE_TEXT;
	}
}
