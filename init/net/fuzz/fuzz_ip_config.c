// SPDX-License-Identifier: Apache-2.0
/* The value of ip=, any bytes. What is accepted must be usable as it stands. */
#include "init/net/ipv4.h"
#include "init/net/network.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	struct ip_config config;
	struct error err = ERROR_INIT;
	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = 0;
	if (ip_config_parse(text, &config, &err) == 0) {
		bool four = config.client.s_addr != 0;
		bool six = !IN6_IS_ADDR_UNSPECIFIED(&config.client6);
		if (config.dns_count + config.dns6_count > NET_DNS_MAX || config.prefix > 32 ||
		    config.prefix6 > 128 || !config.present ||
		    four + six + config.dhcp + config.off != 1 || six != (config.prefix6 != 0) ||
		    (six && IN6_IS_ADDR_MULTICAST(&config.client6)) ||
		    (four && !ipv4_is_host(config.client, config.prefix)))
			abort();
	} else if (!err.text[0]) {
		abort();
	}
	free(text);
	return 0;
}
