// SPDX-License-Identifier: Apache-2.0
#include "images/http/link_header.h"

#include <string.h>
#include <strings.h>

/* Whether the parameters up to the next link say that this one is the next page. */
static bool is_next(const char *parameters, const char *end)
{
	for (const char *at = parameters; at < end; at++) {
		if (strncasecmp(at, "rel=", 4) != 0)
			continue;
		at += 4;
		at += *at == '"';
		if (strncasecmp(at, "next", 4) == 0 && at + 4 <= end &&
		    (at[4] == 0 || strchr("\" ;,", at[4])))
			return true;
	}
	return false;
}

/* Where the query of the list's own address begins in url[0..length), NULL when it is another. */
static const char *own_query(const char *url, size_t length, const char *path)
{
	size_t own = strcspn(path, "?");
	const char *query = memchr(url, '?', length);
	if (!query || (size_t)(query - url) < own || strncmp(query - own, path, own) != 0)
		return NULL;
	return query - own == url || query[-(ptrdiff_t)own - 1] == '/' ? query : NULL;
}

/* It becomes part of a request. */
static bool is_safe(const char *query, const char *end)
{
	for (; query < end; query++)
		if (*query <= 0x20 || *query >= 0x7f || *query == '#')
			return false;
	return true;
}

bool link_next(const char *header, const char *path, char *next, size_t capacity)
{
	size_t own = strcspn(path, "?");
	*next = 0;
	for (const char *open = strchr(header, '<'); open; open = strchr(open + 1, '<')) {
		const char *close = strchr(open, '>');
		if (!close)
			return false;
		const char *query = own_query(open + 1, (size_t)(close - open - 1), path);
		if (!is_next(close, close + strcspn(close, "<")) || !query ||
		    !is_safe(query, close) || own + (size_t)(close - query) >= capacity)
			continue;
		memcpy(next, path, own);
		memcpy(next + own, query, (size_t)(close - query));
		next[own + (size_t)(close - query)] = 0;
		return true;
	}
	return false;
}
