// SPDX-License-Identifier: Apache-2.0
/* The value of berth.port=, any bytes. */
#include "init/net/network.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	struct port_mapping mapping;
	struct error err = ERROR_INIT;
	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = 0;
	bool good = port_mapping_parse(text, &mapping, &err) == 0;
	if (good ? !mapping.machine || !mapping.container : !err.text[0])
		abort();
	char again[PORT_MAPPING_TEXT];
	struct port_mapping same;
	if (good)
		port_mapping_format(&mapping, again);
	if (good && (port_mapping_parse(again, &same, &err) < 0 || same.container != mapping.container ||
		     !port_mapping_clashes(&same, &mapping)))
		abort();
	free(text);
	return 0;
}
