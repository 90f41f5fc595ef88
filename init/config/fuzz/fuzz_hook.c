// SPDX-License-Identifier: Apache-2.0
/* Hooks and tests as the texts that PID 1 takes from the configuration worker. */
#include "init/config/hooks.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char memory[HOOK_ARENA], text[HOOK_TEXT_MAX + 100];

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena;
	struct hook hook;
	struct health_config health;
	enum check which;
	struct test test;
	static const struct string_list no_shell;
	if (size >= sizeof text)
		return 0;
	memcpy(text, data, size);
	text[size] = 0;
	arena_init(&arena, memory, sizeof memory);
	if (parse_hook(text, &arena, &hook, NULL) == 0) {
		test_make(&hook.test, &no_shell, &test);
		if (!test.words.count || (hook.working_dir && *hook.working_dir != '/'))
			abort();
	}
	arena_init(&arena, memory, sizeof memory);
	if (parse_check(text, &arena, &which, &health, NULL) == 0) {
		test_make(&health.test, &no_shell, &test);
		if (!test.words.count || test.kind == TEST_SLEEP || which >= CHECK_COUNT ||
		    !health.delay_ms)
			abort();
	}
	return 0;
}
