// SPDX-License-Identifier: Apache-2.0
/* HOST, HOST:PORT, [ADDRESS]:PORT. */
#include "init/clock/ntp.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[400];
	struct ntp_server server;
	struct error err = ERROR_INIT;
	if (size >= sizeof text)
		return 0;
	memcpy(text, data, size);
	text[size] = 0;
	if (ntp_server_parse(text, &server, &err) < 0) {
		if (!err.text[0] || strpbrk(err.text, "\n\r\033"))
			abort();
	} else if (!server.host[0] || !server.port || strpbrk(server.host, " /[]\n")) {
		abort();
	}
	return 0;
}
