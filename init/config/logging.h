// SPDX-License-Identifier: Apache-2.0
/*
 * Where output goes: the console, a syslog server, files on the data disk. Each container may have
 * a driver of its own, as Docker has them; what it does not say is the machine's.
 */
#ifndef BERTH_INIT_CONFIG_LOGGING_H
#define BERTH_INIT_CONFIG_LOGGING_H

#include "init/config/container_options.h"

enum {
	LOG_TAG_MAX = 48,         /* RFC 5424's APP-NAME */
	LOG_FILES_MAX = 100,
	LOG_FILES_DEFAULT = 3,
	LOG_BYTES_DEFAULT = 10 << 20,
	SYSLOG_PORT = 514,
};

/* "udp://log.example:514", "tcp://[fd00::1]"; the port is 514 when there is none. */
struct syslog_server {
	bool tcp;
	char host[254];
	uint16_t port;
};
int parse_syslog_server(const char *text, struct syslog_server *out, struct error *err);

/* "daemon" or "3" → a facility of RFC 5424, 0 to 23. */
int parse_facility(const char *text, unsigned *out, struct error *err);

/* Where one stream goes, the container's own settings over the machine's. */
struct log_route {
	enum log_console console;
	const char *syslog; /* NULL: to no server */
	unsigned facility;
	char tag[LOG_TAG_MAX + 1];
	bool kept; /* in a file of its name */
	uint64_t file_bytes;
	unsigned file_count;
};
/* `container` may be NULL: the machine's own lines, under the name "berth". */
void log_route_find(const struct machine *machine, const struct container_config *container,
		    struct log_route *out);

/* Whether what is said of it goes together. */
int logging_check(const struct machine *machine, const struct container_config *container,
		  struct error *err);

container_setter set_tty, set_stdin_open, set_log_driver, set_log_max_size, set_log_max_file,
	set_log_syslog, set_log_facility, set_log_tag, set_machine_log_console,
	set_machine_log_syslog, set_machine_log_facility, set_machine_log_file,
	set_machine_log_max_size, set_machine_log_max_file;

#endif
