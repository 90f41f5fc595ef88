// SPDX-License-Identifier: Apache-2.0
/* The image settings, as far as they are about signatures. */
#include "images/signatures/signature_policy.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const images[] = {"nginx", "localhost:5000/a/b:1", "registry.example/team/x"};
	static char block[512 * 1024];
	static struct settings_file file;
	if (size > SETTINGS_FILE_MAX)
		return 0;
	memcpy(file.text, data, size);
	file.text[size] = 0;
	file.size = size;
	for (size_t i = 0; i < sizeof images / sizeof *images; i++) {
		struct signature_rule rule;
		struct reference reference;
		struct arena arena;
		arena_init(&arena, block, sizeof block);
		reference_parse(images[i], &reference, NULL);
		if (signature_rule_find(&file, &reference, &arena, &rule, NULL) == 0 &&
		    rule.action == SIGNATURE_REQUIRE &&
		    (rule.key_count == 0 || (!rule.any_identity && !*rule.identity)))
			abort();
		signature_rule_close(&rule);
	}
	return 0;
}
