// SPDX-License-Identifier: Apache-2.0
/* Where the metadata file comes from, and what it must be to be taken. */
#ifndef BERTH_INIT_CONFIG_SOURCE_KEYS_H
#define BERTH_INIT_CONFIG_SOURCE_KEYS_H

#include "init/config/container_options.h"

/* Setters for the table of keys. */
container_setter set_config, set_config_profiles, set_config_digest, set_config_ca,
	set_config_trust, set_config_timeout;

#endif
