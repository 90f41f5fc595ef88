// SPDX-License-Identifier: Apache-2.0
/* config.json: what is read, what is refused and with which words. */
#include "lib/cleanup.h"
#include "lib/tap.h"
#include "runtime/oci/config.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>

/* A whole configuration around the members that a case is about. */
#define PROCESS(...) \
	"\"process\":{\"args\":[\"sh\"],\"cwd\":\"/\",\"user\":{\"uid\":0,\"gid\":0}" __VA_ARGS__ "}"
#define ROOT "\"ociVersion\":\"1.2.0\",\"root\":{\"path\":\"rootfs\"}"
#define LINUX(...) "\"linux\":{\"namespaces\":[{\"type\":\"mount\"}]" __VA_ARGS__ "}"
#define LEAST "{" ROOT "," PROCESS() "," LINUX()
#define WITH_PROCESS(...) "{" ROOT "," LINUX() "," PROCESS("," __VA_ARGS__) "}"
#define WITH_LINUX(...) "{" ROOT "," PROCESS() "," LINUX("," __VA_ARGS__) "}"
#define WITH_MOUNT(...) LEAST ",\"mounts\":[{" __VA_ARGS__ "}]}"

static struct oci_config config;
static struct error err;

static int parse(const char *text)
{
	oci_config_free(&config);
	err = (struct error)ERROR_INIT;
	return oci_config_parse(&config, "/bundle", text, strlen(text), &err);
}

static const struct refusal {
	const char *text, *message, *name;
} REFUSALS[] = {
	{"[]", "not an object", "the document is an array"},
	{"{" ROOT "," PROCESS() "," LINUX() ",}", "not valid JSON", "a trailing comma"},
	{"{" PROCESS() "," LINUX() "}", "ociVersion", "no version"},
	{"{\"ociVersion\":\"2.0.0\",\"root\":{\"path\":\"r\"}," PROCESS() "," LINUX() "}",
	 "ociVersion 2.0.0 is not 1.x", "a version of another world"},
	{"{\"ociVersion\":\"1.0.0\"," PROCESS() "," LINUX() "}", "root is missing", "no root"},
	{"{" ROOT "," PROCESS() "}", "no mount namespace", "no mount namespace"},
	{LEAST ",\"hostname\":\"x\"}", "UTS namespace", "a host name without a UTS namespace"},
	{LEAST ",\"hostname\":5}", "hostname is not a text", "a host name that is a number"},
	{LEAST ",\"annotations\":{\"a\":1}}", "annotations", "an annotation that is a number"},
	{"{" ROOT "," LINUX() ",\"process\":{\"args\":[],\"cwd\":\"/\"}}", "process.args",
	 "empty args"},
	{"{" ROOT "," LINUX() ",\"process\":{\"args\":[\"a\"],\"cwd\":\"x\"}}", "not an absolute",
	 "a relative cwd"},
	{"{" ROOT "," LINUX() ",\"process\":{\"args\":[1],\"cwd\":\"/\"}}", "element 0",
	 "args with a number"},
	{"{" ROOT "," LINUX() ",\"process\":{\"args\":[\"a\\u0000b\"],\"cwd\":\"/\"}}", "element 0",
	 "an embedded NUL"},
	{"{" ROOT "," LINUX() ",\"process\":{\"args\":[\"a\"],\"cwd\":\"/\",\"user\":"
	 "{\"uid\":4294967295,\"gid\":0}}}",
	 "process.user.uid", "CVE-2026-46680: a uid that set*id(2) takes for \"as it is\""},
	{"{" ROOT "," LINUX() ",\"process\":{\"args\":[\"a\"],\"cwd\":\"/\",\"user\":"
	 "{\"uid\":0,\"gid\":4294967295}}}",
	 "process.user.gid", "CVE-2026-46680: such a gid"},
	{"{" ROOT "," LINUX() ",\"process\":{\"args\":[\"a\"],\"cwd\":\"/\",\"user\":"
	 "{\"uid\":0,\"gid\":0,\"additionalGids\":[4294967295]}}}",
	 "no ID", "CVE-2026-46680: such a group"},
	{WITH_PROCESS("\"user\":5"), "", "user given twice, once as a number"},
	{WITH_PROCESS("\"oomScoreAdj\":1001"), "between -1000 and 1000", "an OOM score too high"},
	{WITH_PROCESS("\"rlimits\":[{\"type\":\"RLIMIT_X\",\"soft\":1,\"hard\":1}]"),
	 "unknown \"RLIMIT_X\"", "an unknown limit"},
	{WITH_PROCESS("\"rlimits\":[{\"type\":\"RLIMIT_CPU\",\"soft\":1,\"hard\":1},"
		      "{\"type\":\"RLIMIT_CPU\",\"soft\":1,\"hard\":1}]"),
	 "twice", "a limit given twice"},
	{WITH_PROCESS("\"rlimits\":[{\"type\":\"RLIMIT_CPU\",\"soft\":2,\"hard\":1}]"),
	 "above hard", "soft above hard"},
	{WITH_PROCESS("\"scheduler\":{\"policy\":\"SCHED_MAGIC\"}"), "SCHED_MAGIC",
	 "an unknown policy"},
	{WITH_PROCESS("\"scheduler\":{\"policy\":\"SCHED_DEADLINE\",\"runtime\":5,\"deadline\":4}"),
	 "SCHED_DEADLINE needs", "a runtime above the deadline"},
	{WITH_PROCESS("\"ioPriority\":{\"class\":\"IOPRIO_CLASS_BE\",\"priority\":8}"),
	 "between 0 and 7", "an I/O priority too high"},
	{WITH_PROCESS("\"execCPUAffinity\":{\"final\":\"3-1\"}"), "no list of numbers",
	 "a CPU range backwards"},
	{"{" ROOT "," PROCESS() ",\"linux\":{\"namespaces\":[{\"type\":\"mount\"},"
	 "{\"type\":\"mount\"}]}}", "twice", "a namespace given twice"},
	{"{" ROOT "," PROCESS() ",\"linux\":{\"namespaces\":[{\"type\":\"mnt\"}]}}", "unknown",
	 "an unknown namespace"},
	{"{" ROOT "," PROCESS() ",\"linux\":{\"namespaces\":[{\"type\":\"mount\"},"
	 "{\"type\":\"user\"}]}}", "uidMappings", "a user namespace without maps"},
	{WITH_LINUX("\"uidMappings\":[{\"containerID\":0,\"hostID\":0,\"size\":1}],"
		    "\"gidMappings\":[{\"containerID\":0,\"hostID\":0,\"size\":1}]"),
	 "without a user namespace", "maps without a user namespace"},
	{WITH_LINUX("\"sysctl\":{\"kernel.core_pattern\":\"|/x\"}"), "belongs to no namespace",
	 "CVE-2022-0811: a sysctl of the host"},
	{WITH_LINUX("\"sysctl\":{\"net/../kernel/core_pattern\":\"|/x\"}"),
	 "belongs to no namespace", "a sysctl of the host by \"..\""},
	{WITH_LINUX("\"sysctl\":{\"net.ipv4.ip_forward\":\"1\"}"), "would change the host's",
	 "a network sysctl without a network namespace"},
	{WITH_LINUX("\"devices\":[{\"path\":\"/dev/x\",\"type\":\"q\"}]"), "not c, b, u or p",
	 "an unknown type of device"},
	{WITH_LINUX("\"devices\":[{\"path\":\"/dev/x\",\"type\":\"c\"}]"), "lacks major",
	 "a device without numbers"},
	{WITH_LINUX("\"intelRdt\":{}"), "not supported", "intelRdt"},
	{WITH_LINUX("\"memoryPolicy\":{}"), "memoryPolicy.mode", "a memory policy without mode"},
	{WITH_LINUX("\"memoryPolicy\":{\"mode\":\"MPOL_MAGIC\"}"), "MPOL_MAGIC",
	 "an unknown memory policy"},
	{WITH_LINUX("\"memoryPolicy\":{\"mode\":\"MPOL_BIND\",\"nodes\":\"0\",\"flags\":[\"MPOL_F_X\"]}"),
	 "MPOL_F_X", "an unknown flag of a memory policy"},
	{WITH_LINUX("\"memoryPolicy\":{\"mode\":\"MPOL_BIND\",\"nodes\":\"a\"}"), "no list of numbers",
	 "memory nodes that are none"},
	{WITH_LINUX("\"netDevices\":{\"eth7\":{}}"), "no network namespace",
	 "a network device without a network namespace"},
	{WITH_LINUX("\"netDevices\":{\"a/b\":{}}"), "no name of a device",
	 "a path as network device"},
	{WITH_LINUX("\"netDevices\":{\"eth%d\":{}}"), "no name of a device",
	 "a template as the name of a device that is"},
	{WITH_LINUX("\"netDevices\":{\"eth7\":{\"name\":\"a-name-too-long-\"}}"),
	 "no name of a device", "a network device's name of 16 bytes"},
	{WITH_LINUX("\"netDevices\":{\"eth7\":{\"name\":\"%s%d\"}}"), "no name of a device",
	 "another template than the kernel's"},
	{WITH_LINUX("\"netDevices\":{\"eth7\":5}"), "no object", "a network device that is none"},
	{WITH_LINUX("\"rootfsPropagation\":\"sideways\""), "unknown", "an unknown propagation"},
	{WITH_LINUX("\"resources\":{\"memory\":{\"swap\":5}}"), "needs a limit",
	 "swap without memory"},
	{WITH_LINUX("\"resources\":{\"memory\":{\"limit\":10,\"swap\":5}}"), "below the limit",
	 "swap below memory"},
	{WITH_LINUX("\"resources\":{\"unified\":{\"../x\":\"1\"}}"), "no file of a controller",
	 "a cgroup file outside the group"},
	{WITH_LINUX("\"resources\":{\"unified\":{\"cgroup.procs\":\"1\"}}"),
	 "no file of a controller", "cgroup.procs as a limit"},
	{WITH_LINUX("\"resources\":{\"network\":{\"classID\":5}}"), "class IDs",
	 "what only cgroup v1 has"},
	{WITH_LINUX("\"resources\":{\"devices\":[{\"access\":\"rwx\"}]}"), "is not of r, w, m",
	 "an unknown access"},
	{WITH_LINUX("\"seccomp\":{\"defaultAction\":\"SCMP_ACT_MAYBE\"}"), "SCMP_ACT_MAYBE",
	 "an unknown action"},
	{WITH_LINUX("\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":"
		    "[\"mkdir\"],\"action\":\"SCMP_ACT_NOTIFY\"}]}"),
	 "without listenerPath", "notifications without a listener"},
	{WITH_LINUX("\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"defaultErrnoRet\":5}"),
	 "returns no error", "an errno for an action that has none"},
	{WITH_LINUX("\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":"
		    "[\"kill\"],\"action\":\"SCMP_ACT_KILL\",\"args\":[{\"index\":6,\"value\":1,"
		    "\"op\":\"SCMP_CMP_EQ\"}]}]}"),
	 "between 0 and 5", "a seventh argument"},
	{WITH_MOUNT("\"destination\":\"/x\""), "neither a type nor", "a mount of nothing"},
	{WITH_MOUNT("\"destination\":\"/x\",\"options\":[\"bind\"]"), "no source",
	 "a bind mount without source"},
	{WITH_MOUNT("\"destination\":\"/proc/self\",\"type\":\"tmpfs\",\"source\":\"x\""),
	 "inside /proc", "CVE-2019-16884: a mount inside /proc"},
	{WITH_MOUNT("\"destination\":\"//proc/self\",\"type\":\"none\",\"source\":\"/\","
		    "\"options\":[\"bind\"]"),
	 "inside /proc", "CVE-2019-16884: the same by another spelling"},
	{WITH_MOUNT("\"destination\":\"/.//./proc/./self\",\"type\":\"tmpfs\""), "inside /proc",
	 "CVE-2019-16884: the same behind a dot"},
	{WITH_MOUNT("\"destination\":\"/sys/../proc/self\",\"type\":\"tmpfs\""), "\"..\"",
	 "CVE-2019-16884: the same by \"..\""},
	{WITH_MOUNT("\"destination\":\"/x\",\"type\":\"proc\",\"options\":[\"tmpcopyup\"]"),
	 "no tmpfs", "tmpcopyup on another file system"},
	{LEAST ",\"hooks\":{\"prestart\":[{\"path\":\"rel\"}]}}", "not an absolute path",
	 "a relative hook"},
	{LEAST ",\"hooks\":{\"prestart\":[{\"path\":\"/x\",\"timeout\":0}]}}", "between 1",
	 "a hook without time"},
};

static void test_refusals(void)
{
	for (size_t i = 0; i < countof(REFUSALS); i++) {
		const struct refusal *refusal = &REFUSALS[i];
		int got = parse(refusal->text);
		/* Of two members of one name the first counts: the parser's rule, not an error. */
		bool want = *refusal->message != 0;
		ok(want ? got < 0 && strstr(err.text, refusal->message) : got == 0,
		   "%s: %s", refusal->name, err.text);
	}
}

static void test_process(void)
{
	ok(parse(WITH_PROCESS("\"env\":[\"A=b\"],\"noNewPrivileges\":true,\"oomScoreAdj\":-5,"
			      "\"capabilities\":{\"bounding\":[\"CAP_CHOWN\",\"CAP_NONE\"],"
			      "\"ambient\":[\"CAP_KILL\"]},\"execCPUAffinity\":{\"final\":\"0,2-3\"},"
			      "\"rlimits\":[{\"type\":\"RLIMIT_CORE\",\"soft\":0,"
			      "\"hard\":18446744073709551615}],\"unknown\":{}")) == 0,
	   "a process (%s)", err.text);
	const struct process_spec *process = &config.spec.process;
	ok(process->no_new_privs && process->has_oom_score_adj && process->oom_score_adj == -5,
	   "no_new_privs and OOM score");
	ok(process->capabilities.bounding == 1 && process->capabilities.ambient == 1 << 5 &&
		   config.warnings.count == 1,
	   "capabilities, and a warning about an unknown one");
	ok(process->final_affinity.bits[0] == 0xd && !process->initial_affinity.given, "CPUs 0,2-3");
	ok(process->limit_count == 1 && process->limits[0].hard == UINT64_MAX, "an infinite limit");
	ok(parse("{" ROOT "," LINUX() ",\"process\":{\"args\":[\"a\"],\"cwd\":\"/\",\"user\":"
		 "{\"uid\":4294967294,\"gid\":7,\"umask\":63,\"additionalGids\":[1,2]}}}") == 0 &&
		   config.spec.process.uid == UINT32_MAX - 1 && config.spec.process.umask == 077 &&
		   config.spec.process.group_count == 2,
	   "user, umask and groups (%s)", err.text);
}

static void test_mounts(void)
{
	ok(parse(WITH_MOUNT("\"destination\":\"/x\",\"type\":\"bind\",\"source\":\"here\","
			    "\"options\":[\"rbind\",\"ro\",\"rw\",\"rro\",\"noatime\",\"nosuid\","
			    "\"rslave\"]")) == 0,
	   "a bind mount (%s)", err.text);
	const struct spec_mount *mount = config.spec.mounts;
	ok(!mount->type && mount->recursive && strcmp(mount->source, "/bundle/here") == 0,
	   "recursive, its source from the bundle");
	ok(mount->set == (MOUNT_ATTR_NOATIME | MOUNT_ATTR_NOSUID) &&
		   mount->clear == (MOUNT_ATTR_RDONLY | MOUNT_ATTR__ATIME) &&
		   mount->recursive_set == MOUNT_ATTR_RDONLY,
	   "of ro and rw the last counts; recursive attributes apart");
	ok(mount->propagation == MS_SLAVE && mount->propagation_recursive, "rslave");
	ok(parse(WITH_MOUNT("\"destination\":\"/x\",\"type\":\"tmpfs\",\"source\":\"shm\","
			    "\"options\":[\"mode=1777\",\"size=64k\",\"tmpcopyup\",\"sync\"]")) == 0,
	   "a tmpfs (%s)", err.text);
	mount = config.spec.mounts;
	ok(mount->copy_up && strcmp(mount->options[1].key, "mode") == 0 &&
		   strcmp(mount->options[1].value, "1777") == 0 &&
		   strcmp(mount->options[3].key, "sync") == 0 && !mount->options[3].value &&
		   !mount->options[4].key,
	   "the file system's own options");
	ok(parse(WITH_MOUNT("\"destination\":\"/sys/fs/cgroup\",\"type\":\"cgroup\","
			    "\"source\":\"cgroup\"")) == 0 && config.spec.mounts[0].own_cgroup,
	   "CVE-2023-25809: without a cgroup namespace only the own group is shown (%s)", err.text);
	ok(parse("{" ROOT "," PROCESS() ",\"linux\":{\"namespaces\":[{\"type\":\"mount\"},"
		 "{\"type\":\"user\"}],\"uidMappings\":[{\"containerID\":0,\"hostID\":5,\"size\":9}],"
		 "\"gidMappings\":[{\"containerID\":0,\"hostID\":5,\"size\":9}]},\"mounts\":[{"
		 "\"destination\":\"/sys\",\"type\":\"sysfs\",\"options\":[\"rw\"]}]}") == 0 &&
		   !config.spec.mounts[0].type && !config.spec.mounts[0].recursive &&
		   config.spec.mounts[0].set & MOUNT_ATTR_RDONLY,
	   "in the host's network, a user namespace gets the host's sysfs, read-only (%s)", err.text);
	ok(parse("{" ROOT "," PROCESS() ",\"linux\":{\"namespaces\":[{\"type\":\"mount\"},"
		 "{\"type\":\"cgroup\"}]},\"mounts\":[{\"destination\":\"/sys/fs/cgroup\","
		 "\"type\":\"cgroup\",\"options\":[\"ro\",\"magic\"]}]}") == 0 &&
		   strcmp(config.spec.mounts[0].options[0].key, "magic") == 0,
	   "an option of cgroup2 is for the kernel to know (%s)", err.text);
	ok(parse(WITH_MOUNT("\"destination\":\"/dev\",\"type\":\"bind\",\"source\":\"/dev\","
			    "\"options\":[\"rbind\"]")) == 0 && !config.spec.make_devices,
	   "a /dev from the host is left as it is (%s)", err.text);
}

static const char *setting(const char *file)
{
	for (size_t i = 0; i < config.spec.resources.setting_count; i++)
		if (strcmp(config.spec.resources.settings[i].file, file) == 0)
			return config.spec.resources.settings[i].value;
	return "none";
}

static void test_resources(void)
{
	static const struct {
		const char *file, *value;
	} WANT[] = {
		{"memory.max", "1000"},      {"memory.swap.max", "500"}, {"memory.low", "max"},
		{"cpu.weight", "100"},        {"cpu.max", "50000 100000"}, {"cpuset.cpus", "0-1"},
		{"pids.max", "max"},         {"io.weight", "default 4950"},
		{"io.max", "8:0 rbps=1024"}, {"hugetlb.2MB.max", "0"},
		{"rdma.max", "mlx hca_handle=3 hca_object=max"}, {"memory.high", "900"},
	};
	ok(parse(WITH_LINUX("\"resources\":{\"memory\":{\"limit\":1000,\"swap\":1500,"
			    "\"reservation\":-1},\"cpu\":{\"shares\":1024,\"quota\":50000,"
			    "\"cpus\":\"0-1\"},\"pids\":{\"limit\":-1},\"blockIO\":{\"weight\":500,"
			    "\"throttleReadBpsDevice\":[{\"major\":8,\"minor\":0,\"rate\":1024}]},"
			    "\"hugepageLimits\":[{\"pageSize\":\"2MB\",\"limit\":0}],"
			    "\"rdma\":{\"mlx\":{\"hcaHandles\":3}},"
			    "\"unified\":{\"memory.high\":\"900\"},"
			    "\"devices\":[{\"allow\":false},{\"allow\":true,\"type\":\"c\","
			    "\"major\":10,\"access\":\"rw\"}]}")) == 0,
	   "resources (%s)", err.text);
	for (size_t i = 0; i < countof(WANT); i++)
		is(setting(WANT[i].file), WANT[i].value, WANT[i].file);
	const struct device_rule *rules = config.spec.resources.devices;
	ok(config.spec.resources.device_count == 2 && rules[0].type == 'a' &&
		   rules[0].access == DEVICE_ALL && rules[1].major == 10 && rules[1].minor == -1 &&
		   rules[1].access == (DEVICE_READ | DEVICE_WRITE),
	   "device rules");
}

static void test_weights(void)
{
	static const struct {
		unsigned shares;
		const char *weight;
	} WANT[] = {{1, "1"},     {2, "1"},      {3, "2"},          {102, "17"},
		    {512, "59"},  {1024, "100"}, {2048, "174"},     {10240, "639"},
		    {262143, "10000"}, {262144, "10000"}, {4000000, "10000"}};
	char text[512], name[64];
	for (size_t i = 0; i < countof(WANT); i++) {
		snprintf(text, sizeof text, WITH_LINUX("\"resources\":{\"cpu\":{\"shares\":%u}}"),
			 WANT[i].shares);
		snprintf(name, sizeof name, "the weight of %u shares", WANT[i].shares);
		ok(parse(text) == 0, "shares (%s)", err.text);
		is(setting("cpu.weight"), WANT[i].weight, name);
	}
}

static void test_swap(void)
{
	ok(parse(WITH_LINUX("\"resources\":{\"memory\":{\"swap\":0}}")) == 0, "no swap (%s)",
	   err.text);
	is(setting("memory.swap.max"), "0", "a swap of 0 is none");
	ok(parse(WITH_LINUX("\"resources\":{\"memory\":{\"swap\":-1,\"limit\":9}}")) == 0,
	   "swap without limit (%s)", err.text);
	is(setting("memory.swap.max"), "max", "a swap of -1 is not limited");
}

static void test_network_devices(void)
{
	ok(parse("{" ROOT "," PROCESS() ",\"linux\":{\"namespaces\":[{\"type\":\"mount\"},"
		 "{\"type\":\"network\"}],\"netDevices\":{\"eth7\":{},\"dummy0\":{\"name\":"
		 "\"net%d\"}}}}") == 0,
	   "network devices (%s)", err.text);
	const struct string_list *pairs = &config.spec.net_devices;
	ok(pairs->count == 4 && strcmp(pairs->items[1], "eth7") == 0 &&
		   strcmp(pairs->items[2], "dummy0") == 0 && strcmp(pairs->items[3], "net%d") == 0,
	   "their names outside and inside");
}

static void test_mount_label(void)
{
	ok(parse(WITH_LINUX("\"mountLabel\":\"system_u:object_r:x:s0\"")) == 0,
	   "a mount label (%s)", err.text);
	ok(config.spec.mount_label ? config.warnings.count == 0
				   : config.warnings.count == 1 &&
					     strstr(config.warnings.items[0], "no SELinux"),
	   "is kept, or there is a warning");
}

static void test_memory_policy(void)
{
	ok(parse(WITH_LINUX("\"memoryPolicy\":{\"mode\":\"MPOL_BIND\",\"nodes\":\"0,2\","
			    "\"flags\":[\"MPOL_F_STATIC_NODES\"]}")) == 0,
	   "a memory policy (%s)", err.text);
	const struct memory_policy *policy = &config.spec.memory_policy;
	ok(policy->given && policy->mode == (2 | 1 << 15) && policy->nodes.bits[0] == 5,
	   "its mode with the flag, and its nodes");
}

static void test_seccomp(void)
{
	ok(parse(WITH_LINUX("\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ERRNO\","
			    "\"defaultErrnoRet\":38,\"architectures\":[\"SCMP_ARCH_X86\"],"
			    "\"flags\":[\"SECCOMP_FILTER_FLAG_LOG\"],\"listenerPath\":\"/s\","
			    "\"listenerMetadata\":\"a\\\"b\",\"syscalls\":[{\"names\":[\"read\","
			    "\"no_such_call\"],\"action\":\"SCMP_ACT_ALLOW\"},{\"names\":[\"clone\"],"
			    "\"action\":\"SCMP_ACT_NOTIFY\",\"args\":[{\"index\":0,\"value\":1,"
			    "\"valueTwo\":1,\"op\":\"SCMP_CMP_MASKED_EQ\"}]}]}")) == 0,
	   "a filter (%s)", err.text);
	const struct seccomp_filter *filter = &config.spec.process.seccomp;
	ok(filter->code && filter->length > 5, "%u instructions", filter->length);
	ok(filter->flags == (SECCOMP_FILTER_FLAG_LOG | SECCOMP_FILTER_FLAG_NEW_LISTENER),
	   "its flags, and a listener for notifications");
	is(filter->listener_metadata, "a\\\"b", "metadata ready for JSON");
	ok(parse(WITH_LINUX("\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[{"
			    "\"names\":[\"read\",\"openat2\",\"clone3\"],\"action\":"
			    "\"SCMP_ACT_ALLOW\"}]}")) == 0 &&
		   filter->code[4].k == SYS_openat2 &&
		   filter->code[5].k == (SECCOMP_RET_ERRNO | ENOSYS),
	   "calls younger than the list answer ENOSYS (%s)", err.text);
	ok(parse(WITH_LINUX("\"seccomp\":{\"defaultAction\":\"SCMP_ACT_KILL_PROCESS\",\"syscalls\":[{"
			    "\"names\":[\"read\",\"clone3\"],\"action\":"
			    "\"SCMP_ACT_ALLOW\"}]}")) == 0 &&
		   filter->code[5].k != (SECCOMP_RET_ERRNO | ENOSYS),
	   "where the list kills it kills (%s)", err.text);
}

static void test_namespaces(void)
{
	ok(parse("{" ROOT "," PROCESS() ",\"linux\":{\"namespaces\":[{\"type\":\"mount\"},"
		 "{\"type\":\"network\",\"path\":\"/run/n\"},{\"type\":\"time\"},"
		 "{\"type\":\"user\"}],\"uidMappings\":[{\"containerID\":0,\"hostID\":5,"
		 "\"size\":9}],\"gidMappings\":[{\"containerID\":0,\"hostID\":6,\"size\":9}],"
		 "\"timeOffsets\":{\"boottime\":{\"secs\":-3,\"nanosecs\":7}},"
		 "\"sysctl\":{\"net.ipv4.ip_forward\":\"1\"}}}") == 0,
	   "namespaces (%s)", err.text);
	ok(config.spec.namespaces == (CLONE_NEWNS | CLONE_NEWUSER | 0x80 /* CLONE_NEWTIME */),
	   "made: mount, user, time");
	is(config.namespace_paths[NAMESPACE_NETWORK], "/run/n", "joined: network");
	ok(config.spec.maps.uids[0].outside == 5 && config.spec.maps.gids[0].size == 9 &&
		   config.spec.boottime_s == -3 && config.spec.boottime_ns == 7,
	   "maps and offsets");
}

int main(void)
{
	test_refusals();
	test_process();
	test_mounts();
	test_resources();
	test_weights();
	test_swap();
	test_network_devices();
	test_mount_label();
	test_memory_policy();
	test_seccomp();
	test_namespaces();
	oci_config_free(&config);
	return tap_end();
}
