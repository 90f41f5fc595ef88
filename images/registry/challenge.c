// SPDX-License-Identifier: Apache-2.0
#include "images/registry/challenge.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

enum { NAME_MAX_BYTES = 64, VALUE_MAX_BYTES = 1024 };

/* RFC 9110, section 5.6.2. */
static bool is_token(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c && strchr("!#$%&'*+-.^_`|~", c));
}

static void skip_spaces(const char **at)
{
	*at += strspn(*at, " \t");
}

/* A token; its length, or 0 when there is none or it does not fit. */
static size_t take_token(const char **at, char *out, size_t capacity)
{
	size_t length = 0;
	while (is_token((*at)[length]))
		length++;
	if (length >= capacity)
		return 0;
	memcpy(out, *at, length);
	out[length] = 0;
	*at += length;
	return length;
}

static int take_quoted(const char **at, char *out, size_t capacity, struct error *err)
{
	size_t used = 0;
	const char *c = *at + 1;
	for (; *c && *c != '"'; c++) {
		if (*c == '\\' && c[1])
			c++;
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			return error_set(err, "WWW-Authenticate: control character in a value");
		if (used + 1 >= capacity)
			return error_set(err, "WWW-Authenticate: a value is longer than %zu bytes",
					 capacity - 1);
		out[used++] = *c;
	}
	if (*c != '"')
		return error_set(err, "WWW-Authenticate: a quoted value does not end");
	out[used] = 0;
	*at = c + 1;
	return 0;
}

static int store(struct challenge *challenge, const char *name, const char *value,
		 struct error *err)
{
	const struct {
		const char *name;
		char *out;
		size_t capacity;
	} fields[] = {
		{"realm", challenge->realm, sizeof challenge->realm},
		{"service", challenge->service, sizeof challenge->service},
		{"scope", challenge->scope, sizeof challenge->scope},
		{"error", challenge->error, sizeof challenge->error},
	};
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		if (strcasecmp(name, fields[i].name) != 0)
			continue;
		if (strlen(value) >= fields[i].capacity)
			return error_set(err, "WWW-Authenticate: %s is longer than %zu bytes",
					 fields[i].name, fields[i].capacity - 1);
		memcpy(fields[i].out, value, strlen(value) + 1);
	}
	return 0;
}

/* NAME = TOKEN | "QUOTED". 1: taken; 0: what follows is no parameter. */
static int take_parameter(const char **at, struct challenge *challenge, struct error *err)
{
	char name[NAME_MAX_BYTES], value[VALUE_MAX_BYTES];
	const char *c = *at;
	if (take_token(&c, name, sizeof name) == 0)
		return 0;
	skip_spaces(&c);
	if (*c != '=')
		return 0;
	c++;
	skip_spaces(&c);
	if (*c == '"') {
		if (take_quoted(&c, value, sizeof value, err) < 0)
			return -1;
	} else if (take_token(&c, value, sizeof value) == 0) {
		return 0;
	}
	*at = c;
	return store(challenge, name, value, err) < 0 ? -1 : 1;
}

static int take_parameters(const char **at, struct challenge *challenge, struct error *err)
{
	for (;;) {
		const char *before = *at;
		*at += strspn(*at, " \t,");
		int taken = take_parameter(at, challenge, err);
		if (taken < 0)
			return -1;
		if (taken == 0) {
			*at = before;
			return 0;
		}
	}
}

static enum challenge_scheme scheme_of(const char *name)
{
	if (strcasecmp(name, "bearer") == 0)
		return CHALLENGE_BEARER;
	return strcasecmp(name, "basic") == 0 ? CHALLENGE_BASIC : CHALLENGE_OTHER;
}

int challenge_parse(const char *header, struct challenge out[CHALLENGES_MAX], struct error *err)
{
	int count = 0;
	if (strlen(header) > CHALLENGE_HEADER_MAX)
		return error_set(err, "WWW-Authenticate is longer than %d bytes",
				 CHALLENGE_HEADER_MAX);
	const char *at = header;
	while (count < CHALLENGES_MAX) {
		at += strspn(at, " \t,");
		char name[NAME_MAX_BYTES];
		if (take_token(&at, name, sizeof name) == 0)
			break;
		struct challenge *challenge = &out[count];
		*challenge = (struct challenge){.scheme = scheme_of(name)};
		if (take_parameters(&at, challenge, err) < 0)
			return -1;
		/* The bare credentials some schemes carry (token68) mean nothing to us. */
		at += strcspn(at, ",");
		count++;
	}
	return count;
}
