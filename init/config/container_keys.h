// SPDX-License-Identifier: Apache-2.0
/* What a container is before any option: its image, command, environment, network and limits. */
#ifndef BERTH_INIT_CONFIG_CONTAINER_KEYS_H
#define BERTH_INIT_CONFIG_CONTAINER_KEYS_H

#include "init/config/container_options.h"

/* Setters for the table of keys. */
container_setter set_image, set_name, set_command, set_entrypoint, add_env, set_user,
	set_working_dir, add_port, set_network, set_memory, set_cpus, set_pids, set_restart,
	set_restart_delay, set_restart_window, set_stop_timeout;

#endif
