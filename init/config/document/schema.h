// SPDX-License-Identifier: Apache-2.0
/*
 * The table of everything that a document may say (the Compose Specification's keys that make sense
 * on one machine, and x-berth). From its rows documents are checked, brought from short to long
 * form, merged, mapped to settings of the machine, and documented; and a JSON Schema is printed.
 */
#ifndef BERTH_INIT_CONFIG_DOCUMENT_SCHEMA_H
#define BERTH_INIT_CONFIG_DOCUMENT_SCHEMA_H

#include "lib/node.h"

#include <stdio.h>

struct normaliser;
struct schema_key;

enum schema_type {
	SCHEMA_TEXT,   /* a text, of `choices` when there are any */
	SCHEMA_SCALAR, /* text, number or truth value, kept as a text */
	SCHEMA_BOOL,
	SCHEMA_INTEGER,       /* from low to high */
	SCHEMA_NUMBER,        /* such as 0.5; from low to high */
	SCHEMA_SIZE,          /* bytes, such as 64m; kept as a text of digits */
	SCHEMA_DURATION,      /* such as 1m30s; kept as Go prints it */
	SCHEMA_WORDS,         /* a text that is split as a shell does, or a list; or empty */
	SCHEMA_TEXTS,         /* a list of scalars */
	SCHEMA_TEXT_OR_TEXTS, /* the same; one text is a list of one */
	SCHEMA_PAIRS,         /* a map of scalars, or a list of NAME=VALUE */
	SCHEMA_MAP,           /* the members of `members` */
	SCHEMA_NAMED,         /* any names, each with a value of `item` */
	SCHEMA_LIST,          /* values of `item` */
	SCHEMA_ANY,           /* whatever it is */
};

enum schema_flag {
	SCHEMA_NULLABLE = 1,   /* may be empty */
	SCHEMA_NULL_PAIRS = 2, /* a pair may have no value, which is not the same as an empty one */
	SCHEMA_REPLACE = 4,    /* a later list takes the place of an earlier one */
	SCHEMA_NEEDED = 8,
	SCHEMA_NO_MERGE = 16,   /* not taken over by `extends` */
	SCHEMA_DANGEROUS = 32,  /* taken only from sources that are trusted */
	SCHEMA_SHORT_TEXT = 64, /* `form` also takes a text, … (for the JSON Schema) */
	SCHEMA_SHORT_INTEGER = 128,
	SCHEMA_SHORT_BOOL = 256,
	SCHEMA_SHORT_LIST = 512,
	SCHEMA_HOSTS = 1024,     /* the names are HOST[:PORT] */
	SCHEMA_NO_EFFECT = 2048, /* right, and nothing has to be done about it */
	SCHEMA_NUMBERS = 8192,     /* items of a list may be whole numbers */
	SCHEMA_UNSAID = 16384,     /* an empty text is as if the key were not there */
	SCHEMA_OF_SERVICES = 4096, /* done between several services (settings_services.c) */
};

enum form_result { FORM_CHECK, FORM_DONE };

/* Rewrites a short form into the long one, in place. FORM_DONE: nothing is left to check (a mistake
 * has been reported, or the short form stays as it is). */
typedef enum form_result schema_form(struct normaliser *normaliser, struct node *node);

struct schema_key {
	const char *name; /* NULL ends an array of rows; "" in a row that stands for an item */
	enum schema_type type;
	unsigned flags;
	const char *help;
	const struct schema_key *members; /* SCHEMA_MAP; NULL-terminated rows */
	const struct schema_key *item;    /* SCHEMA_NAMED, SCHEMA_LIST */
	const char *choices;              /* "no|always" */
	double low, high;                 /* both 0: any */
	schema_form *form;                /* before the check */
	schema_form *check;               /* after it */
	const char *unique;  /* of a list: the member by which items are the same in a merge */
	const char *refused; /* why there is no such thing here; NULL: there is */
	const char *setting; /* the key of the kernel command line that does it */
};

/* The whole document. */
extern const struct schema_key schema_document;
extern const struct schema_key schema_service;
extern const struct schema_key schema_host[];

/* The row of `name` among NULL-terminated rows, or NULL. */
const struct schema_key *schema_find(const struct schema_key *rows, const char *name);
/* The nearest name among those that are not refused, or NULL. */
const char *schema_suggest(const struct schema_key *rows, const char *name);
/* The nearest of "a|b|c", copied to out, or NULL. */
const char *schema_suggest_choice(const char *choices, const char *word, char out[40]);
bool schema_is_choice(const char *choices, const char *word);

/* The JSON Schema (draft-07) of all documents. */
int schema_print_json(FILE *out, struct error *err);
/* docs/compose.md's tables. */
void schema_print_markdown(FILE *out);

#endif
