// SPDX-License-Identifier: Apache-2.0
/* What metadata services and firmware say beside documents: meta-data, the goal state of Azure, the
 * settings of NoCloud. The first byte chooses. */
#include "init/config/sources/table.h"

#include "init/config/sources/goal_state.h"
#include "init/config/sources/meta_data.h"

#include <stdint.h>
#include <stdlib.h>

enum { INPUT_MAX = 16 << 10 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char text[INPUT_MAX + 1];
	static struct config_search search;
	char name[CONFIG_HOSTNAME], body[1024];
	if (size < 1 || size > INPUT_MAX)
		return 0;
	memcpy(text, data + 1, size - 1);
	text[size - 1] = 0;
	switch (data[0]) {
	case 'm':
		meta_data_hostname(text, size - 1, name);
		if (strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.") !=
		    strlen(name))
			abort();
		break;
	case 'g':
		if (goal_state_answer(text, body, sizeof body, NULL) == 0 && !strstr(body, "Ready"))
			abort();
		break;
	case 's':
		search.seed = text;
		source_nocloud_net.hint(&search);
		break;
	default:
		break;
	}
	return 0;
}
