// SPDX-License-Identifier: Apache-2.0
#include "init/config/smbios.h"

#include <string.h>

enum { TYPE = 0, LENGTH = 1, HEADER = 4, END_OF_TABLE = 127 };

/* Behind a structure's fixed part stand its strings, each with a NUL; an empty one ends them. Looks
 * for the prefix, moves *at behind the strings. */
static const char *search_strings(const unsigned char **at, const unsigned char *end,
				  const char *prefix)
{
	const char *found = NULL;
	size_t length = prefix ? strlen(prefix) : 0;
	const unsigned char *string = *at;
	if (string + 1 < end && !string[0] && !string[1]) { /* none: two NULs */
		*at = string + 2;
		return NULL;
	}
	for (;;) {
		const unsigned char *stop =
			string < end ? memchr(string, 0, (size_t)(end - string)) : NULL;
		if (!stop) {
			*at = end;
			return found;
		}
		if (stop == string) {
			*at = stop + 1;
			return found;
		}
		if (prefix && !found && (size_t)(stop - string) >= length &&
		    memcmp(string, prefix, length) == 0)
			found = (const char *)string + length;
		string = stop + 1;
	}
}

const char *smbios_string(const void *table, size_t size, unsigned type, const char *prefix)
{
	const unsigned char *at = table, *end = at + size;
	while ((size_t)(end - at) > HEADER && at[LENGTH] >= HEADER &&
	       at[LENGTH] <= (size_t)(end - at) && at[TYPE] != END_OF_TABLE) {
		int wanted = at[TYPE] == type;
		at += at[LENGTH];
		const char *found = search_strings(&at, end, wanted ? prefix : NULL);
		if (found)
			return found;
	}
	return NULL;
}
