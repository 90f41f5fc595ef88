// SPDX-License-Identifier: Apache-2.0
/* process.json of exec, over a container's configuration. */
#include "runtime/oci/config.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct process_spec *process)
{
	for (size_t i = 0; i < process->args.count; i++)
		if (!process->args.items[i])
			abort();
	if (process->args.count == 0 || process->args.items[process->args.count] != NULL)
		abort();
	if (process->working_dir && process->working_dir[0] != '/')
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char block[4 * 1024 * 1024];
	struct oci_config config = {.block = NULL};
	struct process_spec process = {.terminal = false};
	struct error err = ERROR_INIT;
	arena_init(&config.arena, block, sizeof block);
	if (oci_process_parse(&config, "process.json", (const char *)data, size, &process, &err) == 0)
		check(&process);
	else if (!err.text[0] || strpbrk(err.text, "\n\r\033"))
		abort();
	return 0;
}
