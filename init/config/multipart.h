// SPDX-License-Identifier: Apache-2.0
/*
 * MIME messages with several parts (RFC 2045, RFC 2046, section 5.1), as far as user data uses
 * them: one level, transfer encodings 7bit, 8bit, binary and base64.
 */
#ifndef BERTH_INIT_CONFIG_MULTIPART_H
#define BERTH_INIT_CONFIG_MULTIPART_H

#include "lib/error.h"

#include <stdbool.h>
#include <stddef.h>

struct multipart {
	char delimiter[80]; /* "--" and the boundary */
	const char *at; /* the line behind the last delimiter, NULL when there are no more parts */
};

struct multipart_part {
	char type[80];     /* lower case, without parameters; "text/plain" when none is stated */
	bool base64;       /* the body is encoded */
	char encoding[24]; /* another encoding that is not understood, "" when there is none */
	const char *body;  /* in the text, not NUL-terminated */
	size_t size;
};

/* Whether the text begins with a header, that is with a MIME-Version or Content-Type line. */
bool multipart_is_message(const char *text);
/* Reads the message's own header. `text` is NUL-terminated and must stay alive. */
int multipart_begin(struct multipart *message, const char *text, struct error *err);
/* 1: the next part; 0: there are no more; -1: it has no end. */
int multipart_next(struct multipart *message, struct multipart_part *part, struct error *err);

#endif
