// SPDX-License-Identifier: Apache-2.0
/* The words of which the texts of networks and of places on them are made (networks.h). */
#ifndef BERTH_INIT_CONFIG_NETWORK_WORDS_H
#define BERTH_INIT_CONFIG_NETWORK_WORDS_H

#include "init/config/networks.h"

/* "key=value", or "key" alone with "" behind it. */
struct network_word {
	char *key, *value;
};

/* A copy that network_word_next() may cut, and one that stays. */
int network_keep_text(struct machine *machine, const char *value, const char **kept, char **cut,
		      struct error *err);
bool network_word_next(char **rest, struct network_word *out);

/* Addresses of hosts. */
int network_parse_address(const char *text, struct in_addr *out, struct error *err);
int network_parse_address6(const char *text, struct in6_addr *out, struct error *err);
/* Of either family. */
int network_parse_any(const char *text, struct plan_address *out, struct error *err);
/* As `ip link` takes it, and no path. */
int network_parse_device(const char *text, char out[IFNAMSIZ], struct error *err);

#endif
