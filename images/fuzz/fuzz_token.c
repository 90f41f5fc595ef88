// SPDX-License-Identifier: Apache-2.0
/* The answer of a token service. */
#include "images/registry/token.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char authorization[AUTHORIZATION_MAX];
	unsigned lifetime;
	if (token_parse((const char *)data, size, authorization, &lifetime, NULL) < 0)
		return 0;
	/* It becomes a header: one line, and nothing but a token in it. */
	if (strncmp(authorization, "Bearer ", 7) != 0 || strpbrk(authorization + 7, " \r\n\t"))
		abort();
	return 0;
}
