// SPDX-License-Identifier: Apache-2.0
#include "init/supervise/specification_resources.h"

#include "init/config/resources.h"
#include "lib/file.h"
#include "runtime/values.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

struct list {
	struct arena *arena;
	struct cgroup_setting *items;
	size_t count;
	bool full;
};

static void add(struct list *list, const char *file, bool optional, const char *value)
{
	list->full |= !value;
	list->items[list->count++] = (struct cgroup_setting){
		.file = file, .value = value, .optional = optional};
}

int specification_cpus_check(const char *wanted, const char *there, struct error *err)
{
	enum { BITS = 8 * sizeof(unsigned long) };
	struct cpu_set mine = {0}, all = {0};
	if (cpu_set_parse(wanted, &mine) < 0 || cpu_set_parse(there, &all) < 0)
		return error_set(err, "berth.cpuset \"%.40s\" is no list of CPUs", wanted);
	for (unsigned cpu = 0; cpu < SPEC_CPUS_MAX; cpu++)
		if (mine.bits[cpu / BITS] & ~all.bits[cpu / BITS] & 1UL << cpu % BITS)
			return error_set(err,
					 "berth.cpuset %.40s: the machine has no CPU %u, only %.40s",
					 wanted, cpu, there);
	return 0;
}

/* The kernel takes CPUs that are not there, and lets the container run on all others then. */
static int add_cpus(struct list *list, const char *cpus, struct error *err)
{
	char there[256];
	if (file_read(AT_FDCWD, "/sys/devices/system/cpu/online", there, sizeof there, err) < 0)
		return -1;
	there[strcspn(there, "\n")] = 0;
	if (specification_cpus_check(cpus, there, err) < 0)
		return -1;
	add(list, "cpuset.cpus", false, cpus);
	return 0;
}

static int add_rate(struct list *list, const char *key, const char *text, struct error *err)
{
	const char *path;
	uint64_t rate;
	struct stat st;
	if (parse_rate(text, list->arena, &path, &rate, err) < 0)
		return -1;
	if (stat(path, &st) < 0)
		return error_errno(err, errno, "limit the rate of %.100s", path);
	if (!S_ISBLK(st.st_mode))
		return error_set(err, "limit the rate of %.100s: it is no disk", path);
	add(list, "io.max", false,
	    arena_printf(list->arena, "%u:%u %s=%" PRIu64, major(st.st_rdev), minor(st.st_rdev), key,
			 rate));
	return 0;
}

static int add_rates(struct list *list, const struct resource_config *resources,
		     struct error *err)
{
	static const char *const keys[RATE_COUNT] = {"rbps", "wbps", "riops", "wiops"};
	for (int kind = 0; kind < RATE_COUNT; kind++)
		for (size_t i = 0; i < resources->rates[kind].count; i++)
			if (add_rate(list, keys[kind], resources->rates[kind].items[i], err) < 0)
				return -1;
	return 0;
}

/* A kernel without swap has no memory.swap.max, and nothing to limit. */
static void add_swap(struct list *list, const struct container_config *config)
{
	uint64_t swap = resources_swap(config);
	add(list, "memory.swap.max", true,
	    swap == UINT64_MAX ? "max" : arena_printf(list->arena, "%" PRIu64, swap));
}

int specification_resources(const struct container_config *config, struct arena *arena,
			    struct container_spec *spec, struct error *err)
{
	enum { SINGLE = 4 };
	const struct resource_config *own = &config->resources;
	struct resources *resources = &spec->resources;
	size_t most = resources->setting_count + SINGLE;
	for (int kind = 0; kind < RATE_COUNT; kind++)
		most += own->rates[kind].count;
	struct list list = {arena, arena_alloc(arena, most * sizeof *list.items),
			    resources->setting_count, false};
	if (!list.items)
		return error_set(err, "no memory for the limits");
	if (list.count)
		memcpy(list.items, resources->settings, list.count * sizeof *list.items);
	if (own->cpu_shares)
		add(&list, "cpu.weight", false,
		    arena_printf(arena, "%u", cpu_weight(own->cpu_shares)));
	if (own->memory_reservation)
		add(&list, "memory.low", false,
		    arena_printf(arena, "%" PRIu64, own->memory_reservation));
	if (own->memory_swap)
		add_swap(&list, config);
	if ((own->cpuset && add_cpus(&list, own->cpuset, err) < 0) ||
	    add_rates(&list, own, err) < 0)
		return -1;
	resources->settings = list.items;
	resources->setting_count = list.count;
	return list.full ? error_set(err, "no memory for the limits") : 0;
}
