// SPDX-License-Identifier: Apache-2.0
/* Docker's config.json. */
#include "images/registry/auth.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {"nginx", "localhost:5000/app", "paths.example/team/x"};
	struct credentials found;
	struct reference reference;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		reference_parse(names[i], &reference, NULL);
		credentials_find((const char *)data, size, &reference, &found, NULL);
	}
	return 0;
}
