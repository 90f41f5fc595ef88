// SPDX-License-Identifier: Apache-2.0
#include "init/config/document/problem.h"

#include "lib/text.h"

#include <stdarg.h>
#include <string.h>

static int same(const struct problem *a, const struct problem *b)
{
	return a->at.file == b->at.file && a->at.line == b->at.line &&
	       a->at.column == b->at.column && strcmp(a->text, b->text) == 0 &&
	       strcmp(a->key, b->key) == 0;
}

int problem_add(struct problems *problems, enum problem_level level, struct position at,
		const char *key, const char *suggestion, const char *format, ...)
{
	struct problem problem = {.level = level, .at = at};
	va_list ap;
	va_start(ap, format);
	vsnprintf(problem.text, sizeof problem.text, format, ap);
	va_end(ap);
	snprintf(problem.key, sizeof problem.key, "%s", key ? key : "");
	snprintf(problem.suggestion, sizeof problem.suggestion, "%s", suggestion ? suggestion : "");
	text_one_line(problem.text);
	text_one_line(problem.key);
	text_one_line(problem.suggestion);
	/* A value that several services take from one anchor is wrong once. */
	for (unsigned i = 0; i < problems->kept_count; i++)
		if (same(&problems->kept[i], &problem))
			return -1;
	problems->count[level]++;
	if (problems->kept_count < PROBLEMS_MAX)
		problems->kept[problems->kept_count++] = problem;
	return -1;
}

const char *problem_place(const struct problems *problems, struct position at, char out[160])
{
	const char *name = at.file < DOCUMENT_LAYERS_MAX ? problems->files[at.file] : NULL;
	if (!name)
		name = "document";
	if (at.line)
		snprintf(out, 160, "%.120s:%u:%u", name, at.line, at.column);
	else
		snprintf(out, 160, "%.120s", name);
	return out;
}

void problem_format(const struct problems *problems, const struct problem *problem, char *out,
		    size_t capacity)
{
	static const char *const levels[] = {"warning: ", "not supported: ", "error: "};
	char place[160];
	bool hint = problem->suggestion[0];
	snprintf(out, capacity, "%s: %s%s%s%s%s%s%s", problem_place(problems, problem->at, place),
		 levels[problem->level], problem->key, problem->key[0] ? ": " : "", problem->text,
		 hint ? " (did you mean " : "", problem->suggestion, hint ? "?)" : "");
}

void problems_print(const struct problems *problems, FILE *out)
{
	char line[800];
	unsigned all = 0;
	for (unsigned i = 0; i < problems->kept_count; i++) {
		problem_format(problems, &problems->kept[i], line, sizeof line);
		fprintf(out, "%s\n", line);
	}
	for (int level = 0; level < PROBLEM_LEVELS; level++)
		all += problems->count[level];
	if (all > problems->kept_count)
		fprintf(out, "and %u more\n", all - problems->kept_count);
}
