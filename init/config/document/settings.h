// SPDX-License-Identifier: Apache-2.0
/* Inside document_settings: one value becomes one or more settings (settings_value.c). */
#ifndef BERTH_INIT_CONFIG_DOCUMENT_SETTINGS_H
#define BERTH_INIT_CONFIG_DOCUMENT_SETTINGS_H

#include "init/config/document/document.h"
#include "init/config/document/normalise.h"

struct binder {
	struct machine_document *document;
	struct setting_list *out;
	struct normaliser normaliser; /* for its path */
	unsigned service;             /* that is being bound */
	bool several;                 /* containers: they have names, and wait for each other */
	unsigned replica, replicas;   /* which container of the service, from 0, and of how many */
	bool plain_network;           /* all are on one, of which nothing is said */
	bool told_of_disk, named_project; /* of binds */
};

/* The value of a row that has a setting; `parent` is the map it stands in. */
void settings_value(struct binder *binder, const struct node *node, const struct schema_key *row,
		    const struct node *parent);
/* Networks (settings_networks.c), who is on them, and names for those who are on the same
 * (settings_attachments.c). */
void settings_networks(struct binder *binder);
void settings_attachments(struct binder *binder, const struct node *service);
void settings_link(struct binder *binder, const struct node *service, const struct node *link);
/* The network by which it leads out, of IPv4 or of IPv6, or NULL: none does, or its network is not one of
 * the document's. */
const struct node *settings_way_out(const struct binder *binder, const struct node *service, bool six);
/* The machine's address of ports that say none, by that network's driver_opts, or NULL: all. */
const char *settings_host_binding(const struct binder *binder, const struct node *service);
/* The machine has nothing but IPv6, and so have containers that say nothing of networks. */
bool settings_ipv6_alone(const struct binder *binder);
/* Ports (settings_ports.c); the first call is for the document, the other is what settings_value() calls. */
void settings_known_ports(const struct binder *binder);
void settings_ports(struct binder *binder, const struct node *node, const struct schema_key *row,
		    const struct node *parent);
/* What a service says of others: depends_on, links, networks (settings_services.c). */
void settings_services(struct binder *binder, const struct node *service);
/* Its hooks, further tests, and what else Pods say of containers (settings_hooks.c). */
void settings_hooks(struct binder *binder, const struct node *service);
/* Volumes of a service (settings_mounts.c), and one that is a bind mount (settings_binds.c). */
void settings_mounts(struct binder *binder, const struct node *list, const struct node *service);
void settings_bind(struct binder *binder, const struct node *service, const struct node *mount);
/* Those of the document that are no folders of the store (settings_volumes.c). */
void settings_volumes(struct binder *binder);
/* The values of secrets and configs, for the machine, and which of them a service has
 * (settings_files.c). */
void settings_contents(struct binder *binder);
void settings_files(struct binder *binder, const struct node *service);
/* pid, ipc, uts and cgroup; devices (settings_sharing.c). As what settings_value() calls. */
void settings_share(struct binder *binder, const struct node *node, const struct schema_key *row,
		    const struct node *parent);
void settings_devices(struct binder *binder, const struct node *node, const struct schema_key *row,
		      const struct node *parent);
/* What does not go together. */
void settings_conflicts(struct binder *binder, const struct node *service);
/* privileged, security_opt (settings_security.c); the same. */
void settings_privileged(struct binder *binder, const struct node *node,
			 const struct schema_key *row, const struct node *parent);
void settings_security(struct binder *binder, const struct node *node, const struct schema_key *row,
		       const struct node *parent);
/* The service that "service:NAME" or "container:NAME" is, or NULL. */
const char *settings_shared(const struct binder *binder, const struct node *node);
/* A row for settings_add() of what is dangerous by its value. */
extern const struct schema_key settings_dangerous;
/* Drivers of logging and their options (settings_logging.c). */
void settings_logging(struct binder *binder, const struct node *logging);
/* x-berth: registries, signatures, credentials (settings_images.c). */
void settings_images(struct binder *binder, const struct node *machine);
/* How many containers the service has: what `scale` or deploy.replicas says, else 1. */
unsigned settings_replicas(const struct node *service);
/* x-berth.network and x-berth.disks.data (settings_host.c). */
void settings_machine_network(struct binder *binder, const struct node *node, const struct schema_key *row,
		      const struct node *parent);
void settings_data_disk(struct binder *binder, const struct node *node,
			const struct schema_key *row, const struct node *parent);
/* Adds one; the value is copied. `row` may be NULL. */
void settings_add(struct binder *binder, const struct node *from, const struct schema_key *row,
		  const char *key, const char *value);
/* The layers that the value and all below it come from, as in struct setting. */
uint32_t settings_layers(const struct node *node);
/* Reports a value that is right and cannot be done. */
void settings_refuse(struct binder *binder, const struct node *from, const char *why);

#endif
