// SPDX-License-Identifier: Apache-2.0
/* Values of header fields; the first byte says of which. */
#include "images/http/http_fields.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(char field, const char *text)
{
	struct content_range range;
	uint64_t length;
	switch (field) {
	case 'r':
		if (content_range_parse(text, &range) &&
		    (range.first > range.last || (range.has_total && range.total <= range.last)))
			abort();
		return;
	case 'a':
		if (retry_after_parse(text, 784111777) > RETRY_AFTER_LONGEST)
			abort();
		return;
	case 'd':
		if (http_date_parse(text) && retry_after_parse(text, 0) > RETRY_AFTER_LONGEST)
			abort();
		return;
	case 'l':
		content_length_parse(text, &length);
		return;
	default:
		content_coding_parse(text);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	char *text = malloc(size);
	if (!text)
		return 0;
	memcpy(text, data + 1, size - 1);
	text[size - 1] = 0;
	check((char)data[0], text);
	free(text);
	return 0;
}
