// SPDX-License-Identifier: Apache-2.0
#include "init/config/document/schema.h"

#include "lib/suggest.h"

#include <string.h>

const struct schema_key *schema_find(const struct schema_key *rows, const char *name)
{
	for (; rows && rows->name; rows++)
		if (strcmp(rows->name, name) == 0)
			return rows;
	return NULL;
}

static const char *nth_key(const void *context, size_t i)
{
	for (const struct schema_key *row = context; row && row->name; row++)
		if (!row->refused && i-- == 0)
			return row->name;
	return NULL;
}

const char *schema_suggest(const struct schema_key *rows, const char *name)
{
	return suggest(name, nth_key, rows);
}

enum { CHOICES_MAX = 16, CHOICE_LENGTH = 40 };

struct choices {
	size_t count;
	char words[CHOICES_MAX][CHOICE_LENGTH];
};

static void split_choices(const char *text, struct choices *out)
{
	out->count = 0;
	while (*text && out->count < CHOICES_MAX) {
		size_t length = strcspn(text, "|");
		snprintf(out->words[out->count++], CHOICE_LENGTH, "%.*s", (int)length, text);
		text += length + (text[length] == '|');
	}
}

static const char *nth_choice(const void *context, size_t i)
{
	const struct choices *choices = context;
	return i < choices->count ? choices->words[i] : NULL;
}

const char *schema_suggest_choice(const char *choices, const char *word, char out[40])
{
	struct choices list;
	split_choices(choices, &list);
	const char *near = suggest(word, nth_choice, &list);
	if (!near)
		return NULL;
	snprintf(out, CHOICE_LENGTH, "%s", near);
	return out;
}

bool schema_is_choice(const char *choices, const char *word)
{
	struct choices list;
	split_choices(choices, &list);
	for (size_t i = 0; i < list.count; i++)
		if (strcmp(list.words[i], word) == 0)
			return true;
	return false;
}
