// SPDX-License-Identifier: Apache-2.0
/* The object "process". */
#include "lib/cleanup.h"
#include "runtime/capabilities.h"
#include "runtime/label.h"
#include "runtime/oci/config.h"
#include "runtime/values.h"

#include <linux/ioprio.h>
#include <linux/sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* The last number is no ID: set*id(2) takes it for "as it is", which is root (CVE-2026-46680). */
static uint32_t read_id(struct oci_reader *reader, yyjson_val *user, const char *path)
{
	int64_t number = 0;
	return oci_int(reader, user, path, 0, UINT32_MAX - 1, &number) ? (uint32_t)number : 0;
}

static void read_user(struct oci_reader *reader, yyjson_val *process, struct process_spec *out)
{
	yyjson_val *user = oci_object(reader, process, "process.user");
	int64_t umask;
	out->uid = read_id(reader, user, "process.user.uid");
	out->gid = read_id(reader, user, "process.user.gid");
	if (oci_int(reader, user, "process.user.umask", 0, 07777, &umask)) {
		out->has_umask = true;
		out->umask = (mode_t)umask & 0777;
	}
	yyjson_val *gids = oci_array(reader, user, "process.user.additionalGids");
	gid_t *groups = oci_items(reader, yyjson_arr_size(gids), sizeof *groups,
				  "process.user.additionalGids");
	size_t i, count;
	yyjson_val *item;
	yyjson_arr_foreach(gids, i, count, item) {
		if (!groups)
			return;
		if (!yyjson_is_uint(item) || yyjson_get_uint(item) >= UINT32_MAX)
			oci_problem(reader, "process.user.additionalGids: element %zu is no ID", i);
		groups[i] = (gid_t)yyjson_get_uint(item);
	}
	out->groups = groups;
	out->group_count = groups ? yyjson_arr_size(gids) : 0;
}

/* An unknown one is worth a warning, not a refusal ("process.capabilities"). */
static uint64_t read_set(struct oci_reader *reader, yyjson_val *object, const char *path)
{
	struct string_list names = {0};
	uint64_t set = 0;
	oci_texts(reader, object, path, &names);
	for (size_t i = 0; i < names.count; i++) {
		int number = capability_number(names.items[i]);
		if (number < 0)
			oci_warn(reader, "%s: unknown capability %.40s is ignored", path,
				 names.items[i]);
		else
			set |= 1ULL << number;
	}
	return set;
}

static void read_capabilities(struct oci_reader *reader, yyjson_val *process,
			      struct process_spec *out)
{
	yyjson_val *object = oci_object(reader, process, "process.capabilities");
	/* Without the object a process has none. */
	out->has_capabilities = true;
	out->capabilities = (struct capability_sets){
		.bounding = read_set(reader, object, "process.capabilities.bounding"),
		.effective = read_set(reader, object, "process.capabilities.effective"),
		.permitted = read_set(reader, object, "process.capabilities.permitted"),
		.inheritable = read_set(reader, object, "process.capabilities.inheritable"),
		.ambient = read_set(reader, object, "process.capabilities.ambient"),
	};
}

int oci_config_resource_number(const char *name)
{
	static const struct {
		const char *name;
		int number;
	} LIMITS[] = {
		{"RLIMIT_AS", RLIMIT_AS},           {"RLIMIT_CORE", RLIMIT_CORE},
		{"RLIMIT_CPU", RLIMIT_CPU},         {"RLIMIT_DATA", RLIMIT_DATA},
		{"RLIMIT_FSIZE", RLIMIT_FSIZE},     {"RLIMIT_LOCKS", RLIMIT_LOCKS},
		{"RLIMIT_MEMLOCK", RLIMIT_MEMLOCK}, {"RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE},
		{"RLIMIT_NICE", RLIMIT_NICE},       {"RLIMIT_NOFILE", RLIMIT_NOFILE},
		{"RLIMIT_NPROC", RLIMIT_NPROC},     {"RLIMIT_RSS", RLIMIT_RSS},
		{"RLIMIT_RTPRIO", RLIMIT_RTPRIO},   {"RLIMIT_RTTIME", RLIMIT_RTTIME},
		{"RLIMIT_SIGPENDING", RLIMIT_SIGPENDING}, {"RLIMIT_STACK", RLIMIT_STACK},
	};
	for (size_t i = 0; i < countof(LIMITS); i++)
		if (strcmp(LIMITS[i].name, name) == 0)
			return LIMITS[i].number;
	return -1;
}

static void read_limits(struct oci_reader *reader, yyjson_val *process, struct process_spec *out)
{
	yyjson_val *array = oci_array(reader, process, "process.rlimits"), *item;
	size_t i, count;
	uint64_t seen = 0;
	struct resource_limit *limits =
		oci_items(reader, yyjson_arr_size(array), sizeof *limits, "process.rlimits");
	yyjson_arr_foreach(array, i, count, item) {
		const char *name = oci_needed_text(reader, item, "process.rlimits[].type");
		int number = oci_config_resource_number(name);
		if (reader->bad)
			return;
		if (number < 0 || seen >> number & 1) {
			oci_problem(reader, "process.rlimits: %s \"%.40s\"",
				    number < 0 ? "unknown" : "twice", name);
			return;
		}
		seen |= 1ULL << number;
		limits[i].resource = number;
		if (!oci_u64(reader, item, "process.rlimits[].soft", &limits[i].soft) ||
		    !oci_u64(reader, item, "process.rlimits[].hard", &limits[i].hard))
			oci_problem(reader, "process.rlimits: %s lacks soft or hard", name);
		else if (limits[i].soft > limits[i].hard)
			oci_problem(reader, "process.rlimits: %s: soft is above hard", name);
	}
	out->limits = limits;
	out->limit_count = limits ? yyjson_arr_size(array) : 0;
}

static const struct oci_number POLICIES[] = {
	{"SCHED_OTHER", SCHED_NORMAL}, {"SCHED_FIFO", SCHED_FIFO}, {"SCHED_RR", SCHED_RR},
	{"SCHED_BATCH", SCHED_BATCH},  {"SCHED_ISO", 4},           {"SCHED_IDLE", SCHED_IDLE},
	{"SCHED_DEADLINE", SCHED_DEADLINE}, {NULL, 0},
}, SCHEDULER_FLAGS[] = {
	{"SCHED_FLAG_RESET_ON_FORK", SCHED_FLAG_RESET_ON_FORK},
	{"SCHED_FLAG_RECLAIM", SCHED_FLAG_RECLAIM},
	{"SCHED_FLAG_DL_OVERRUN", SCHED_FLAG_DL_OVERRUN},
	{"SCHED_FLAG_KEEP_POLICY", SCHED_FLAG_KEEP_POLICY},
	{"SCHED_FLAG_KEEP_PARAMS", SCHED_FLAG_KEEP_PARAMS},
	{"SCHED_FLAG_UTIL_CLAMP_MIN", SCHED_FLAG_UTIL_CLAMP_MIN},
	{"SCHED_FLAG_UTIL_CLAMP_MAX", SCHED_FLAG_UTIL_CLAMP_MAX}, {NULL, 0},
}, IO_CLASSES[] = {
	{"IOPRIO_CLASS_RT", IOPRIO_CLASS_RT}, {"IOPRIO_CLASS_BE", IOPRIO_CLASS_BE},
	{"IOPRIO_CLASS_IDLE", IOPRIO_CLASS_IDLE}, {NULL, 0},
};

unsigned oci_find_number(struct oci_reader *reader, const struct oci_number *table,
			 const char *name, const char *path)
{
	for (; table->name; table++)
		if (strcmp(table->name, name) == 0)
			return table->value;
	oci_problem(reader, "%s: unknown \"%.60s\"", path, name);
	return 0;
}

static void read_scheduler(struct oci_reader *reader, yyjson_val *process,
			   struct process_spec *out)
{
	yyjson_val *object = oci_object(reader, process, "process.scheduler");
	struct string_list flags = {0};
	struct scheduler_spec *scheduler = &out->scheduler;
	int64_t number;
	if (!object)
		return;
	scheduler->given = true;
	scheduler->policy = oci_find_number(
		reader, POLICIES, oci_needed_text(reader, object, "process.scheduler.policy"),
		"process.scheduler.policy");
	if (oci_int(reader, object, "process.scheduler.nice", -20, 19, &number))
		scheduler->nice = (int32_t)number;
	if (oci_int(reader, object, "process.scheduler.priority", 0, 99, &number))
		scheduler->priority = (uint32_t)number;
	oci_u64(reader, object, "process.scheduler.runtime", &scheduler->runtime);
	oci_u64(reader, object, "process.scheduler.deadline", &scheduler->deadline);
	oci_u64(reader, object, "process.scheduler.period", &scheduler->period);
	oci_texts(reader, object, "process.scheduler.flags", &flags);
	for (size_t i = 0; i < flags.count; i++)
		scheduler->flags |= oci_find_number(reader, SCHEDULER_FLAGS, flags.items[i],
						    "process.scheduler.flags");
	if (scheduler->policy == SCHED_DEADLINE &&
	    (!scheduler->runtime || scheduler->runtime > scheduler->deadline ||
	     (scheduler->period && scheduler->deadline > scheduler->period)))
		oci_problem(reader, "process.scheduler: SCHED_DEADLINE needs a runtime above 0, at "
				    "most the deadline, and that at most the period");
}

static void read_io_priority(struct oci_reader *reader, yyjson_val *process,
			     struct process_spec *out)
{
	yyjson_val *object = oci_object(reader, process, "process.ioPriority");
	int64_t priority = 0;
	if (!object)
		return;
	unsigned class = oci_find_number(reader, IO_CLASSES,
				     oci_needed_text(reader, object, "process.ioPriority.class"),
				     "process.ioPriority.class");
	oci_int(reader, object, "process.ioPriority.priority", 0, 7, &priority);
	out->has_io_priority = true;
	out->io_priority = (int)(class << 13 | (unsigned)priority);
}

void oci_number_list(struct oci_reader *reader, yyjson_val *object, const char *path,
		     struct cpu_set *out)
{
	const char *text = oci_text(reader, object, path);
	if (text && cpu_set_parse(text, out) < 0)
		oci_problem(reader, "%s is no list of numbers", path);
}

static void read_affinity(struct oci_reader *reader, yyjson_val *process,
			  struct process_spec *out)
{
	yyjson_val *object = oci_object(reader, process, "process.execCPUAffinity");
	oci_number_list(reader, object, "process.execCPUAffinity.initial", &out->initial_affinity);
	oci_number_list(reader, object, "process.execCPUAffinity.final", &out->final_affinity);
}

static void read_terminal(struct oci_reader *reader, yyjson_val *process,
			  struct process_spec *out)
{
	out->terminal = oci_bool(reader, process, "process.terminal");
	yyjson_val *size = oci_object(reader, process, "process.consoleSize");
	int64_t number;
	if (oci_int(reader, size, "process.consoleSize.height", 0, 65535, &number))
		out->rows = (unsigned)number;
	if (oci_int(reader, size, "process.consoleSize.width", 0, 65535, &number))
		out->columns = (unsigned)number;
}

/* A label that would not be applied must not be accepted. */
static void read_labels(struct oci_reader *reader, yyjson_val *process, struct process_spec *out)
{
	out->apparmor = oci_text(reader, process, "process.apparmorProfile");
	out->selinux = oci_text(reader, process, "process.selinuxLabel");
	if (out->apparmor && (!*out->apparmor || strcmp(out->apparmor, "unconfined") == 0))
		out->apparmor = NULL;
	if (out->selinux && !*out->selinux)
		out->selinux = NULL;
	if (out->apparmor && !label_has_apparmor())
		oci_problem(reader, "process.apparmorProfile: AppArmor is not enabled here");
	if (out->selinux && !label_has_selinux())
		oci_problem(reader, "process.selinuxLabel: SELinux is not enabled here");
}

void oci_config_process(struct oci_reader *reader, yyjson_val *process, struct process_spec *out)
{
	int64_t score;
	out->stdin_fd = 0;
	out->stdout_fd = 1;
	out->stderr_fd = 2;
	oci_texts(reader, process, "process.args", &out->args);
	oci_texts(reader, process, "process.env", &out->env);
	out->working_dir = oci_needed_text(reader, process, "process.cwd");
	if (out->working_dir[0] != '/')
		oci_problem(reader, "process.cwd \"%.80s\" is not an absolute path",
			    out->working_dir);
	if (out->args.count == 0)
		oci_problem(reader, "process.args is missing or empty");
	read_user(reader, process, out);
	read_capabilities(reader, process, out);
	read_limits(reader, process, out);
	read_scheduler(reader, process, out);
	read_io_priority(reader, process, out);
	read_affinity(reader, process, out);
	read_terminal(reader, process, out);
	read_labels(reader, process, out);
	out->no_new_privs = oci_bool(reader, process, "process.noNewPrivileges");
	if (oci_int(reader, process, "process.oomScoreAdj", -1000, 1000, &score)) {
		out->has_oom_score_adj = true;
		out->oom_score_adj = (int)score;
	}
}
