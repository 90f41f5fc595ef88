// SPDX-License-Identifier: Apache-2.0
/* What is wrong with a document: every problem with its place, key, reason and suggestion. */
#ifndef BERTH_INIT_CONFIG_DOCUMENT_PROBLEM_H
#define BERTH_INIT_CONFIG_DOCUMENT_PROBLEM_H

#include "lib/node.h"

#include <stdio.h>

enum { PROBLEMS_MAX = 100, DOCUMENT_LAYERS_MAX = 16 };

enum problem_level {
	PROBLEM_WARNING,     /* the document holds all the same */
	PROBLEM_UNSUPPORTED, /* a correct key that this version of the machine does not carry out */
	PROBLEM_ERROR,
	PROBLEM_LEVELS,
};

struct problem {
	enum problem_level level;
	struct position at;
	char key[160];       /* "services.web.ports[0].target", or "" */
	char text[300];      /* one line */
	char suggestion[80]; /* what to write instead, or "" */
};

struct problems {
	const char
		*files[DOCUMENT_LAYERS_MAX]; /* names by position.file; further files have none */
	unsigned count[PROBLEM_LEVELS];      /* also of those that are not kept */
	unsigned kept_count;
	struct problem kept[PROBLEMS_MAX];
};

/* Adds one. `suggestion` may be NULL. Always returns -1. */
int problem_add(struct problems *problems, enum problem_level level, struct position at,
		const char *key, const char *suggestion, const char *format, ...)
	__attribute__((format(printf, 6, 7)));
/* "compose.yaml:12:5", or the name alone, or "" for a made-up value. */
const char *problem_place(const struct problems *problems, struct position at, char out[160]);
/* "PLACE: LEVEL: KEY: TEXT (did you mean SUGGESTION?)" without the line's end. */
void problem_format(const struct problems *problems, const struct problem *problem, char *out,
		    size_t capacity);
/* All of them, a line each, and how many are not shown. */
void problems_print(const struct problems *problems, FILE *out);

#endif
