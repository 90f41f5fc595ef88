// SPDX-License-Identifier: Apache-2.0
/* Texts as values: sizes, durations, truth values and numbers, as Compose writes them. */
#include "init/config/document/normalise.h"

#include "init/config/document/timestamp.h"
#include "lib/yaml.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int wrong(struct normaliser *normaliser, const struct node *node, const char *wanted)
{
	char what[80];
	complain(normaliser, node, "is %s, not %s", node_describe(node, what), wanted);
	return -1;
}

/* The same, with what was probably meant; `near` may be NULL. */
static int nearly(struct normaliser *normaliser, const struct node *node, const char *wanted,
		  const char *near)
{
	char what[80];
	complain_suggesting(normaliser, node->at, near, "is %s, not %s", node_describe(node, what),
			    wanted);
	return -1;
}

static int set_text(struct normaliser *normaliser, struct node *node, const char *text)
{
	const char *copy = arena_strdup(normaliser->pool->arena, text);
	if (!copy) {
		complain_no_room(normaliser, node);
		return -1;
	}
	node->kind = NODE_TEXT;
	node->plain = false;
	node->text = copy;
	return 0;
}

/* The shortest decimal text that reads as the same number, with an exponent as Go's %v has it. */
static void print_number(double number, char out[40])
{
	int digits = 0;
	do
		snprintf(out, 40, "%.*e", digits, number);
	while (strtod(out, NULL) != number && ++digits < 17);
	char *mark = strchr(out, 'e');
	int power = mark ? atoi(mark + 1) : 0;
	if (mark && power >= -4 && power < 6)
		snprintf(out, 40, "%.*f", digits > power ? digits - power : 0, number);
}

/* One that only an unsigned number holds is written with all its digits. */
static bool print_unsigned(const char *text, char out[40])
{
	char *end;
	errno = 0;
	unsigned long long value = strtoull(text, &end, 10);
	if (!isdigit((unsigned char)*text) || *text == '0' || *end || errno)
		return false;
	snprintf(out, 40, "%llu", value);
	return true;
}

int scalar_to_text(struct normaliser *normaliser, struct node *node)
{
	char text[TIMESTAMP_TEXT];
	switch (node->kind) {
	case NODE_TEXT:
		return node->plain && timestamp_print(node->text, text) ? set_text(normaliser, node, text) : 0;
	case NODE_BOOL:
		return set_text(normaliser, node, node->integer ? "true" : "false");
	case NODE_INTEGER:
		snprintf(text, sizeof text, "%lld", (long long)node->integer);
		return set_text(normaliser, node, text);
	case NODE_FLOAT:
		if (!print_unsigned(node->text, text))
			print_number(node->number, text);
		return set_text(normaliser, node, text);
	default:
		return wrong(normaliser, node, "a text or a number");
	}
}

int scalar_to_bool(struct normaliser *normaliser, struct node *node)
{
	static const char *const yes[] = {"true", "y", "yes", "on", NULL};
	static const char *const no[] = {"false", "n", "no", "off", NULL};
	if (node->kind == NODE_BOOL)
		return 0;
	for (int i = 0; node->kind == NODE_TEXT && yes[i]; i++) {
		bool is_yes = strcasecmp(node->text, yes[i]) == 0;
		if (!is_yes && strcasecmp(node->text, no[i]) != 0)
			continue;
		node->kind = NODE_BOOL;
		node->integer = is_yes;
		node->text = is_yes ? "true" : "false";
		return 0;
	}
	char near[40];
	return nearly(normaliser, node, "true or false",
		      schema_suggest_choice("true|false|yes|no|on|off", node->text, near));
}

/* A text is decimal, whatever it begins with, as docker compose has it; but permissions are octal. */
static bool resolve_text(struct node *number, const char *text, int base)
{
	char *end;
	size_t sign = *text == '-' || *text == '+';
	errno = 0;
	number->integer = strtoll(text, &end, base);
	number->kind = NODE_INTEGER;
	return text[sign] >= '0' && text[sign] <= '9' && !*end && !errno;
}

int scalar_to_integer(struct normaliser *normaliser, struct node *node, bool permissions)
{
	struct node number = *node;
	if (node->kind == NODE_TEXT &&
	    !resolve_text(&number, node->text, permissions && *node->text == '0' ? 8 : 10))
		return wrong(normaliser, node, "a whole number");
	if (number.kind == NODE_FLOAT && number.number == floor(number.number) &&
	    fabs(number.number) < 1e15) {
		number.kind = NODE_INTEGER;
		number.integer = (int64_t)number.number;
	}
	if (number.kind != NODE_INTEGER)
		return wrong(normaliser, node, "a whole number");
	node->kind = NODE_INTEGER;
	node->integer = number.integer;
	return 0;
}

int scalar_to_number(struct normaliser *normaliser, struct node *node)
{
	struct node number = *node;
	if (node->kind == NODE_TEXT && !strchr(node->text, '_'))
		yaml_resolve(&number);
	if (number.kind == NODE_INTEGER) {
		number.kind = NODE_FLOAT;
		number.number = (double)number.integer;
	}
	if (number.kind != NODE_FLOAT || !isfinite(number.number))
		return wrong(normaliser, node, "a number");
	node->kind = NODE_FLOAT;
	node->number = number.number;
	return 0;
}

/* Powers of 1,024 that b, k, m, g, t and p stand for, with "i" and "b" behind; -1: none. */
static int unit_power(const char *unit)
{
	static const char *const units = "kmgtp";
	while (*unit == ' ')
		unit++;
	const char *found = *unit ? strchr(units, tolower((unsigned char)*unit)) : NULL;
	int power = found ? (int)(found - units) + 1 : 0;
	unit += found ? 1 : 0;
	if (found && tolower((unsigned char)*unit) == 'i')
		unit++;
	if (tolower((unsigned char)*unit) == 'b')
		unit++;
	return *unit ? -1 : power;
}

int scalar_to_size(struct normaliser *normaliser, struct node *node)
{
	char out[40];
	if (node->kind != NODE_TEXT && node->kind != NODE_INTEGER)
		return wrong(normaliser, node, "a size such as 64m or 1g");
	if (node->kind == NODE_INTEGER && node->integer >= 0) {
		snprintf(out, sizeof out, "%lld", (long long)node->integer);
		return set_text(normaliser, node, out);
	}
	size_t digits = strspn(node->text, "0123456789.");
	int power = digits ? unit_power(node->text + digits) : -1;
	double bytes = power < 0 ? -1 : strtod(node->text, NULL) * (double)(1ULL << 10 * power);
	if (bytes < 0 || bytes > 9e15) {
		const char *unit = node->text + digits + strspn(node->text + digits, " ");
		bool known = digits && digits < 20 && *unit && strchr("bkmgtpBKMGTP", *unit);
		snprintf(out, sizeof out, "%.*s%c", (int)(digits < 20 ? digits : 20), node->text,
			 tolower((unsigned char)*unit));
		return nearly(normaliser, node, "a size such as 64m or 1g", known ? out : NULL);
	}
	snprintf(out, sizeof out, "%.0f", floor(bytes));
	return set_text(normaliser, node, out);
}

static const struct unit {
	const char *name;
	double ns;
} units[] = {
	{"ns", 1},   {"us", 1e3},   {"µs", 1e3},    {"ms", 1e6},        {"s", 1e9},
	{"m", 60e9}, {"h", 3600e9}, {"d", 86400e9}, {"w", 7 * 86400e9},
};

/* The unit at *at, with the longest name that fits; moves *at behind it. */
static double take_unit(const char **at)
{
	const struct unit *best = NULL;
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (strncmp(*at, units[i].name, strlen(units[i].name)) == 0 &&
		    (!best || strlen(units[i].name) > strlen(best->name)))
			best = &units[i];
	*at += best ? strlen(best->name) : 0;
	return best ? best->ns : 0;
}

/* Sum of NUMBER UNIT; negative when it is not that. */
static double parse_duration_text(const char *text)
{
	double sum = 0;
	const char *at = text;
	if (strcmp(text, "0") == 0)
		return 0;
	while (*at) {
		char *end;
		if (!isdigit((unsigned char)*at) && *at != '.')
			return -1;
		double number = strtod(at, &end);
		at = end;
		double unit = take_unit(&at);
		if (unit <= 0)
			return -1;
		sum += number * unit;
	}
	return *text ? sum : -1;
}

/* A number of units with as many decimals as it has, none of them a trailing zero. */
static void print_fraction(char *out, size_t capacity, uint64_t ns, uint64_t unit, const char *name)
{
	char fraction[16] = "";
	if (ns % unit) {
		int digits = 0;
		for (uint64_t rest = unit; rest > 1; rest /= 10)
			digits++;
		snprintf(fraction, sizeof fraction, ".%0*llu", digits,
			 (unsigned long long)(ns % unit));
		for (size_t end = strlen(fraction); fraction[end - 1] == '0'; end--)
			fraction[end - 1] = 0;
	}
	snprintf(out, capacity, "%llu%s%s", (unsigned long long)(ns / unit), fraction, name);
}

/* As Go's time.Duration prints itself: "1h0m5.5s", "100ms", "0s". */
static void print_duration(uint64_t ns, char out[64])
{
	char seconds[40];
	uint64_t minutes = ns / 60000000000ULL, rest = ns % 60000000000ULL;
	if (ns == 0) {
		memcpy(out, "0s", sizeof "0s");
		return;
	}
	if (ns < 1000000000ULL) {
		uint64_t unit = ns < 1000 ? 1 : ns < 1000000 ? 1000 : 1000000;
		print_fraction(out, 64, ns, unit, unit == 1 ? "ns" : unit == 1000 ? "µs" : "ms");
		return;
	}
	print_fraction(seconds, sizeof seconds, rest, 1000000000ULL, "s");
	if (minutes >= 60)
		snprintf(out, 64, "%lluh%llum%s", (unsigned long long)(minutes / 60),
			 (unsigned long long)(minutes % 60), seconds);
	else if (minutes)
		snprintf(out, 64, "%llum%s", (unsigned long long)minutes, seconds);
	else
		snprintf(out, 64, "%s", seconds);
}

/* "10sec" → "10s", "5 min" → "5m", "10" → "10s"; NULL when there is no guess. */
static const char *near_duration(const char *text, char out[64])
{
	size_t digits = strspn(text, "0123456789.");
	const char *unit = text + digits + strspn(text + digits, " ");
	bool thousandth = strncasecmp(unit, "milli", 5) == 0 || strncasecmp(unit, "ms", 2) == 0;
	if (!digits || digits > 20 || (*unit && !strchr("smhdwSMHDW", *unit)))
		return NULL;
	snprintf(out, 64, "%.*s%s", (int)digits, text,
		 thousandth ? "ms" : (char[]){*unit ? (char)tolower((unsigned char)*unit) : 's', 0});
	return out;
}

int scalar_to_duration(struct normaliser *normaliser, struct node *node)
{
	char out[64];
	double ns = node->kind == NODE_TEXT ? parse_duration_text(node->text) : -1;
	if (ns < 0 || ns > 9e18)
		return nearly(normaliser, node, "a duration such as 30s or 1m30s",
			      near_duration(node->text, out));
	print_duration((uint64_t)(ns + 0.5), out);
	return set_text(normaliser, node, out);
}

uint64_t duration_ns(const char *text)
{
	double ns = parse_duration_text(text);
	return ns < 0 ? 0 : (uint64_t)(ns + 0.5);
}
