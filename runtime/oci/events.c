// SPDX-License-Identifier: Apache-2.0
/* `events`: statistics of the container's cgroup in the form that runc's users read, and a line when
 * memory runs out. */
#include "lib/cleanup.h"
#include "lib/file.h"
#include "runtime/cgroup.h"
#include "runtime/oci/commands.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

enum { STAT_MAX = 64 * 1024 };

/* "max" is no limit; 0 when the file is not there. */
static uint64_t number_in(int group, const char *file)
{
	char text[64];
	if (file_read(group, file, text, sizeof text, NULL) <= 0)
		return 0;
	return strncmp(text, "max", 3) == 0 ? UINT64_MAX : strtoull(text, NULL, 10);
}

static yyjson_mut_val *object_in(yyjson_mut_doc *doc, yyjson_mut_val *parent, const char *key)
{
	return yyjson_mut_obj_add_obj(doc, parent, key);
}

static void add_cpu(yyjson_mut_doc *doc, yyjson_mut_val *data, int group)
{
	yyjson_mut_val *cpu = object_in(doc, data, "cpu");
	yyjson_mut_val *usage = object_in(doc, cpu, "usage");
	yyjson_mut_val *throttling = object_in(doc, cpu, "throttling");
	const struct {
		yyjson_mut_val *where;
		const char *key, *file_key;
		uint64_t factor; /* microseconds become nanoseconds */
	} FIELDS[] = {
		{usage, "total", "usage_usec", 1000},
		{usage, "kernel", "system_usec", 1000},
		{usage, "user", "user_usec", 1000},
		{throttling, "periods", "nr_periods", 1},
		{throttling, "throttledPeriods", "nr_throttled", 1},
		{throttling, "throttledTime", "throttled_usec", 1000},
	};
	for (size_t i = 0; i < countof(FIELDS); i++)
		yyjson_mut_obj_add_uint(doc, FIELDS[i].where, FIELDS[i].key,
					FIELDS[i].factor *
						cgroup_event(group, "cpu.stat", FIELDS[i].file_key));
}

static void add_usage(yyjson_mut_doc *doc, yyjson_mut_val *memory, const char *key, uint64_t usage,
		      uint64_t limit, uint64_t failures)
{
	yyjson_mut_val *object = object_in(doc, memory, key);
	yyjson_mut_obj_add_uint(doc, object, "limit", limit);
	yyjson_mut_obj_add_uint(doc, object, "usage", usage);
	yyjson_mut_obj_add_uint(doc, object, "max", 0);
	yyjson_mut_obj_add_uint(doc, object, "failcnt", failures);
}

static void add_raw(yyjson_mut_doc *doc, yyjson_mut_val *memory, int group)
{
	yyjson_mut_val *raw = object_in(doc, memory, "raw");
	_cleanup_free_ char *text = malloc(STAT_MAX);
	if (!text || file_read(group, "memory.stat", text, STAT_MAX, NULL) < 0)
		return;
	for (char *rest = text, *line; (line = strsep(&rest, "\n"));) {
		char *space = strchr(line, ' ');
		if (!space)
			continue;
		*space = 0;
		yyjson_mut_obj_add(raw, yyjson_mut_strcpy(doc, line),
				   yyjson_mut_uint(doc, strtoull(space + 1, NULL, 10)));
	}
}

static void add_memory(yyjson_mut_doc *doc, yyjson_mut_val *data, int group)
{
	yyjson_mut_val *memory = object_in(doc, data, "memory");
	uint64_t usage = number_in(group, "memory.current"), limit = number_in(group, "memory.max");
	uint64_t swap_limit = number_in(group, "memory.swap.max");
	yyjson_mut_obj_add_uint(doc, memory, "cache", cgroup_event(group, "memory.stat", "file"));
	add_usage(doc, memory, "usage", usage, limit, cgroup_event(group, "memory.events", "max"));
	add_usage(doc, memory, "swap", usage + number_in(group, "memory.swap.current"),
		  swap_limit == UINT64_MAX || limit == UINT64_MAX ? UINT64_MAX : limit + swap_limit,
		  0);
	add_usage(doc, memory, "kernel", cgroup_event(group, "memory.stat", "kernel"), UINT64_MAX,
		  0);
	add_raw(doc, memory, group);
}

static void add_pids(yyjson_mut_doc *doc, yyjson_mut_val *data, int group)
{
	yyjson_mut_val *pids = object_in(doc, data, "pids");
	uint64_t limit = number_in(group, "pids.max");
	yyjson_mut_obj_add_uint(doc, pids, "current", number_in(group, "pids.current"));
	yyjson_mut_obj_add_uint(doc, pids, "limit", limit == UINT64_MAX ? 0 : limit);
}

/* "8:0 rbytes=1 wbytes=2 rios=3 wios=4 …" */
static void add_io_line(yyjson_mut_doc *doc, yyjson_mut_val *bytes, yyjson_mut_val *operations,
			const char *line)
{
	static const struct {
		const char *key, *op;
		bool is_bytes;
	} KEYS[] = {{" rbytes=", "Read", true}, {" wbytes=", "Write", true},
		    {" rios=", "Read", false}, {" wios=", "Write", false}};
	unsigned major, minor;
	if (sscanf(line, "%u:%u", &major, &minor) != 2)
		return;
	for (size_t i = 0; i < countof(KEYS); i++) {
		const char *at = strstr(line, KEYS[i].key);
		if (!at)
			continue;
		yyjson_mut_val *entry = yyjson_mut_arr_add_obj(
			doc, KEYS[i].is_bytes ? bytes : operations);
		yyjson_mut_obj_add_uint(doc, entry, "major", major);
		yyjson_mut_obj_add_uint(doc, entry, "minor", minor);
		yyjson_mut_obj_add_str(doc, entry, "op", KEYS[i].op);
		yyjson_mut_obj_add_uint(doc, entry, "value",
					strtoull(at + strlen(KEYS[i].key), NULL, 10));
	}
}

static void add_io(yyjson_mut_doc *doc, yyjson_mut_val *data, int group)
{
	yyjson_mut_val *io = object_in(doc, data, "blkio");
	yyjson_mut_val *bytes = yyjson_mut_obj_add_arr(doc, io, "ioServiceBytesRecursive");
	yyjson_mut_val *operations = yyjson_mut_obj_add_arr(doc, io, "ioServicedRecursive");
	_cleanup_free_ char *text = malloc(STAT_MAX);
	if (!text || file_read(group, "io.stat", text, STAT_MAX, NULL) < 0)
		return;
	for (char *rest = text, *line; (line = strsep(&rest, "\n"));)
		add_io_line(doc, bytes, operations, line);
}

static int print_event(const struct state *state, const char *type, int group, struct error *err)
{
	yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
	yyjson_mut_val *root = yyjson_mut_obj(doc);
	yyjson_mut_doc_set_root(doc, root);
	yyjson_mut_obj_add_str(doc, root, "type", type);
	yyjson_mut_obj_add_str(doc, root, "id", state->id);
	if (group >= 0) {
		yyjson_mut_val *data = object_in(doc, root, "data");
		add_cpu(doc, data, group);
		add_memory(doc, data, group);
		add_pids(doc, data, group);
		add_io(doc, data, group);
	}
	_cleanup_free_ char *text = yyjson_mut_write(doc, 0, NULL);
	yyjson_mut_doc_free(doc);
	if (!text || puts(text) < 0 || fflush(stdout) != 0)
		return error_set(err, "write an event");
	return 0;
}

/* "5s", "100ms", "1m"; -1 for anything else. */
static int interval_ms(const char *text)
{
	static const struct {
		const char *unit;
		long factor;
	} UNITS[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}};
	char *end;
	long number = strtol(text, &end, 10);
	for (size_t i = 0; i < countof(UNITS); i++)
		if (end != text && number > 0 && number < 100000 && strcmp(end, UNITS[i].unit) == 0)
			return (int)(number * UNITS[i].factor);
	return -1;
}

static int watch(const struct state *state, int group, int interval, struct error *err)
{
	uint64_t kills = cgroup_event(group, "memory.events", "oom_kill");
	_cleanup_close_ int events = openat(group, "memory.events", O_RDONLY | O_CLOEXEC);
	_cleanup_close_ int pidfd = state_pidfd(state);
	while (pidfd >= 0) {
		/* Until it is read again, the kernel goes on saying that it has changed. */
		char text[256];
		if (pread(events, text, sizeof text, 0) < 0)
			return error_errno(err, errno, "read memory.events of container %s",
					   state->id);
		struct pollfd ready[] = {{.fd = events, .events = POLLPRI},
					 {.fd = pidfd, .events = POLLIN}};
		int count = poll(ready, countof(ready), interval);
		uint64_t now = cgroup_event(group, "memory.events", "oom_kill");
		if (now > kills && print_event(state, "oom", -1, err) < 0)
			return -1;
		kills = now;
		if (count > 0 && ready[1].revents)
			return 0;
		if (count == 0 && print_event(state, "stats", group, err) < 0)
			return -1;
	}
	return 0;
}

int command_events(const struct runtime_options *options, struct error *err)
{
	struct state state = STATE_INIT;
	int interval = options->interval ? interval_ms(options->interval) : 5000;
	if (interval < 0)
		return error_set(err, "--interval \"%.20s\" is no time such as 5s",
				 options->interval);
	int done = state_open(options->root, options->words[0], false, &state, err);
	if (done == 0 && state_status(&state) == STATUS_STOPPED)
		done = error_set(err, "container %s is not running", state.id);
	_cleanup_close_ int group = done < 0 ? -1 : container_cgroup(&state, err);
	if (group < 0)
		done = -1;
	else
		done = options->stats ? print_event(&state, "stats", group, err)
				      : watch(&state, group, interval, err);
	state_close(&state);
	return done;
}
