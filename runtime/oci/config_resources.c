// SPDX-License-Identifier: Apache-2.0
/* "linux.resources", as files of cgroup v2. Formulas that turn values of v1 into those of v2 are the
 * usual ones: a share of 1024 is a weight of 100, a blkio weight of 500 an io.weight of 4950. */
#include "lib/cleanup.h"
#include "runtime/oci/config.h"
#include "runtime/values.h"

#include <inttypes.h>
#include <string.h>

enum { SETTINGS_MAX = 512 };

struct collector {
	struct oci_reader *reader;
	struct cgroup_setting *items;
	size_t count;
};

static void add(struct collector *collector, const char *file, bool optional, const char *value)
{
	if (!value || collector->count == SETTINGS_MAX)
		oci_problem(collector->reader, "linux.resources: too many settings");
	else
		collector->items[collector->count++] =
			(struct cgroup_setting){.file = file, .value = value, .optional = optional};
}

/* -1 is no limit. */
static const char *limit_text(struct oci_reader *reader, int64_t value)
{
	return value < 0 ? "max" : arena_printf(reader->arena, "%" PRId64, value);
}

static void read_memory(struct collector *to, yyjson_val *resources)
{
	struct oci_reader *reader = to->reader;
	yyjson_val *memory = oci_object(reader, resources, "linux.resources.memory");
	int64_t limit = 0, swap = 0, low;
	bool limited = oci_int(reader, memory, "linux.resources.memory.limit", -1, INT64_MAX,
			       &limit) && limit != 0;
	/* 0 says no swap; who wants none limited leaves it out. */
	bool swaps = oci_int(reader, memory, "linux.resources.memory.swap", -1, INT64_MAX, &swap);
	if (swaps && swap > 0 && (!limited || limit < 0))
		oci_problem(reader, "linux.resources.memory.swap counts memory too and needs a limit");
	else if (swaps && swap > 0 && swap < limit)
		oci_problem(reader, "linux.resources.memory.swap is below the limit of memory");
	/* First what frees the way for the other, should this be an update. Not there in a kernel
	 * without swap, where no limit of it can be passed. */
	if (swaps)
		add(to, "memory.swap.max", true,
		    limit_text(reader, swap <= 0 ? swap : swap - limit));
	if (limited)
		add(to, "memory.max", false, limit_text(reader, limit));
	if (oci_int(reader, memory, "linux.resources.memory.reservation", -1, INT64_MAX, &low) &&
	    low != 0)
		add(to, "memory.low", false, limit_text(reader, low));
}

static void read_bandwidth(struct collector *to, yyjson_val *cpu)
{
	struct oci_reader *reader = to->reader;
	int64_t quota = 0;
	uint64_t period = 0, burst;
	bool has_quota = oci_int(reader, cpu, "linux.resources.cpu.quota", INT64_MIN, INT64_MAX,
				 &quota) && quota != 0;
	bool has_period = oci_u64(reader, cpu, "linux.resources.cpu.period", &period) && period;
	if (has_quota || has_period)
		add(to, "cpu.max", false,
		    quota > 0 ? arena_printf(reader->arena, "%" PRId64 " %" PRIu64, quota,
					     has_period ? period : 100000)
			      : arena_printf(reader->arena, "max %" PRIu64,
					     has_period ? period : 100000));
	if (oci_u64(reader, cpu, "linux.resources.cpu.burst", &burst))
		add(to, "cpu.max.burst", false, arena_printf(reader->arena, "%" PRIu64, burst));
}

static void read_cpu(struct collector *to, yyjson_val *resources)
{
	struct oci_reader *reader = to->reader;
	yyjson_val *cpu = oci_object(reader, resources, "linux.resources.cpu");
	uint64_t shares = 0;
	int64_t number;
	if (oci_u64(reader, cpu, "linux.resources.cpu.shares", &shares) && shares)
		add(to, "cpu.weight", false, arena_printf(reader->arena, "%u", cpu_weight(shares)));
	if (oci_int(reader, cpu, "linux.resources.cpu.idle", 0, 1, &number))
		add(to, "cpu.idle", false, number ? "1" : "0");
	read_bandwidth(to, cpu);
	const char *cpus = oci_text(reader, cpu, "linux.resources.cpu.cpus");
	const char *mems = oci_text(reader, cpu, "linux.resources.cpu.mems");
	if (cpus && *cpus)
		add(to, "cpuset.cpus", false, cpus);
	if (mems && *mems)
		add(to, "cpuset.mems", false, mems);
	if (oci_int(reader, cpu, "linux.resources.cpu.realtimeRuntime", INT64_MIN, INT64_MAX,
		    &number) && number != 0)
		oci_problem(reader, "linux.resources.cpu.realtimeRuntime: cgroup v2 has no "
				    "real-time bandwidth");
}

static void read_pids(struct collector *to, yyjson_val *resources)
{
	yyjson_val *pids = oci_object(to->reader, resources, "linux.resources.pids");
	int64_t limit;
	if (oci_int(to->reader, pids, "linux.resources.pids.limit", INT64_MIN, INT64_MAX, &limit) &&
	    limit != 0)
		add(to, "pids.max", false, limit_text(to->reader, limit));
}

static void read_throttle(struct collector *to, yyjson_val *io, const char *path, const char *key)
{
	struct oci_reader *reader = to->reader;
	yyjson_val *array = oci_array(reader, io, path), *item;
	size_t i, count;
	yyjson_arr_foreach(array, i, count, item) {
		uint32_t major = oci_u32(reader, item, "linux.resources.blockIO.major", 0);
		uint32_t minor = oci_u32(reader, item, "linux.resources.blockIO.minor", 0);
		uint64_t rate = 0;
		oci_u64(reader, item, "linux.resources.blockIO.rate", &rate);
		add(to, "io.max", false,
		    rate ? arena_printf(reader->arena, "%u:%u %s=%" PRIu64, major, minor, key, rate)
			 : arena_printf(reader->arena, "%u:%u %s=max", major, minor, key));
	}
}

/* Of v1, for all devices or for one. BFQ, where the kernel has it, takes the number as it is;
 * io.weight is the cost model's, which refuses a device that it is not switched on for. */
static void add_weight(struct collector *to, const char *of, int64_t weight)
{
	struct oci_reader *reader = to->reader;
	size_t before = to->count;
	add(to, "io.weight", false,
	    arena_printf(reader->arena, "%s %" PRId64, of, 1 + (weight - 10) * 9999 / 990));
	if (to->count == before)
		return;
	to->items[before].rather = "io.bfq.weight";
	to->items[before].rather_value = arena_printf(reader->arena, "%s %" PRId64, of, weight);
	if (!to->items[before].rather_value)
		oci_problem(reader, "linux.resources: too many settings");
}

static void read_io(struct collector *to, yyjson_val *resources)
{
	struct oci_reader *reader = to->reader;
	yyjson_val *io = oci_object(reader, resources, "linux.resources.blockIO"), *item;
	int64_t weight;
	size_t i, count;
	if (oci_int(reader, io, "linux.resources.blockIO.weight", 0, 1000, &weight) && weight)
		add_weight(to, "default", weight < 10 ? 10 : weight);
	yyjson_val *devices = oci_array(reader, io, "linux.resources.blockIO.weightDevice");
	yyjson_arr_foreach(devices, i, count, item) {
		uint32_t major = oci_u32(reader, item, "linux.resources.blockIO.major", 0);
		uint32_t minor = oci_u32(reader, item, "linux.resources.blockIO.minor", 0);
		const char *device = arena_printf(reader->arena, "%u:%u", major, minor);
		if (device && oci_int(reader, item, "linux.resources.blockIO.weight", 10, 1000, &weight))
			add_weight(to, device, weight);
	}
	read_throttle(to, io, "linux.resources.blockIO.throttleReadBpsDevice", "rbps");
	read_throttle(to, io, "linux.resources.blockIO.throttleWriteBpsDevice", "wbps");
	read_throttle(to, io, "linux.resources.blockIO.throttleReadIOPSDevice", "riops");
	read_throttle(to, io, "linux.resources.blockIO.throttleWriteIOPSDevice", "wiops");
}

static void read_huge_pages(struct collector *to, yyjson_val *resources)
{
	struct oci_reader *reader = to->reader;
	yyjson_val *array = oci_array(reader, resources, "linux.resources.hugepageLimits"), *item;
	size_t i, count;
	yyjson_arr_foreach(array, i, count, item) {
		const char *size = oci_needed_text(reader, item, "hugepageLimits[].pageSize");
		uint64_t limit = 0;
		oci_u64(reader, item, "hugepageLimits[].limit", &limit);
		if (!*size || strspn(size, "0123456789KMGB") != strlen(size))
			oci_problem(reader, "linux.resources.hugepageLimits: page size \"%.20s\"",
				    size);
		const char *text = arena_printf(reader->arena, "%" PRIu64, limit);
		add(to, arena_printf(reader->arena, "hugetlb.%.20s.max", size), false, text);
		add(to, arena_printf(reader->arena, "hugetlb.%.20s.rsvd.max", size), true, text);
	}
}

static void read_rdma(struct collector *to, yyjson_val *resources)
{
	struct oci_reader *reader = to->reader;
	yyjson_val *object = oci_object(reader, resources, "linux.resources.rdma"), *key, *value;
	size_t i, count;
	yyjson_obj_foreach(object, i, count, key, value) {
		const char *name = json_value_text(key);
		int64_t handles = -1, objects = -1;
		oci_int(reader, value, "linux.resources.rdma.hcaHandles", 0, UINT32_MAX, &handles);
		oci_int(reader, value, "linux.resources.rdma.hcaObjects", 0, UINT32_MAX, &objects);
		add(to, "rdma.max", false,
		    arena_printf(reader->arena, "%s hca_handle=%s hca_object=%s", name ? name : "",
				 limit_text(reader, handles), limit_text(reader, objects)));
	}
}

/* Whatever file of the group the user names, last. */
static void read_unified(struct collector *to, yyjson_val *resources)
{
	struct oci_reader *reader = to->reader;
	yyjson_val *object = oci_object(reader, resources, "linux.resources.unified"), *key, *value;
	size_t i, count;
	yyjson_obj_foreach(object, i, count, key, value) {
		const char *name = json_value_text(key), *text = json_value_text(value);
		if (!name || !text || !*name || strchr(name, '/') || !strchr(name, '.') ||
		    strncmp(name, "cgroup.procs", 12) == 0 || name[0] == '.') {
			oci_problem(reader, "linux.resources.unified: \"%.60s\" is no file of a "
					    "controller", name ? name : "");
			return;
		}
		add(to, arena_strdup(reader->arena, name), false,
		    arena_strdup(reader->arena, text));
	}
}

static void read_rule(struct oci_reader *reader, yyjson_val *item, struct device_rule *rule)
{
	const char *type = oci_text(reader, item, "linux.resources.devices[].type");
	const char *access = oci_text(reader, item, "linux.resources.devices[].access");
	rule->allow = oci_bool(reader, item, "linux.resources.devices[].allow");
	rule->type = type && *type ? *type : 'a';
	if (!strchr("abc", rule->type) || (type && *type && type[1]))
		oci_problem(reader, "linux.resources.devices: type \"%.20s\" is not a, b or c",
			    type ? type : "");
	rule->major = rule->minor = -1;
	oci_int(reader, item, "linux.resources.devices[].major", -1, UINT32_MAX, &rule->major);
	oci_int(reader, item, "linux.resources.devices[].minor", -1, UINT32_MAX, &rule->minor);
	for (const char *c = access ? access : ""; *c; c++) {
		const char *known = strchr("rwm", *c);
		if (!known)
			oci_problem(reader, "linux.resources.devices: access \"%.20s\" is not of r, "
					    "w, m", access);
		else
			rule->access |= 1U << (known - "rwm");
	}
	if (!access || !*access)
		rule->access = DEVICE_ALL;
}

static void read_devices(struct oci_reader *reader, yyjson_val *resources, struct resources *out)
{
	yyjson_val *array = oci_array(reader, resources, "linux.resources.devices"), *item;
	size_t i, count, total = yyjson_arr_size(array);
	struct device_rule *rules =
		oci_items(reader, total, sizeof *rules, "linux.resources.devices");
	yyjson_arr_foreach(array, i, count, item)
		if (rules)
			read_rule(reader, item, &rules[i]);
	out->devices = rules;
	out->device_count = rules ? total : 0;
	out->has_devices = array != NULL;
}

static void read_network(struct oci_reader *reader, yyjson_val *resources)
{
	yyjson_val *network = oci_object(reader, resources, "linux.resources.network");
	if (oci_u32(reader, network, "linux.resources.network.classID", 0) ||
	    yyjson_arr_size(oci_array(reader, network, "linux.resources.network.priorities")))
		oci_problem(reader, "linux.resources.network: cgroup v2 has neither class IDs nor "
				    "priorities");
}

void oci_config_resources(struct oci_reader *reader, yyjson_val *resources, struct resources *out)
{
	struct collector to = {.reader = reader};
	if (!resources)
		return;
	to.items = oci_items(reader, SETTINGS_MAX, sizeof *to.items, "linux.resources");
	if (!to.items)
		return;
	read_memory(&to, resources);
	read_cpu(&to, resources);
	read_pids(&to, resources);
	read_io(&to, resources);
	read_huge_pages(&to, resources);
	read_rdma(&to, resources);
	read_unified(&to, resources);
	read_network(reader, resources);
	read_devices(reader, resources, out);
	out->settings = to.items;
	out->setting_count = to.count;
}
