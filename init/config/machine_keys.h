// SPDX-License-Identifier: Apache-2.0
/* What the machine is whatever its containers are: its name, address, time, data disk, watchdog and end. */
#ifndef BERTH_INIT_CONFIG_MACHINE_KEYS_H
#define BERTH_INIT_CONFIG_MACHINE_KEYS_H

#include "init/config/container_options.h"

/* Setters for the table of keys. */
container_setter set_on_exit, set_deadline, set_data_disk, set_watchdog, set_watchdog_device,
	set_rescue, set_ide, set_hostname, add_time_server, set_ip;

#endif
