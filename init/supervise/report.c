// SPDX-License-Identifier: Apache-2.0
#include "init/supervise/report.h"

#include "init/config/networks.h"
#include "init/net/ipv4.h"
#include "init/supervise/config_values.h"
#include "init/supervise/debug_console.h"
#include "init/supervise/ledger.h"
#include "init/supervise/memory.h"
#include "lib/cleanup.h"
#include "lib/file.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <yyjson.h>

static const char port_name[] = "org.berth.report";

static void add_time(yyjson_mut_doc *doc, yyjson_mut_val *object, const char *key, time_t when)
{
	char text[32] = "";
	struct tm parts;
	if (when && gmtime_r(&when, &parts))
		strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
	if (*text)
		yyjson_mut_obj_add_strcpy(doc, object, key, text);
	else
		yyjson_mut_obj_add_null(doc, object, key);
}

static void add_image(yyjson_mut_doc *doc, yyjson_mut_val *object, const struct instance *instance)
{
	const struct pull_result *image = instance->image;
	const char *name = image ? image->reference : instance->config->image;
	yyjson_mut_obj_add_str(doc, object, "image", name ? name : "");
	yyjson_mut_obj_add_str(doc, object, "digest", image ? image->digest : "");
	yyjson_mut_obj_add_str(doc, object, "platform", image ? image->platform : "");
	yyjson_mut_obj_add_str(doc, object, "source", image ? image->source : "");
}

/* The last bytes of a text, from the beginning of a character on. */
static const char *tail(const char *text, size_t most)
{
	size_t length = strlen(text);
	const char *at = length > most ? text + length - most : text;
	while (((unsigned char)*at & 0xc0) == 0x80)
		at++;
	return at;
}

/* All services together have room for OUTPUTS_MAX bytes of what their tests printed. */
static void add_health(yyjson_mut_doc *doc, yyjson_mut_val *object, const struct instance *instance)
{
	enum { OUTPUTS_MAX = 64 * 1024 };
	const struct monitor *monitor = &instance->monitor;
	const struct watch *watch = monitor_health(instance);
	if (!watch) {
		yyjson_mut_obj_add_null(doc, object, "health");
		return;
	}
	yyjson_mut_val *health = yyjson_mut_obj_add_obj(doc, object, "health");
	yyjson_mut_obj_add_str(doc, health, "status", health_status_name(watch->health.status));
	yyjson_mut_obj_add_uint(doc, health, "failing_streak", watch->health.failing);
	yyjson_mut_obj_add_uint(doc, health, "tests", monitor->tests);
	yyjson_mut_obj_add_int(doc, health, "last_status", monitor->last_status);
	yyjson_mut_obj_add_uint(doc, health, "healthy_ns", monitor->healthy_ns);
	yyjson_mut_obj_add_str(doc, health, "last_failure", watch->failure);
	yyjson_mut_obj_add_str(doc, health, "output",
			       tail(monitor_output(instance),
				    OUTPUTS_MAX / instance->machine->container_count));
}

/* Its addresses by network; those of the one whose network it shares stand there. */
static void add_networks(yyjson_mut_doc *doc, yyjson_mut_val *object,
			 const struct container_config *config)
{
	yyjson_mut_val *networks = yyjson_mut_obj_add_obj(doc, object, "networks");
	const struct network_attachment *at =
		config->network == NETWORK_BRIDGE ? config->attachments : NULL;
	for (; at; at = at->next) {
		char text[INET6_ADDRSTRLEN];
		yyjson_mut_val *place = yyjson_mut_obj_add_obj(
			doc, networks, *at->network->name ? at->network->name : "bridge");
		yyjson_mut_obj_add_str(doc, place, "device", at->endpoint.device);
		if (at->network->bridge.prefix) {
			ipv4_format(at->endpoint.address, text);
			yyjson_mut_obj_add_strcpy(doc, place, "address", text);
		}
		if (at->network->bridge.prefix6) {
			inet_ntop(AF_INET6, &at->endpoint.address6, text, sizeof text);
			yyjson_mut_obj_add_strcpy(doc, place, "address6", text);
		}
	}
}

static yyjson_mut_val *container(yyjson_mut_doc *doc, const struct instance *instance)
{
	yyjson_mut_val *object = yyjson_mut_obj(doc);
	const char *name = instance->config->name;
	yyjson_mut_obj_add_str(doc, object, "name", name ? name : "");
	add_image(doc, object, instance);
	yyjson_mut_obj_add_str(doc, object, "state", instance_state_name(instance->state));
	yyjson_mut_obj_add_int(doc, object, "exit_status", instance->exit_status);
	yyjson_mut_obj_add_int(doc, object, "signal", instance->signal);
	yyjson_mut_obj_add_bool(doc, object, "oom", instance->oom);
	yyjson_mut_obj_add_uint(doc, object, "restarts", instance->restarts);
	add_time(doc, object, "started", instance->started);
	add_time(doc, object, "ended", instance->ended);
	yyjson_mut_obj_add_uint(doc, object, "prepared_ns", instance->prepared_ns);
	yyjson_mut_obj_add_uint(doc, object, "decided_ns", instance->decided_ns);
	yyjson_mut_obj_add_uint(doc, object, "started_ns", instance->started_ns);
	yyjson_mut_obj_add_uint(doc, object, "ended_ns", instance->ended_ns);
	yyjson_mut_obj_add_str(doc, object, "error", instance->error.text);
	add_networks(doc, object, instance->config);
	add_health(doc, object, instance);
	return object;
}

static yyjson_mut_val *ledger(yyjson_mut_doc *doc)
{
	yyjson_mut_val *list = yyjson_mut_arr(doc);
	size_t count;
	const struct ledger_entry *entries = ledger_entries(&count);
	for (size_t i = 0; i < count; i++) {
		yyjson_mut_val *object = yyjson_mut_arr_add_obj(doc, list);
		yyjson_mut_obj_add_int(doc, object, "step", step_number(entries[i].step));
		yyjson_mut_obj_add_str(doc, object, "name", step_name(entries[i].step));
		yyjson_mut_obj_add_uint(doc, object, "at_ns", entries[i].at_ns);
		yyjson_mut_obj_add_uint(doc, object, "duration_ns", entries[i].duration_ns);
		yyjson_mut_obj_add_uint(doc, object, "bytes", entries[i].bytes);
		yyjson_mut_obj_add_str(doc, object, "source", entries[i].source);
		yyjson_mut_obj_add_str(doc, object, "decision", entries[i].decision);
	}
	return list;
}

static void add_config(yyjson_mut_doc *doc, yyjson_mut_val *root)
{
	struct config_value value;
	size_t at = 0;
	yyjson_mut_val *list = yyjson_mut_obj_add_arr(doc, root, "config");
	while (config_values_next(&at, &value)) {
		yyjson_mut_val *object = yyjson_mut_arr_add_obj(doc, list);
		yyjson_mut_obj_add_str(doc, object, "key", value.key);
		yyjson_mut_obj_add_str(doc, object, "value", value.value);
		yyjson_mut_obj_add_str(doc, object, "source", value.source);
	}
	yyjson_mut_obj_add_bool(doc, root, "config_cut", config_values_cut());
}

static void add_memory(yyjson_mut_doc *doc, yyjson_mut_val *root)
{
	struct memory_sample sample;
	memory_last_sample(&sample);
	yyjson_mut_val *object = yyjson_mut_obj_add_obj(doc, root, "memory");
	yyjson_mut_obj_add_uint(doc, object, "berth_bytes", sample.bytes);
	yyjson_mut_obj_add_uint(doc, object, "berth_processes", sample.processes);
}

int report_build(int status, const char *reason, const struct instance *instances, size_t count,
		 char *out, size_t capacity, struct error *err)
{
	static char pool[2 * REPORT_MAX];
	yyjson_alc allocator;
	yyjson_alc_pool_init(&allocator, pool, sizeof pool);
	yyjson_mut_doc *doc = yyjson_mut_doc_new(&allocator);
	if (!doc)
		return error_set(err, "no room for the report");
	yyjson_mut_val *root = yyjson_mut_obj(doc);
	yyjson_mut_doc_set_root(doc, root);
	yyjson_mut_obj_add_int(doc, root, "version", 1);
	yyjson_mut_obj_add_str(doc, root, "berth", BERTH_VERSION);
	yyjson_mut_obj_add_int(doc, root, "status", status);
	yyjson_mut_obj_add_str(doc, root, "reason", reason);
	yyjson_mut_val *list = yyjson_mut_obj_add_arr(doc, root, "containers");
	for (size_t i = 0; i < count; i++)
		yyjson_mut_arr_append(list, container(doc, &instances[i]));
	add_memory(doc, root);
	add_config(doc, root);
	yyjson_mut_obj_add_val(doc, root, "ledger", ledger(doc));
	yyjson_write_err failure;
	size_t length = 0;
	char *text = yyjson_mut_write_opts(doc, YYJSON_WRITE_PRETTY, &allocator, &length, &failure);
	if (!text)
		return error_set(err, "write the report: %s", failure.msg);
	if (length + 2 > capacity)
		return error_set(err, "the report is longer than %zu bytes", capacity);
	memcpy(out, text, length);
	memcpy(out + length, "\n", 2);
	return (int)length + 1;
}

/* The device of the port, such as /dev/vport1p1; -1 when there is none. */
static int find_port(char *device, size_t capacity)
{
	_cleanup_closedir_ DIR *ports = opendir("/sys/class/virtio-ports");
	struct dirent *entry;
	while (ports && (entry = readdir(ports))) {
		char path[300], name[64];
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "%s/name", entry->d_name);
		if (file_read(dirfd(ports), path, name, sizeof name, NULL) < 0)
			continue;
		name[strcspn(name, "\n")] = 0;
		if (strcmp(name, port_name) == 0) {
			snprintf(device, capacity, "/dev/%s", entry->d_name);
			return 0;
		}
	}
	return -1;
}

int report_send(const char *text, size_t length, bool *sent, struct error *err)
{
	char device[300];
	if (find_port(device, sizeof device) < 0) {
		*sent = debug_console_write(text, length);
		return 0;
	}
	*sent = false;
	_cleanup_close_ int fd = open(device, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return error_errno(err, errno, "open the report port %s", device);
	if (write_all(fd, text, length, err) < 0)
		return error_context(err, "report port %s", device);
	*sent = true;
	return 0;
}
