// SPDX-License-Identifier: Apache-2.0
#include "init/config/url_template.h"

#include "lib/cleanup.h"
#include "lib/suggest.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

static const char *const known[] = {"uuid", "serial", "mac", "hostname"};

static const char *nth_known(const void *context, size_t i)
{
	(void)context;
	return i < countof(known) ? known[i] : NULL;
}

static int value_of(const char *name, const struct url_names *names, const char **out,
		    struct error *err)
{
	const char *const values[] = {names->uuid, names->serial, names->mac, names->hostname};
	for (size_t i = 0; i < countof(known); i++) {
		if (strcmp(name, known[i]) != 0)
			continue;
		*out = values[i];
		if (!*out || !**out)
			return error_set(err, "${%s}: this machine has none", name);
		return 0;
	}
	const char *near = suggest(name, nth_known, NULL);
	return error_set(err, "${%.40s} is not known: %s%s%s", name,
			 near ? "did you mean ${" : "there are ",
			 near ? near : "${uuid}, ${serial}, ${mac} and ${hostname", "}");
}

struct writer {
	char *out;
	size_t used, capacity;
	bool full;
};

static void put(struct writer *writer, char c)
{
	if (writer->used + 1 < writer->capacity)
		writer->out[writer->used++] = c;
	else
		writer->full = true;
}

static void put_encoded(struct writer *writer, const char *text)
{
	static const char hex[] = "0123456789ABCDEF";
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		if (isalnum(c) || strchr("-._~", c)) {
			put(writer, *text);
			continue;
		}
		put(writer, '%');
		put(writer, hex[c >> 4]);
		put(writer, hex[c & 15]);
	}
}

/* A name in the text at `at`: its end, and which one it is in `name`; NULL when none begins here.
 */
static const char *take_name(const char *at, char *name, size_t capacity)
{
	static const struct {
		const char *begin, *end;
	} forms[] = {{"${", "}"}, {"__dmi.product-", "__"}};
	for (size_t i = 0; i < countof(forms); i++) {
		size_t length = strlen(forms[i].begin);
		if (strncmp(at, forms[i].begin, length) != 0)
			continue;
		const char *end = strstr(at + length, forms[i].end);
		if (!end || (size_t)(end - at) - length >= capacity)
			continue;
		memcpy(name, at + length, (size_t)(end - at) - length);
		name[(size_t)(end - at) - length] = 0;
		return end + strlen(forms[i].end);
	}
	return NULL;
}

int url_template_fill(const char *text, const struct url_names *names, char *out, size_t capacity,
		      struct error *err)
{
	struct writer writer = {.out = out, .capacity = capacity};
	while (*text) {
		char name[48];
		const char *value = "", *end = take_name(text, name, sizeof name);
		if (!end) {
			put(&writer, *text++);
			continue;
		}
		if (value_of(name, names, &value, err) < 0)
			return -1;
		put_encoded(&writer, value);
		text = end;
	}
	out[writer.used] = 0;
	return writer.full ? error_set(err, "the address is longer than %zu bytes", capacity - 1)
			   : 0;
}
