// SPDX-License-Identifier: Apache-2.0
/* A bundle's config.json, with its seccomp part compiled as for a start. */
#include "runtime/oci/config.h"
#include "runtime/oci/mount_options.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct oci_config config;
	struct error err = ERROR_INIT;
	if (oci_config_parse(&config, "/bundle", (const char *)data, size, &err) < 0) {
		if (!err.text[0] || strpbrk(err.text, "\n\r\033"))
			abort();
	} else if (!config.spec.root_path || config.spec.root_path[0] != '/') {
		abort();
	}
	oci_config_free(&config);
	return 0;
}
