// SPDX-License-Identifier: Apache-2.0
/* The resources object of update: what comes out are files of a control group and their texts. */
#include "runtime/oci/config.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct resources *resources)
{
	for (size_t i = 0; i < resources->setting_count; i++) {
		const char *file = resources->settings[i].file;
		if (!resources->settings[i].value || !strchr(file, '.') || strchr(file, '/') ||
		    file[0] == '.' || strncmp(file, "cgroup.procs", 12) == 0)
			abort();
	}
	for (size_t i = 0; i < resources->device_count; i++) {
		const struct device_rule *rule = &resources->devices[i];
		if (!strchr("abc", rule->type) || !rule->access || rule->access & ~DEVICE_ALL ||
		    rule->major < -1 || rule->minor < -1)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char block[4 * 1024 * 1024];
	struct arena arena;
	struct resources resources = {.setting_count = 0};
	struct error err = ERROR_INIT;
	arena_init(&arena, block, sizeof block);
	if (oci_resources_parse(&arena, (const char *)data, size, &resources, &err) == 0)
		check(&resources);
	else if (!err.text[0] || strpbrk(err.text, "\n\r\033"))
		abort();
	return 0;
}
