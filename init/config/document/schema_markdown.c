// SPDX-License-Identifier: Apache-2.0
#include "init/config/document/schema.h"

#include <string.h>

static const char *type_name(const struct schema_key *row)
{
	static const char *const names[] = {
		[SCHEMA_TEXT] = "text",
		[SCHEMA_SCALAR] = "text or number",
		[SCHEMA_BOOL] = "true, false",
		[SCHEMA_INTEGER] = "whole number",
		[SCHEMA_NUMBER] = "number",
		[SCHEMA_SIZE] = "size",
		[SCHEMA_DURATION] = "duration",
		[SCHEMA_WORDS] = "command",
		[SCHEMA_TEXTS] = "list",
		[SCHEMA_TEXT_OR_TEXTS] = "text or list",
		[SCHEMA_PAIRS] = "map or list",
		[SCHEMA_MAP] = "map",
		[SCHEMA_NAMED] = "map of names",
		[SCHEMA_LIST] = "list",
		[SCHEMA_ANY] = "",
	};
	return names[row->type];
}

static void print_cell(FILE *out, const char *text)
{
	for (; *text; text++)
		fprintf(out, *text == '|' ? "\\%c" : "%c", *text);
}

/* What the machine does with it: the key of the command line, or that it does not. */
static const char *effect(const struct schema_key *row)
{
	if (row->setting)
		return row->setting;
	if (row->flags & SCHEMA_OF_SERVICES)
		return "in a document";
	return row->flags & SCHEMA_NO_EFFECT ? "nothing to do" : "not supported";
}

static bool has_below(const struct schema_key *row)
{
	return row->members || (row->item && row->item->members);
}

/* `done`: what is above has an effect as a whole. */
static void print_rows(FILE *out, const char *prefix, const struct schema_key *rows, bool done)
{
	for (; rows->name; rows++) {
		char name[160];
		bool list = rows->item && rows->type == SCHEMA_LIST,
		     named = rows->type == SCHEMA_NAMED;
		if (rows->refused)
			continue;
		fprintf(out, "| `%s%s` | %s | ", prefix, rows->name, type_name(rows));
		print_cell(out, rows->help);
		if (rows->choices) {
			fputs(" `", out);
			print_cell(out, rows->choices);
			fputs("`", out);
		}
		bool whole = rows->setting || (rows->flags & (SCHEMA_NO_EFFECT | SCHEMA_OF_SERVICES));
		if (done || (has_below(rows) && !whole))
			fputs(" | |\n", out);
		else
			fprintf(out, rows->setting ? " | `%s` |\n" : " | %s |\n", effect(rows));
		snprintf(name, sizeof name, "%s%s%s", prefix, rows->name,
			 list    ? "[]."
			 : named ? ".NAME."
				 : ".");
		if (has_below(rows) && rows != &schema_service && rows->item != &schema_service)
			print_rows(out, name, rows->members ? rows->members : rows->item->members,
				   done || whole);
	}
}

static void print_refused(FILE *out, const char *prefix, const struct schema_key *rows)
{
	for (; rows->name; rows++) {
		if (!rows->refused)
			continue;
		fprintf(out, "| `%s%s` | ", prefix, rows->name);
		print_cell(out, rows->refused);
		fputs(" |\n", out);
	}
}

static void print_head(FILE *out, const char *title)
{
	fprintf(out, "\n## %s\n\n| key | value | meaning | command line |\n|---|---|---|---|\n",
		title);
}

void schema_print_markdown(FILE *out)
{
	const struct schema_key *host = schema_find(schema_document.members, "x-berth");
	fputs("# Keys of a document\n\n"
	      "Generated from the tables in `init/config/document/schema_*.c` by `berth help "
	      "document`.\n"
	      "What a document is, and how it is read, is in [compose.md](compose.md). The last "
	      "column\n"
	      "is the key of the kernel command line that does the same; what is done \"in a document\" "
	      "has\nnone, for it needs one; \"not supported\" is\n"
	      "checked and normalised, and refused by `berth lint` (status 3) and by the "
	      "machine.\n",
	      out);
	print_head(out, "A service");
	print_rows(out, "", schema_service.members, false);
	print_head(out, "The machine: `x-berth`");
	print_rows(out, "", host->members, false);
	print_head(out, "The document");
	print_rows(out, "", schema_document.members, false);
	fputs("\n## What is refused\n\n| key | why |\n|---|---|\n", out);
	print_refused(out, "", schema_document.members);
	print_refused(out, "services.NAME.", schema_service.members);
	print_refused(out, "x-berth.", host->members);
}
