// SPDX-License-Identifier: Apache-2.0
#include "init/config/keys.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Up to 18 digits at *text; moves *text behind them. -1 when there is none. */
static int take_number(const char **text, uint64_t *out)
{
	const char *at = *text;
	uint64_t value = 0;
	while (isdigit((unsigned char)*at) && at - *text < 18)
		value = value * 10 + (uint64_t)(*at++ - '0');
	if (at == *text || isdigit((unsigned char)*at))
		return -1;
	*text = at;
	*out = value;
	return 0;
}

static int unit_shift(const char *unit)
{
	static const char *const units = "bkmgt";
	if (!*unit)
		return 0;
	const char *found = strchr(units, tolower((unsigned char)*unit));
	if (!found)
		return -1;
	unit++;
	if (*unit == 'i')
		unit++;
	if (tolower((unsigned char)*unit) == 'b')
		unit++;
	return *unit ? -1 : (int)(found - units) * 10;
}

int parse_size(const char *text, uint64_t *out, struct error *err)
{
	const char *at = text;
	uint64_t value;
	int shift;
	if (take_number(&at, &value) < 0 || (shift = unit_shift(at)) < 0 ||
	    value > (UINT64_MAX >> 1) >> shift)
		return error_set(err, "\"%.40s\" is not a size: write it like 64M or 1G", text);
	*out = value << shift;
	return 0;
}

int parse_duration(const char *text, uint64_t most, uint64_t *out, struct error *err)
{
	const char *at = text;
	if (take_number(&at, out) < 0 || *at || *out > most)
		return error_set(err, "\"%.40s\" is not a number of seconds (0 to %llu)", text,
				 (unsigned long long)most);
	return 0;
}

int parse_milliseconds(const char *text, uint64_t most, uint64_t *out, struct error *err)
{
	static const struct {
		const char *name;
		uint64_t milliseconds;
	} units[] = {{"ms", 1}, {"s", 1000}, {"", 1000}, {"m", 60000}, {"h", 3600000}};
	const char *at = text;
	uint64_t value;
	size_t unit = 0;
	if (take_number(&at, &value) == 0)
		while (unit < sizeof units / sizeof *units && strcmp(units[unit].name, at) != 0)
			unit++;
	else
		unit = sizeof units / sizeof *units;
	if (unit == sizeof units / sizeof *units || value > most / units[unit].milliseconds)
		return error_set(err, "\"%.40s\" is not a time such as 500ms, 30s, 1m or 2h", text);
	*out = value * units[unit].milliseconds;
	return 0;
}

int parse_cpus(const char *text, uint64_t *millis, struct error *err)
{
	const char *at = text;
	uint64_t whole = 0, part = 0;
	if (take_number(&at, &whole) < 0 && *at != '.')
		goto bad;
	if (*at == '.') {
		at++;
		for (uint64_t weight = 100; isdigit((unsigned char)*at); at++, weight /= 10)
			part += (uint64_t)(*at - '0') * weight;
	}
	if (*at || whole > 4096)
		goto bad;
	*millis = whole * 1000 + part;
	if (*millis >= 10)
		return 0;
bad:
	return error_set(err, "\"%.40s\" is not a number of CPUs: write it like 2 or 0.5, at least 0.01",
			 text);
}

int parse_restart(const char *text, enum restart_policy *policy, unsigned *max, struct error *err)
{
	static const struct {
		const char *name;
		enum restart_policy policy;
	} names[] = {
		{"no", RESTART_NO},
		{"on-failure", RESTART_ON_FAILURE},
		{"always", RESTART_ALWAYS},
		{"unless-stopped", RESTART_UNLESS_STOPPED},
	};
	*max = 0;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		size_t length = strlen(names[i].name);
		if (strncmp(text, names[i].name, length) != 0)
			continue;
		const char *rest = text + length;
		uint64_t count = 0;
		if (names[i].policy == RESTART_ON_FAILURE && *rest == ':') {
			rest++;
			if (take_number(&rest, &count) < 0 || count < 1 || count > 1000000)
				break;
		}
		if (*rest)
			continue;
		*policy = names[i].policy;
		*max = (unsigned)count;
		return 0;
	}
	return error_set(err, "\"%.40s\" is not a restart policy: no, on-failure[:N], always or "
			      "unless-stopped", text);
}

int parse_choice(const char *text, const char *const *names, struct error *err)
{
	char all[128] = "";
	for (int i = 0; names[i]; i++) {
		if (strcmp(text, names[i]) == 0)
			return i;
		size_t used = strlen(all);
		snprintf(all + used, sizeof all - used, "%s%s", i ? ", " : "", names[i]);
	}
	return error_set(err, "\"%.40s\" is none of %s", text, all);
}

int keep_text(struct machine *machine, const char *text, const char **out, struct error *err)
{
	*out = arena_strdup(&machine->arena, text);
	return *out ? 0 : error_set(err, "more than %d bytes of settings", MACHINE_ARENA);
}
