// SPDX-License-Identifier: Apache-2.0
/* The short forms of Compose, each of which becomes the long one. */
#ifndef BERTH_INIT_CONFIG_DOCUMENT_FORMS_H
#define BERTH_INIT_CONFIG_DOCUMENT_FORMS_H

#include "init/config/document/normalise.h"

/* "[ADDRESS:][PUBLISHED:]TARGET[/PROTOCOL]" with ranges; the whole list. */
schema_form form_ports;
/* "[SOURCE:]TARGET[:OPTIONS]"; one item. */
schema_form form_volume;
/* "SOURCE[:TARGET[:PERMISSIONS]]"; one item. */
schema_form form_device;
/* A list of names becomes a map of them. */
schema_form form_networks, form_depends_on;
/* One name or path, or a list, becomes a list of maps. */
schema_form form_secret, form_config, form_env_files, form_include, form_extends;
/* A test as a text is for a shell. */
schema_form form_health_test, check_health_test, check_test_words, check_hook;
/* -1, for no limit, stays as it is. */
schema_form form_no_limit;
/* One number is both limits, and stays as it is. */
schema_form form_ulimit;
/* A map or list of HOST=ADDRESS becomes a list of "HOST=ADDRESS". */
schema_form form_extra_hosts;
/* "external: {name: X}" of old. */
schema_form form_external;
/* driver_opts are a map, and no list. */
schema_form form_options;
/* Values that must be of a form of their own. */
schema_form check_image, check_port_range, check_network_mode, check_restart, check_signal,
	check_capability, check_expose, check_address, check_subnet, check_mac, check_user, check_absolute,
	check_ipam, check_pid, check_ipc, check_device_rules, check_device_access;

/* A map with the scalar members that are given as NAME, TEXT pairs, NULL at the end; NULL values
 * are left out. NULL, reported, when there is no room. */
struct node *form_map(struct normaliser *normaliser, const struct node *like, ...)
	__attribute__((sentinel));

#endif
