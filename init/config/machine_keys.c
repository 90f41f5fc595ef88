// SPDX-License-Identifier: Apache-2.0
#include "init/config/machine_keys.h"

#include "init/clock/ntp.h"
#include "init/config/data_disk.h"
#include "init/config/keys.h"
#include "init/supervise/watchdog.h"

#include <string.h>

int set_on_exit(struct machine *machine, const char *value, struct error *err)
{
	static const char *const names[] = {"poweroff", "reboot", "hold", NULL};
	int action = parse_choice(value, names, err);
	if (action >= 0)
		machine->on_exit = (enum exit_action)action;
	return action < 0 ? -1 : 0;
}

int set_deadline(struct machine *machine, const char *value, struct error *err)
{
	return parse_duration(value, RUN_LONGEST_S, &machine->deadline_s, err);
}

int set_data_disk(struct machine *machine, const char *value, struct error *err)
{
	struct data_disk disk;
	if (data_disk_parse(value, &disk, err) < 0)
		return -1;
	return keep_text(machine, value, &machine->data_disk, err);
}

int set_watchdog(struct machine *machine, const char *value, struct error *err)
{
	enum { LEAST_S = 5, LONGEST_S = 600 };
	if (parse_duration(value, LONGEST_S, &machine->watchdog_s, err) < 0)
		return -1;
	return machine->watchdog_s && machine->watchdog_s < LEAST_S
		       ? error_set(err, "\"%.40s\" is less than %d seconds: a disk may take as long",
				   value, LEAST_S)
		       : 0;
}

int set_watchdog_device(struct machine *machine, const char *value, struct error *err)
{
	if (watchdog_device_check(value, err) < 0)
		return -1;
	return keep_text(machine, value, &machine->watchdog_device, err);
}

int set_rescue(struct machine *machine, const char *value, struct error *err)
{
	static const char *const names[] = {"never", "on-failure", "at-start", NULL};
	int policy = parse_choice(value, names, err);
	if (policy >= 0)
		machine->rescue = (enum rescue_policy)policy;
	return policy < 0 ? -1 : 0;
}

int set_ide(struct machine *machine, const char *value, struct error *err)
{
	static const char *const names[] = {"when-needed", "always", "never", NULL};
	int policy = parse_choice(value, names, err);
	if (policy >= 0)
		machine->ide = (enum ide_policy)policy;
	return policy < 0 ? -1 : 0;
}

int set_hostname(struct machine *machine, const char *value, struct error *err)
{
	size_t length = strlen(value);
	if (length == 0 || length >= sizeof machine->hostname || *value == '-' ||
	    strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.") !=
		    length)
		return error_set(err, "\"%.70s\" is not a host name: 1 to 64 letters, digits, - and .",
				 value);
	memcpy(machine->hostname, value, length + 1);
	return 0;
}

/* "none" leaves the list empty, whoever else names a server. */
int add_time_server(struct machine *machine, const char *value, struct error *err)
{
	struct ntp_server server;
	machine->time_servers_given = true;
	if (strcmp(value, "none") == 0)
		return 0;
	if (ntp_server_parse(value, &server, err) < 0)
		return -1;
	if (machine->time_servers.count == NTP_SERVERS_MAX)
		return error_set(err, "more than %d time servers", NTP_SERVERS_MAX);
	return string_list_add(&machine->time_servers, &machine->arena, value, err);
}

int set_ip(struct machine *machine, const char *value, struct error *err)
{
	return ip_config_parse(value, &machine->ip, err);
}
