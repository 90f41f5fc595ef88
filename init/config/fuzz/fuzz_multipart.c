// SPDX-License-Identifier: Apache-2.0
/* MIME messages with several parts: every body lies in the text, in order and without overlap. */
#include "init/config/multipart.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct multipart_part *part, const char *from, const char *end)
{
	if (part->body < from || part->body > end || part->size > (size_t)(end - part->body))
		abort();
	if (!memchr(part->type, 0, sizeof part->type) ||
	    !memchr(part->encoding, 0, sizeof part->encoding))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct multipart message;
	struct multipart_part part;
	struct error err = ERROR_INIT;
	int got = 0;
	char *text = malloc(size + 1);
	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = 0;
	const char *from = text, *end = text + strlen(text);
	(void)multipart_is_message(text);
	if (multipart_begin(&message, text, &err) == 0) {
		while ((got = multipart_next(&message, &part, &err)) == 1) {
			check(&part, from, end);
			from = part.body + part.size;
		}
		if (got < 0 && !err.text[0])
			abort();
	} else if (!err.text[0]) {
		abort();
	}
	free(text);
	return 0;
}
