// SPDX-License-Identifier: Apache-2.0
#include "init/config/logging.h"

#include "init/config/keys.h"
#include "lib/cleanup.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_LEAST = 4096, TERMINAL_MOST = 1000, DAEMON = 3 };

static int copy(struct machine *machine, const char *value, const char **out, struct error *err)
{
	*out = arena_strdup(&machine->arena, value);
	return *out ? 0 : error_set(err, "too many settings");
}

static int set_bool(const char *value, bool *out, struct error *err)
{
	*out = strcmp(value, "true") == 0;
	return *out || strcmp(value, "false") == 0
		       ? 0
		       : error_set(err, "\"%.20s\" is neither true nor false", value);
}

/* "true", "false", or true with a size, "80x24". */
int set_tty(struct machine *machine, const char *value, struct error *err)
{
	struct container_config *container = machine->container;
	unsigned columns, rows;
	int end = 0;
	container->columns = container->rows = 0;
	if (!isdigit((unsigned char)*value))
		return set_bool(value, &container->tty, err);
	if (strlen(value) > 9 || sscanf(value, "%4ux%4u%n", &columns, &rows, &end) != 2 ||
	    value[end] || columns > TERMINAL_MOST || rows > TERMINAL_MOST)
		return error_set(err, "\"%.20s\" is not true, false or a size such as 80x24", value);
	container->tty = true;
	container->columns = columns;
	container->rows = rows;
	return 0;
}

int set_stdin_open(struct machine *machine, const char *value, struct error *err)
{
	return set_bool(value, &machine->container->stdin_open, err);
}

static const char *const drivers[] = {
	[LOG_CONSOLE] = "console", [LOG_NONE] = "none", [LOG_JSON_FILE] = "json-file",
	[LOG_LOCAL] = "local", [LOG_SYSLOG] = "syslog",
};

int set_log_driver(struct machine *machine, const char *value, struct error *err)
{
	for (size_t i = LOG_CONSOLE; i < countof(drivers); i++)
		if (strcmp(value, drivers[i]) == 0) {
			machine->container->log.driver = (enum log_driver)i;
			return 0;
		}
	return error_set(err, "\"%.40s\" is none of console, none, json-file, local, syslog", value);
}

static int set_size(struct log_config *log, const char *value, struct error *err)
{
	if (parse_size(value, &log->file_bytes, err) < 0)
		return -1;
	return log->file_bytes < FILE_LEAST || log->file_bytes > INT64_MAX
		       ? error_set(err, "\"%.40s\" is less than 4K", value)
		       : 0;
}

static int set_count(struct log_config *log, const char *value, struct error *err)
{
	char *end;
	unsigned long count = strtoul(value, &end, 10);
	if (!isdigit((unsigned char)*value) || *end || count < 1 || count > LOG_FILES_MAX)
		return error_set(err, "\"%.20s\" is not a number from 1 to %d", value,
				 LOG_FILES_MAX);
	log->file_count = (unsigned)count;
	return 0;
}

int set_log_max_size(struct machine *machine, const char *value, struct error *err)
{
	return set_size(&machine->container->log, value, err);
}

int set_log_max_file(struct machine *machine, const char *value, struct error *err)
{
	return set_count(&machine->container->log, value, err);
}

int set_machine_log_max_size(struct machine *machine, const char *value, struct error *err)
{
	return set_size(&machine->log, value, err);
}

int set_machine_log_max_file(struct machine *machine, const char *value, struct error *err)
{
	return set_count(&machine->log, value, err);
}

/* Host and port behind "udp://". */
static bool take_host(const char *text, struct syslog_server *out)
{
	const char *end = *text == '[' ? strchr(text, ']') : text + strcspn(text, ":/");
	const char *host = *text == '[' ? text + 1 : text;
	if (!end || end == host || (size_t)(end - host) >= sizeof out->host)
		return false;
	memcpy(out->host, host, (size_t)(end - host));
	out->host[end - host] = 0;
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:";
	if (out->host[strspn(out->host, letters)])
		return false;
	end += *end == ']';
	if (!*end)
		return true;
	char *rest;
	unsigned long port = *end == ':' && isdigit((unsigned char)end[1])
				     ? strtoul(end + 1, &rest, 10)
				     : 0;
	if (port < 1 || port > UINT16_MAX || *rest)
		return false;
	out->port = (uint16_t)port;
	return true;
}

int parse_syslog_server(const char *text, struct syslog_server *out, struct error *err)
{
	*out = (struct syslog_server){.tcp = strncmp(text, "tcp://", 6) == 0, .port = SYSLOG_PORT};
	if (strncmp(text, "tcp+tls:", 8) == 0)
		return error_set(err, "\"%.60s\": syslog is spoken by UDP and TCP: for TLS let a service pass it on, whose "
				      "port is published at 127.0.0.1", text);
	if ((!out->tcp && strncmp(text, "udp://", 6) != 0) || !take_host(text + 6, out))
		return error_set(err, "\"%.60s\" is not an address such as udp://HOST:514 or "
				      "tcp://HOST:514", text);
	return 0;
}

static int set_server(struct machine *machine, struct log_config *log, const char *value,
		      struct error *err)
{
	struct syslog_server server;
	return parse_syslog_server(value, &server, err) < 0
		       ? -1
		       : copy(machine, value, &log->syslog, err);
}

int set_log_syslog(struct machine *machine, const char *value, struct error *err)
{
	return set_server(machine, &machine->container->log, value, err);
}

int set_machine_log_syslog(struct machine *machine, const char *value, struct error *err)
{
	return set_server(machine, &machine->log, value, err);
}

int parse_facility(const char *text, unsigned *out, struct error *err)
{
	static const char *const names[24] = {
		"kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news",
		"uucp", "cron", "authpriv", "ftp", "ntp", "security", "console", "solaris-cron",
		"local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
	};
	char *end;
	unsigned long number = strtoul(text, &end, 10);
	for (unsigned i = 0; i < countof(names); i++)
		if (strcmp(names[i], text) == 0 ||
		    (isdigit((unsigned char)*text) && !*end && number == i)) {
			*out = i;
			return 0;
		}
	return error_set(err, "\"%.20s\" is not a facility of syslog such as daemon or local0",
			 text);
}

static int set_facility(struct machine *machine, struct log_config *log, const char *value,
			struct error *err)
{
	unsigned number;
	return parse_facility(value, &number, err) < 0 ? -1
						       : copy(machine, value, &log->facility, err);
}

int set_log_facility(struct machine *machine, const char *value, struct error *err)
{
	return set_facility(machine, &machine->container->log, value, err);
}

int set_machine_log_facility(struct machine *machine, const char *value, struct error *err)
{
	return set_facility(machine, &machine->log, value, err);
}

int set_log_tag(struct machine *machine, const char *value, struct error *err)
{
	size_t length = strlen(value);
	for (const char *c = value; *c; c++)
		if (*c <= ' ' || *c > '~' || strchr("{}", *c))
			length = 0;
	if (!length || length > LOG_TAG_MAX)
		return error_set(err, "\"%.60s\" is not a tag: 1 to %d printable characters, without "
				      "blanks and templates", value, LOG_TAG_MAX);
	return copy(machine, value, &machine->container->log.tag, err);
}

int set_machine_log_console(struct machine *machine, const char *value, struct error *err)
{
	static const char *const names[] = {"all", "problems", "none"};
	for (size_t i = 0; i < countof(names); i++)
		if (strcmp(value, names[i]) == 0) {
			machine->log_console = (enum log_console)i;
			return 0;
		}
	return error_set(err, "\"%.20s\" is none of all, problems, none", value);
}

int set_machine_log_file(struct machine *machine, const char *value, struct error *err)
{
	return set_bool(value, &machine->log_kept, err);
}

static const char *first_of(const char *own, const char *other)
{
	return own ? own : other;
}

void log_route_find(const struct machine *machine, const struct container_config *container,
		    struct log_route *out)
{
	static const struct log_config nothing;
	const struct log_config *own = container ? &container->log : &nothing, *all = &machine->log;
	const char *name = container ? container->name : "berth";
	const char *facility = first_of(own->facility, first_of(all->facility, "daemon"));
	bool inherits = own->driver == LOG_INHERIT;
	*out = (struct log_route){
		.console = own->driver == LOG_NONE ? LOG_CONSOLE_NONE : machine->log_console,
		.kept = own->driver == LOG_JSON_FILE || own->driver == LOG_LOCAL ||
			(inherits && machine->log_kept),
		.file_bytes = own->file_bytes   ? own->file_bytes
			      : all->file_bytes ? all->file_bytes
						: LOG_BYTES_DEFAULT,
		.file_count = own->file_count   ? own->file_count
			      : all->file_count ? all->file_count
						: LOG_FILES_DEFAULT,
	};
	if (own->driver == LOG_SYSLOG)
		out->syslog = first_of(own->syslog, all->syslog);
	else if (inherits)
		out->syslog = all->syslog;
	if (parse_facility(facility, &out->facility, NULL) < 0)
		out->facility = DAEMON;
	snprintf(out->tag, sizeof out->tag, "%s", own->tag ? own->tag : name ? name : "container");
}

int logging_check(const struct machine *machine, const struct container_config *container,
		  struct error *err)
{
	const struct log_config *own = &container->log;
	bool files = own->file_bytes || own->file_count;
	bool server = own->syslog || own->facility || own->tag;
	if (own->driver == LOG_SYSLOG && !own->syslog && !machine->log.syslog)
		return error_set(err, "berth.log.driver=syslog needs berth.log.syslog=udp://HOST:514 or "
				      "the machine's berth.machine-log.syslog");
	if (server && own->driver != LOG_SYSLOG)
		return error_set(err, "berth.log.syslog, .facility and .tag need "
				      "berth.log.driver=syslog");
	if (files && own->driver != LOG_JSON_FILE && own->driver != LOG_LOCAL)
		return error_set(err, "berth.log.max-size and .max-file need berth.log.driver=json-file "
				      "or local");
	return 0;
}
