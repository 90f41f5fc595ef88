// SPDX-License-Identifier: Apache-2.0
#include "lib/suggest.h"

#include <string.h>

enum { WORD_MAX = 64 };

static size_t smallest(size_t a, size_t b, size_t c)
{
	size_t least = a < b ? a : b;
	return least < c ? least : c;
}

/* Levenshtein distance over two rows; words of WORD_MAX and more are never near. */
static size_t edit_distance(const char *a, const char *b)
{
	size_t row[WORD_MAX + 1], length_a = strlen(a), length_b = strlen(b);
	if (length_a > WORD_MAX || length_b > WORD_MAX)
		return WORD_MAX;
	for (size_t j = 0; j <= length_b; j++)
		row[j] = j;
	for (size_t i = 1; i <= length_a; i++) {
		size_t diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= length_b; j++) {
			size_t above = row[j];
			row[j] = smallest(row[j] + 1, row[j - 1] + 1,
					  diagonal + (a[i - 1] != b[j - 1]));
			diagonal = above;
		}
	}
	return row[length_b];
}

const char *suggest(const char *word, const char *(*next)(const void *context, size_t i),
		    const void *context)
{
	const char *best = NULL, *candidate;
	size_t limit = strlen(word) / 3 + 1, best_distance = limit + 1;
	for (size_t i = 0; (candidate = next(context, i)); i++) {
		size_t distance = edit_distance(word, candidate);
		if (distance < best_distance) {
			best_distance = distance;
			best = candidate;
		}
	}
	return best;
}
