// SPDX-License-Identifier: Apache-2.0
/* The Link header (RFC 8288) as registries use it: the next page of a list (distribution-spec 1.1,
 * "Listing Referrers"). */
#ifndef BERTH_IMAGES_HTTP_LINK_HEADER_H
#define BERTH_IMAGES_HTTP_LINK_HEADER_H

#include <stdbool.h>
#include <stddef.h>

/* `header` is what the answer to a request for `path` had, such as </v2/a/referrers/D?last=x>;
 * rel="next". Puts the path of the next page, `path` with another query, into next[capacity]. False,
 * and next is "", when there is none, it does not fit, or the link leads anywhere but to the same
 * list: an answer must not be able to send us elsewhere. */
bool link_next(const char *header, const char *path, char *next, size_t capacity);

#endif
