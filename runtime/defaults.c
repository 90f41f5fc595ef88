// SPDX-License-Identifier: Apache-2.0
#include "runtime/defaults.h"

#include "lib/cleanup.h"
#include "lib/syscalls.h"
#include "runtime/capabilities.h"
#include "runtime/seccomp.h"

#include <inttypes.h>
#include <sched.h>
#include <sys/resource.h>

enum {
	CPU_PERIOD_US = 100000,
	CPU_QUOTA_MIN_US = 1000, /* the kernel's lower limit */
};

#define NO_SET_ID (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC)
#define PSEUDO (NO_SET_ID | MOUNT_ATTR_NODEV)

static const struct mount_option PROC[] = {{"source", "proc"}, {NULL, NULL}};
static const struct mount_option SYSFS[] = {{"source", "sysfs"}, {NULL, NULL}};
static const struct mount_option CGROUP[] = {{"source", "cgroup"}, {NULL, NULL}};
static const struct mount_option DEV[] = {
	{"source", "tmpfs"}, {"mode", "755"}, {"size", "65536k"}, {NULL, NULL}};
static const struct mount_option PTS[] = {{"source", "devpts"},   {"newinstance", NULL},
					  {"ptmxmode", "0666"},   {"mode", "0620"},
					  {"gid", "5"},           {NULL, NULL}};
static const struct mount_option SHM[] = {
	{"source", "shm"}, {"mode", "1777"}, {"size", "65536k"}, {NULL, NULL}};
static const struct mount_option MQUEUE[] = {{"source", "mqueue"}, {NULL, NULL}};

#define MOUNT(place, kind, with, attributes) \
	{.destination = (place), .type = (kind), .options = (with), .set = (attributes), \
	 .ensure_real = true}

static const struct spec_mount MOUNTS[] = {
	MOUNT("/proc", "proc", PROC, PSEUDO),
	MOUNT("/sys", "sysfs", SYSFS, PSEUDO | MOUNT_ATTR_RDONLY),
	/* Shows the container's own cgroup as the root: its cgroup namespace is new. */
	MOUNT("/sys/fs/cgroup", "cgroup2", CGROUP, PSEUDO | MOUNT_ATTR_RDONLY),
	MOUNT("/dev", "tmpfs", DEV, NO_SET_ID),
	MOUNT("/dev/pts", "devpts", PTS, NO_SET_ID),
	MOUNT("/dev/shm", "tmpfs", SHM, PSEUDO),
	MOUNT("/dev/mqueue", "mqueue", MQUEUE, PSEUDO),
};

static char *MASKED[] = {
	"/proc/acpi",        "/proc/asound",     "/proc/interrupts",
	"/proc/kcore",       "/proc/keys",       "/proc/latency_stats",
	"/proc/sched_debug", "/proc/scsi",       "/proc/timer_list",
	"/proc/timer_stats", "/sys/firmware",    "/sys/devices/virtual/powercap",
	NULL,
};
static char *READ_ONLY[] = {"/proc/bus", "/proc/fs",  "/proc/irq", "/proc/sys",
			    "/proc/sysrq-trigger", NULL};

/* Open files as containers have them since Docker 25: a low soft limit, because programs exist that
 * loop over every possible descriptor, and a hard limit that servers raise themselves to. */
static const struct resource_limit LIMITS[] = {{RLIMIT_NOFILE, 1024, 524288, true}};

static const struct sysctl NETWORK_SYSCTLS[] = {
	{"net/ipv4/ip_unprivileged_port_start", "0"},
	{"net/ipv4/ping_group_range", "0 2147483647"},
};

static struct string_list list_of(char **items, size_t count)
{
	return (struct string_list){.count = count, .capacity = count, .items = items};
}

static void fill_process(struct process_spec *process)
{
	*process = (struct process_spec){
		.user = "",
		.add_defaults = true,
		.has_capabilities = true,
		.capabilities = {.bounding = CAPABILITIES_DEFAULT,
				 .effective = CAPABILITIES_DEFAULT,
				 .permitted = CAPABILITIES_DEFAULT},
		.no_new_privs = true,
		.has_oom_score_adj = true,
		.limits = LIMITS,
		.limit_count = countof(LIMITS),
		.seccomp = {.code = seccomp_default_program, .length = seccomp_default_length},
		.stdin_fd = -1, .stdout_fd = -1, .stderr_fd = -1,
	};
}

void defaults_fill(struct container_spec *spec)
{
	*spec = (struct container_spec){
		.namespaces = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS |
			      CLONE_NEWCGROUP,
		.mounts = MOUNTS,
		.mount_count = countof(MOUNTS),
		.masked_paths = list_of(MASKED, countof(MASKED) - 1),
		.readonly_paths = list_of(READ_ONLY, countof(READ_ONLY) - 1),
		.make_devices = true,
		.mask_thermal = true,
	};
	for (int i = 0; i < NAMESPACE_COUNT; i++)
		spec->join[i] = -1;
	fill_process(&spec->process);
}

void defaults_join_network(struct container_spec *spec, int netns_fd)
{
	spec->join[NAMESPACE_NETWORK] = netns_fd;
	spec->sysctls = netns_fd < 0 ? NULL : NETWORK_SYSCTLS;
	spec->sysctl_count = netns_fd < 0 ? 0 : countof(NETWORK_SYSCTLS);
}

static int check_cpu(uint64_t millis, struct error *err)
{
	if (millis <= UINT64_MAX / CPU_PERIOD_US &&
	    millis * (CPU_PERIOD_US / 1000) >= CPU_QUOTA_MIN_US)
		return 0;
	return error_set(err,
			 "limit CPU time: %" PRIu64 " thousandths of a CPU is out of range; the "
			 "least is %d", millis, CPU_QUOTA_MIN_US * 1000 / CPU_PERIOD_US);
}

int defaults_limit(struct container_spec *spec, const struct simple_limits *limits,
		   struct arena *arena, struct error *err)
{
	enum { SETTINGS_MAX = 4 };
	struct cgroup_setting *settings = arena_alloc(arena, SETTINGS_MAX * sizeof *settings);
	size_t count = 0;
	if (limits->cpu_millis && check_cpu(limits->cpu_millis, err) < 0)
		return -1;
	if (!settings)
		return error_set(err, "no memory for the limits");
	if (limits->memory_bytes) {
		settings[count++] = (struct cgroup_setting){
			.file = "memory.max",
			.value = arena_printf(arena, "%" PRIu64, limits->memory_bytes)};
		/* A kernel without swap has no such file, and nothing to limit. */
		settings[count++] = (struct cgroup_setting){
			.file = "memory.swap.max", .value = "0", .optional = true};
	}
	if (limits->cpu_millis)
		settings[count++] = (struct cgroup_setting){
			.file = "cpu.max",
			.value = arena_printf(arena, "%" PRIu64 " %d",
					      limits->cpu_millis * (CPU_PERIOD_US / 1000),
					      CPU_PERIOD_US)};
	if (limits->pids)
		settings[count++] = (struct cgroup_setting){
			.file = "pids.max",
			.value = arena_printf(arena, "%" PRIu64, limits->pids)};
	for (size_t i = 0; i < count; i++)
		if (!settings[i].value)
			return error_set(err, "no memory for the limits");
	spec->resources.settings = settings;
	spec->resources.setting_count = count;
	return 0;
}
