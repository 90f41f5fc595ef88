// SPDX-License-Identifier: Apache-2.0
#include "init/config/command_line.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct machine machine;
	static struct command_line_problems problems;
	char line[2 * COMMAND_LINE_MAX];
	if (size >= sizeof line)
		return 0;
	memcpy(line, data, size);
	line[size] = 0;
	machine_init(&machine);
	if (command_line_parse(line, &machine, &problems) < 0 && problems.count == 0)
		__builtin_trap();
	return 0;
}
