// SPDX-License-Identifier: Apache-2.0
/* Appliers of the keys of the network beside `ip` (keys.c). */
#ifndef BERTH_INIT_CONFIG_NETWORK_KEYS_H
#define BERTH_INIT_CONFIG_NETWORK_KEYS_H

#include "init/config/machine.h"

int add_link(struct machine *machine, const char *value, struct error *err);
int add_address(struct machine *machine, const char *value, struct error *err);
int add_route(struct machine *machine, const char *value, struct error *err);
int add_name_server(struct machine *machine, const char *value, struct error *err);
int add_search(struct machine *machine, const char *value, struct error *err);
int set_mtu(struct machine *machine, const char *value, struct error *err);

/* The plan of all of them; the texts have been checked. */
void machine_network_plan(const struct machine *machine, struct network_plan *out);

#endif
