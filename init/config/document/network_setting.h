// SPDX-License-Identifier: Apache-2.0
/* What a document says of networks, for those that make settings of it: one network
 * (settings_networks.c) and who is on it (settings_attachments.c). */
#ifndef BERTH_INIT_CONFIG_DOCUMENT_NETWORK_SETTING_H
#define BERTH_INIT_CONFIG_DOCUMENT_NETWORK_SETTING_H

#include "init/config/document/settings.h"
#include "init/config/networks.h"

/* What is said of one network, as a setting of networks.h. */
struct network_setting {
	struct binder *binder;
	const struct node *whole;
	size_t used;
	char out[NETWORK_TEXT_MAX + 1];
};

/* One more word, "KEY=VALUE" or either alone; refused when it does not fit. */
void network_setting_put(struct network_setting *setting, const char *key, const char *value);

/* What the document says of that network, or NULL. */
const struct node *document_network(const struct binder *binder, const char *name);
/* Docker's own networks, which are there without being made: "host", "none", "bridge"; else NULL. */
const char *network_docker_mode(const struct binder *binder, const char *name);
/* Whether all services are on one network of which nothing is said (plain_network.c). */
bool network_is_plain(const struct binder *binder);
/* The option of a network that is about the ports of those on it. */
extern const char network_host_binding[];

/* Refuses with the path of that member of what the path is at. */
void settings_refuse_member(struct binder *binder, const struct node *member, const char *why);

#endif
