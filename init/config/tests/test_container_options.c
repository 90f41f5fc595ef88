// SPDX-License-Identifier: Apache-2.0
#include "init/config/container_options.h"

#include "init/config/command_line.h"
#include "init/supervise/specification_options.h"
#include "init/supervise/specification_security.h"
#include "init/supervise/volumes.h"
#include "lib/syscalls.h"
#include "lib/tap.h"
#include "runtime/capabilities.h"
#include "runtime/defaults.h"

#include <sys/resource.h>

static struct machine machine;
static struct container_spec spec;
static struct error err;

/* The specification that a command line stands for; -1 when it is refused. */
static int build(const char *words)
{
	static char block[64 * 1024];
	static struct command_line_problems problems;
	struct arena arena;
	char line[1024];
	snprintf(line, sizeof line, "berth.image=x %s", words);
	machine_init(&machine);
	err = (struct error){0};
	if (command_line_parse(line, &machine, &problems) < 0) {
		err = problems.kept[0];
		return -1;
	}
	arena_init(&arena, block, sizeof block);
	defaults_fill(&spec);
	defaults_join_network(&spec, 5);
	static const struct pull_result image;
	const struct instance instance = {
		.machine = &machine, .config = machine.container, .image = &image};
	return specification_options(machine.container, &arena, &spec, &err) < 0 ||
			       volumes_mount(&instance, "/nowhere", &arena, &spec, &err) < 0
		       ? -1
		       : specification_security(&machine, machine.container, &arena, &spec, &err);
}

static uint64_t capabilities(const char *words)
{
	return build(words) == 0 ? spec.process.capabilities.effective : 0;
}

static uint64_t one(const char *name)
{
	return 1ULL << capability_number(name);
}

static void test_capabilities(void)
{
	uint64_t all = 0;
	parse_capability("ALL", &all, NULL);
	ok(capabilities("") == CAPABILITIES_DEFAULT, "Docker's set without a word");
	ok(capabilities("berth.cap-add=NET_ADMIN") == (CAPABILITIES_DEFAULT | one("CAP_NET_ADMIN")),
	   "one more");
	ok(capabilities("berth.cap-drop=cap_chown") == (CAPABILITIES_DEFAULT & ~one("CAP_CHOWN")),
	   "one less, however it is written");
	ok(capabilities("berth.cap-drop=ALL berth.cap-add=KILL") == one("CAP_KILL"), "none but one");
	ok(capabilities("berth.cap-add=ALL berth.cap-drop=KILL") == (all & ~one("CAP_KILL")),
	   "all but one");
	ok(spec.process.capabilities.bounding == spec.process.capabilities.permitted, "in all sets");
}

static const struct spec_mount *mount_at(const char *path)
{
	for (size_t i = 0; i < spec.mount_count; i++)
		if (strcmp(spec.mounts[i].destination, path) == 0)
			return &spec.mounts[i];
	return NULL;
}

static void test_rest(void)
{
	ok(build("berth.tmpfs=/run:size=1m,mode=755,exec,ro berth.shm-size=2M berth.read-only=true "
		 "berth.ulimit=nofile=5:6 berth.ulimit=core=-1 berth.sysctl=net.core.somaxconn=9 "
		 "berth.oom-score-adj=-7") == 0, "all of them together: %s", err.text);
	const struct spec_mount *run = mount_at("/run"), *shm = mount_at("/dev/shm");
	ok(run && run->set == (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_RDONLY),
	   "the attributes of a tmpfs");
	is(run->options[1].key, "size", "its options");
	is(run->options[2].value, "755", "and their values");
	ok(run->options[3].key == NULL, "and no more");
	is(shm->options[2].value, "2097152", "the size of /dev/shm");
	ok(spec.root_readonly && spec.process.oom_score_adj == -7, "flags and numbers");
	ok(spec.process.limit_count == 2 && spec.process.limits[0].resource == RLIMIT_NOFILE &&
		   spec.process.limits[0].hard == 6 && spec.process.limits[1].soft == UINT64_MAX,
	   "limits take the place of the default one");
	ok(spec.sysctl_count == 3, "settings of the kernel stand beside the default ones");
}

static void test_devices(void)
{
	ok(build("berth.device=/dev/null berth.device=/dev/zero:/dev/nought:r berth.device=/dev/full:rw "
		 "\"berth.device-cgroup-rule=b *:7 m\" berth.group-add=audio berth.group-add=50") == 0,
	   "devices, rules, groups: %s", err.text);
	ok(spec.device_count == 3 && spec.resources.device_count == 4 && spec.resources.has_devices,
	   "all of them");
	const struct spec_device *node = &spec.devices[1];
	is(node->path, "/dev/nought", "where it is");
	ok(node->type == 'c' && node->major == 1 && node->minor == 5 && node->mode == 0666,
	   "what the machine's is");
	is(spec.devices[2].path, "/dev/full", "permissions without a place");
	const struct device_rule *rules = spec.resources.devices;
	ok(rules[0].access == DEVICE_ALL && rules[1].access == DEVICE_READ &&
		   rules[2].access == (DEVICE_READ | DEVICE_WRITE) && rules[1].minor == 5,
	   "and what it may do with them");
	ok(rules[3].type == 'b' && rules[3].major == -1 && rules[3].minor == 7 &&
		   rules[3].access == DEVICE_CREATE && rules[3].allow,
	   "a rule");
	ok(spec.process.more_groups.count == 2, "groups");
	ok(build("") == 0 && !spec.resources.has_devices, "none by itself");
}

static void test_security(void)
{
	uint64_t all = 0;
	parse_capability("ALL", &all, NULL);
	ok(build("") == 0 && spec.process.no_new_privs && spec.process.seccomp.code &&
		   spec.masked_paths.count && spec.mask_thermal && !spec.all_devices &&
		   !spec.process.reaper,
	   "confined by itself");
	ok(build("berth.privileged=true") == 0 && spec.process.capabilities.bounding == all,
	   "privileged: all capabilities");
	ok(!spec.process.no_new_privs && !spec.process.seccomp.code && !spec.masked_paths.count &&
		   !spec.readonly_paths.count && !spec.mask_thermal && spec.all_devices,
	   "no filter, nothing masked, all devices");
	ok(spec.resources.has_devices && spec.resources.devices[0].type == 'a' &&
		   spec.resources.devices[0].access == DEVICE_ALL,
	   "all of which it may use");
	ok(!(mount_at("/sys")->set & MOUNT_ATTR_RDONLY) &&
		   !(mount_at("/sys/fs/cgroup")->set & MOUNT_ATTR_RDONLY) &&
		   mount_at("/sys")->set & MOUNT_ATTR_NOSUID,
	   "/sys is writable");
	ok(build("berth.privileged=true berth.security-opt=no-new-privileges berth.cap-drop=KILL") == 0 &&
		   spec.process.no_new_privs &&
		   spec.process.capabilities.permitted == (all & ~one("CAP_KILL")),
	   "but what is taken away");
	ok(build("berth.security-opt=no-new-privileges:false") == 0 && !spec.process.no_new_privs &&
		   spec.process.seccomp.code && spec.masked_paths.count,
	   "one thing alone");
	ok(build("berth.security-opt=seccomp=unconfined berth.security-opt=systempaths=unconfined "
		 "berth.security-opt=label:disable berth.init=true") == 0 &&
		   spec.process.no_new_privs && !spec.process.seccomp.code && !spec.masked_paths.count &&
		   spec.process.reaper,
	   "and others");
}

static void refused(const char *words, const char *reason)
{
	ok(build(words) < 0 && strstr(err.text, reason), "%s: %s", words, err.text);
}

int main(void)
{
	test_capabilities();
	test_rest();
	test_devices();
	test_security();
	refused("berth.security-opt=apparmor=x", "no AppArmor");
	refused("berth.security-opt=label=type:x", "no SELinux");
	refused("berth.security-opt=no-new-privileges=maybe", "is none of");
	refused("berth.security-opt=seccomp=", "is none of");
	refused("berth.security-opt=seccomp=/p.json", "one of a document");
	refused("berth.privileged=yes", "neither true nor false");
	refused("berth.userns=yes", "neither auto nor host");
	refused("berth.userns=auto berth.privileged=true", "userns_mode: host");
	refused("berth.userns=auto berth.pid=host", "userns_mode: host");
	refused("berth.userns=auto berth.network=host", "userns_mode: host");
	refused("berth.cap-add=NET_ADMN", "did you mean NET_ADMIN?");
	refused("berth.ulimit=nofiles=5", "not a limit of setrlimit");
	refused("berth.ulimit=nofile=6:5", "SOFT at most HARD");
	refused("berth.ulimit=nofile=6:", "SOFT at most HARD");
	refused("berth.sysctl=vm.swappiness=5", "not a setting of a container");
	refused("berth.sysctl=net.core.somaxconn=5 berth.network=host", "no network of its own");
	refused("berth.sysctl=kernel.shmmax=5 berth.ipc=host", "no IPC namespace of its own");
	refused("berth.sysctl=kernel.domainname=x berth.uts=host", "no host name of its own");
	refused("berth.uts=host berth.container-hostname=x", "drop one");
	refused("berth.uts=shareable", "neither private nor host");
	refused("berth.pid=shareable", "none of private, host");
	refused("berth.ipc=service:", "none of private");
	refused("berth.ipc=service:a", "no service a");
	refused("berth.pid=service:a", "there is no such service");
	refused("berth.device=/etc/passwd", "not a device of the machine");
	refused("berth.device=/dev/../etc/passwd", "not a device of the machine");
	refused("berth.device=/dev/null:/a:b:c", "not of the form");
	refused("berth.device=/dev/null:rx", "no permissions");
	refused("berth.device=/dev/null:rr", "no permissions");
	refused("berth.device=/dev/null:/proc/x", "nothing can be mounted");
	refused("berth.device=/dev/berth-none", "No such file");
	refused("berth.device=/dev/fd", "is not a device");
	refused("\"berth.device-cgroup-rule=x 1:2 rw\"", "not a rule");
	refused("\"berth.device-cgroup-rule=c 1:2\"", "not a rule");
	refused("\"berth.device-cgroup-rule=c 1:99999999999 rw\"", "not a rule");
	refused("berth.group-add=a:b", "neither the name");
	refused("berth.tmpfs=run", "not an absolute path");
	refused("berth.tmpfs=/", "not an absolute path");
	refused("berth.tmpfs=/run:bind", "no option of a tmpfs");
	refused("berth.add-host=h=1.2.3", "HOST=ADDRESS");
	refused("berth.stop-signal=SIGNONE", "not a signal");
	refused("berth.read-only=yes", "neither true nor false");
	refused("berth.shm-size=1", "less than a page");
	refused("berth.oom-score-adj=-1000", "from -999 to 1000");
	return tap_end();
}
