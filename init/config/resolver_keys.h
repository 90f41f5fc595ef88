// SPDX-License-Identifier: Apache-2.0
/* How a container finds names and is found: resolv.conf, its domain; and its platform. */
#ifndef BERTH_INIT_CONFIG_RESOLVER_KEYS_H
#define BERTH_INIT_CONFIG_RESOLVER_KEYS_H

#include "init/config/container_options.h"

enum { RESOLV_CONF_MAX = 2048 };

/* The container's resolv.conf: its own servers, domains and options, and for those of the three that
 * it has none of, the machine's. What would not fit is left out line by line. */
void resolver_compose(const struct resolver_config *own, const char *machine,
		      char out[RESOLV_CONF_MAX]);

container_setter add_dns, add_dns_search, add_dns_option, set_domainname, set_platform;

#endif
