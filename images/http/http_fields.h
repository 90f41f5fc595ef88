// SPDX-License-Identifier: Apache-2.0
/* Values of HTTP header fields (RFC 9110). Whatever is not well-formed is as good as not sent. */
#ifndef BERTH_IMAGES_HTTP_HTTP_FIELDS_H
#define BERTH_IMAGES_HTTP_HTTP_FIELDS_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* Section 14.4, unit "bytes" only. */
struct content_range {
	uint64_t first, last; /* first <= last */
	bool has_total;       /* not "*" */
	uint64_t total;       /* > last */
};

enum { RETRY_AFTER_LONGEST = 86400 };

enum content_coding {
	CODING_NONE, /* "identity", or empty */
	CODING_GZIP,
	CODING_OTHER,
};

/* False when the value is not of the form FIRST-LAST/TOTAL, or does not make sense. */
bool content_range_parse(const char *value, struct content_range *out);
/* A number without sign; false when it is none, or does not fit. */
bool content_length_parse(const char *value, uint64_t *out);
/* Section 5.6.7, in any of its three forms; seconds since 1970, or 0 when it is none of them. */
time_t http_date_parse(const char *value);
/* Section 10.2.3: seconds from `now` on, of a number or of a date in one of the three forms of
 * section 5.6.7; 0 when it is neither or has passed; RETRY_AFTER_LONGEST at most. */
unsigned retry_after_parse(const char *value, time_t now);
/* Section 8.4. Several codings are CODING_OTHER. */
enum content_coding content_coding_parse(const char *value);

#endif
