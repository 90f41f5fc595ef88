// SPDX-License-Identifier: Apache-2.0
/* The JSON Schema (draft-07) of documents, for editors; and docs/compose.md's tables. */
#include "init/config/document/schema.h"

#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

static yyjson_mut_val *describe(yyjson_mut_doc *doc, const struct schema_key *row);

static yyjson_mut_val *of_type(yyjson_mut_doc *doc, const char *type)
{
	yyjson_mut_val *value = yyjson_mut_obj(doc);
	yyjson_mut_obj_add_str(doc, value, "type", type);
	return value;
}

static yyjson_mut_val *of_types(yyjson_mut_doc *doc, const char *const *types)
{
	yyjson_mut_val *value = yyjson_mut_obj(doc), *list = yyjson_mut_arr(doc);
	for (; *types; types++)
		yyjson_mut_arr_add_str(doc, list, *types);
	yyjson_mut_obj_add_val(doc, value, "type", list);
	return value;
}

static yyjson_mut_val *list_of(yyjson_mut_doc *doc, yyjson_mut_val *item)
{
	yyjson_mut_val *value = of_type(doc, "array");
	yyjson_mut_obj_add_val(doc, value, "items", item);
	return value;
}

static yyjson_mut_val *scalar(yyjson_mut_doc *doc)
{
	static const char *const types[] = {"string", "number", "boolean", NULL};
	return of_types(doc, types);
}

static yyjson_mut_val *any_of(yyjson_mut_doc *doc, yyjson_mut_val *a, yyjson_mut_val *b)
{
	yyjson_mut_val *value = yyjson_mut_obj(doc), *list = yyjson_mut_arr(doc);
	yyjson_mut_arr_append(list, a);
	yyjson_mut_arr_append(list, b);
	yyjson_mut_obj_add_val(doc, value, "anyOf", list);
	return value;
}

static void add_choices(yyjson_mut_doc *doc, yyjson_mut_val *value, const char *choices)
{
	yyjson_mut_val *list = yyjson_mut_arr(doc);
	while (*choices) {
		size_t length = strcspn(choices, "|");
		yyjson_mut_arr_add_strncpy(doc, list, choices, length);
		choices += length + (choices[length] == '|');
	}
	/* A variable may stand for the word. */
	yyjson_mut_val *either =
		yyjson_mut_arr_add_obj(doc, yyjson_mut_obj_add_arr(doc, value, "anyOf"));
	yyjson_mut_obj_add_val(doc, either, "enum", list);
	yyjson_mut_val *variable = yyjson_mut_arr_add_obj(doc, yyjson_mut_obj_get(value, "anyOf"));
	yyjson_mut_obj_add_str(doc, variable, "pattern", "\\$");
}

static yyjson_mut_val *pairs(yyjson_mut_doc *doc)
{
	static const char *const types[] = {"string", "number", "boolean", "null", NULL};
	yyjson_mut_val *map = of_type(doc, "object");
	yyjson_mut_obj_add_val(doc, map, "additionalProperties", of_types(doc, types));
	return any_of(doc, map, list_of(doc, of_type(doc, "string")));
}

static yyjson_mut_val *members(yyjson_mut_doc *doc, const struct schema_key *rows)
{
	yyjson_mut_val *map = of_type(doc, "object");
	yyjson_mut_val *properties = yyjson_mut_obj_add_obj(doc, map, "properties");
	yyjson_mut_val *needed = yyjson_mut_arr(doc);
	for (; rows->name; rows++) {
		if (rows->refused)
			continue;
		yyjson_mut_obj_add_val(doc, properties, rows->name, describe(doc, rows));
		if (rows->flags & SCHEMA_NEEDED)
			yyjson_mut_arr_add_str(doc, needed, rows->name);
	}
	if (yyjson_mut_arr_size(needed))
		yyjson_mut_obj_add_val(doc, map, "required", needed);
	yyjson_mut_val *patterns = yyjson_mut_obj_add_obj(doc, map, "patternProperties");
	yyjson_mut_obj_add_obj(doc, patterns, "^x-");
	yyjson_mut_obj_add_bool(doc, map, "additionalProperties", false);
	return map;
}

static yyjson_mut_val *number(yyjson_mut_doc *doc, const struct schema_key *row, const char *type)
{
	yyjson_mut_val *value = of_type(doc, type);
	if (row->low != 0 || row->high != 0) {
		yyjson_mut_obj_add_real(doc, value, "minimum", row->low);
		yyjson_mut_obj_add_real(doc, value, "maximum", row->high);
	}
	return any_of(doc, value, of_type(doc, "string"));
}

static yyjson_mut_val *by_type(yyjson_mut_doc *doc, const struct schema_key *row)
{
	static const char *const text_or_number[] = {"string", "number", NULL};
	static const char *const text_or_bool[] = {"string", "boolean", NULL};
	yyjson_mut_val *map;
	switch (row->type) {
	case SCHEMA_TEXT:
	case SCHEMA_DURATION:
		return of_type(doc, "string");
	case SCHEMA_SCALAR:
		return scalar(doc);
	case SCHEMA_SIZE:
		return of_types(doc, text_or_number);
	case SCHEMA_BOOL:
		return of_types(doc, text_or_bool);
	case SCHEMA_INTEGER:
		return number(doc, row, "integer");
	case SCHEMA_NUMBER:
		return number(doc, row, "number");
	case SCHEMA_TEXTS:
		return list_of(doc, scalar(doc));
	case SCHEMA_WORDS:
	case SCHEMA_TEXT_OR_TEXTS:
		return any_of(doc, scalar(doc), list_of(doc, scalar(doc)));
	case SCHEMA_PAIRS:
		return pairs(doc);
	case SCHEMA_MAP:
		return members(doc, row->members);
	case SCHEMA_NAMED:
		map = of_type(doc, "object");
		yyjson_mut_obj_add_val(doc, map, "additionalProperties", describe(doc, row->item));
		return map;
	case SCHEMA_LIST:
		return list_of(doc, describe(doc, row->item));
	default:
		return yyjson_mut_obj(doc);
	}
}

static yyjson_mut_val *describe(yyjson_mut_doc *doc, const struct schema_key *row)
{
	static const struct {
		unsigned flag;
		const char *type;
	} shorts[] = {
		{SCHEMA_SHORT_TEXT, "string"},  {SCHEMA_SHORT_INTEGER, "integer"},
		{SCHEMA_SHORT_BOOL, "boolean"}, {SCHEMA_SHORT_LIST, "array"},
		{SCHEMA_NULLABLE, "null"},
	};
	yyjson_mut_val *value = by_type(doc, row);
	if (row->choices)
		add_choices(doc, value, row->choices);
	for (size_t i = 0; i < sizeof shorts / sizeof *shorts; i++)
		if (row->flags & shorts[i].flag)
			value = any_of(doc, of_type(doc, shorts[i].type), value);
	if (row->help && *row->name)
		yyjson_mut_obj_add_str(doc, value, "description", row->help);
	return value;
}

int schema_print_json(FILE *out, struct error *err)
{
	yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
	yyjson_mut_val *root = doc ? describe(doc, &schema_document) : NULL;
	char *text = NULL;
	if (root) {
		yyjson_mut_obj_add_str(doc, root, "$schema",
				       "http://json-schema.org/draft-07/schema#");
		yyjson_mut_obj_add_str(doc, root, "title", "A document for Berth");
		yyjson_mut_doc_set_root(doc, root);
		text = yyjson_mut_write(doc, YYJSON_WRITE_PRETTY, NULL);
	}
	yyjson_mut_doc_free(doc);
	if (!text)
		return error_set(err, "no memory for the schema");
	fprintf(out, "%s\n", text);
	free(text);
	return 0;
}
