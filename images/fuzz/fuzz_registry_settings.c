// SPDX-License-Identifier: Apache-2.0
/* The member "registries" of the image settings. */
#include "images/registry/registry_settings.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct settings_file file;
	static struct registry_settings settings;
	struct reference reference;
	if (size > 64 * 1024)
		return 0;
	memcpy(file.text, data, size);
	file.text[size] = 0;
	file.size = size;
	reference_parse("nginx", &reference, NULL);
	registry_settings_read(&file, &reference, &settings, NULL);
	/* What was accepted is within its bounds. */
	if (settings.peer_count > PEERS_MAX || settings.mirror_count > MIRRORS_MAX)
		abort();
	for (size_t i = 0; i < settings.peer_count; i++)
		if (!settings.peers[i].host || (settings.peers[i].insecure && settings.peers[i].ca))
			abort();
	registry_settings_close(&settings);
	return 0;
}
