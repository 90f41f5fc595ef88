// SPDX-License-Identifier: Apache-2.0
/* How images are got: registries, places before them, the policy, settings and credentials. */
#ifndef BERTH_INIT_CONFIG_IMAGE_KEYS_H
#define BERTH_INIT_CONFIG_IMAGE_KEYS_H

#include "init/config/container_options.h"

/* Setters for the table of keys. */
container_setter add_insecure, add_connect, set_pull_policy, set_pull_deadline, add_image_url,
	set_image_settings, set_credentials;

#endif
