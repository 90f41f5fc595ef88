// SPDX-License-Identifier: Apache-2.0
/* Image references: whatever is accepted has a normal form that means the same. */
#include "images/reference.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reference reference, again;
	char text[2048], normal[REFERENCE_TEXT_MAX];
	if (size >= sizeof text)
		return 0;
	memcpy(text, data, size);
	text[size] = 0;
	if (reference_parse(text, &reference, NULL) < 0)
		return 0;
	reference_format(&reference, normal);
	if (reference_parse(normal, &again, NULL) < 0 ||
	    strcmp(reference.registry, again.registry) != 0 ||
	    strcmp(reference.repository, again.repository) != 0 ||
	    strcmp(reference_target(&reference), reference_target(&again)) != 0)
		abort();
	return 0;
}
