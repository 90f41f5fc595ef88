// SPDX-License-Identifier: Apache-2.0
/* WWW-Authenticate headers. */
#include "images/registry/challenge.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct challenge list[CHALLENGES_MAX];
	char *text = malloc(size + 1);
	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = 0;
	int count = challenge_parse(text, list, NULL);
	for (int i = 0; i < count; i++)
		if (strlen(list[i].realm) >= sizeof list[i].realm ||
		    strlen(list[i].scope) >= sizeof list[i].scope)
			abort();
	free(text);
	return 0;
}
