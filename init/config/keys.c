// SPDX-License-Identifier: Apache-2.0
#include "init/config/keys.h"

#include "init/config/container_keys.h"
#include "init/config/container_options.h"
#include "init/config/device_keys.h"
#include "init/config/health.h"
#include "init/config/image_keys.h"
#include "init/config/logging.h"
#include "init/config/machine_keys.h"
#include "init/config/network_keys.h"
#include "init/config/resolver_keys.h"
#include "init/config/resources.h"
#include "init/config/security.h"
#include "init/config/sharing.h"
#include "init/config/source_keys.h"
#include "init/config/volumes.h"
#include "lib/cleanup.h"
#include "lib/suggest.h"

#include <string.h>

const struct config_key config_keys[] = {
	{"berth.image", KEY_CONTAINER, "REFERENCE", "",
	 "The image to run, as `docker run` takes it: `nginx`, `ghcr.io/o/r:tag`, "
	 "`localhost:5000/app@sha256:…`. Needed.", set_image},
	{"berth.cmd", KEY_CONTAINER, "\"WORDS\"", "the image's command",
	 "Replaces the image's command; split like a shell does (quotes and backslash, no "
	 "expansion). Words after ` -- ` do the same, one argument each.", set_command},
	{"berth.entrypoint", KEY_CONTAINER, "\"WORDS\"", "the image's entry point",
	 "Replaces the image's entry point; the image's command is then dropped.", set_entrypoint},
	{"berth.env", KEY_REPEATS | KEY_CONTAINER, "NAME=VALUE", "",
	 "Adds or replaces an environment variable.", add_env},
	{"berth.user", KEY_CONTAINER, "USER[:GROUP]", "the image's user",
	 "Runs as this user: names from the image's passwd and group files, or numbers.", set_user},
	{"berth.workdir", KEY_CONTAINER, "PATH", "the image's working directory",
	 "The working directory, absolute.", set_working_dir},
	{"berth.name", KEY_CONTAINER, "NAME", "last part of the repository",
	 "The container's name in console lines and in the report.", set_name},
	{"berth.port", KEY_REPEATS | KEY_CONTAINER, "[[ADDRESS:]MACHINE:]CONTAINER[/tcp|/udp]", "",
	 "Makes a port of the container answer at the machine's addresses, or only at ADDRESS: `127.0.0.1` is "
	 "the machine itself and who is on its network, an IPv6 one is in brackets.", add_port},
	{"berth.network", KEY_CONTAINER, "bridge|host|none", "bridge",
	 "The container's network: its own behind a bridge, the machine's, or only a loopback.",
	 set_network},
	{"berth.memory", KEY_CONTAINER, "SIZE", "no limit",
	 "Memory limit of the container, such as `128M`; beyond it the kernel kills it (reported as "
	 "OOM).", set_memory},
	{"berth.cpus", KEY_CONTAINER, "NUMBER", "no limit",
	 "CPU limit of the container, such as `0.5`.",
	 set_cpus},
	{"berth.pids", KEY_CONTAINER, "NUMBER", "2048",
	 "How many processes the container may have; 0: any.",
	 set_pids},
	{"berth.cpu-shares", KEY_CONTAINER, "NUMBER", "1024",
	 "Weight of the container when CPUs are short: with 2048 it gets twice of what another gets.",
	 set_cpu_shares},
	{"berth.cpuset", KEY_CONTAINER, "LIST", "all",
	 "The CPUs that the container may use, such as `0-2,4`.", set_cpuset},
	{"berth.memory-reservation", KEY_CONTAINER, "SIZE", "none",
	 "Memory that is left to the container while others have some to give.",
	 set_memory_reservation},
	{"berth.memory-swap", KEY_CONTAINER, "SIZE|-1", "berth.memory",
	 "Limit of memory and swap together; -1: any. The machine has no swap, so that berth.memory is "
	 "the limit whatever this says.", set_memory_swap},
	{"berth.device-read-bps", KEY_REPEATS | KEY_CONTAINER, "DISK:SIZE", "no limit",
	 "Bytes that the container may read in a second from a whole disk of the machine, such as "
	 "`/dev/vda:10M`.", add_read_bps},
	{"berth.device-write-bps", KEY_REPEATS | KEY_CONTAINER, "DISK:SIZE", "no limit",
	 "Likewise, bytes written.", add_write_bps},
	{"berth.device-read-iops", KEY_REPEATS | KEY_CONTAINER, "DISK:NUMBER", "no limit",
	 "Likewise, requests to read.", add_read_iops},
	{"berth.device-write-iops", KEY_REPEATS | KEY_CONTAINER, "DISK:NUMBER", "no limit",
	 "Likewise, requests to write.", add_write_iops},
	{"berth.read-only", KEY_CONTAINER, "true|false", "false",
	 "Whether the container's root file system is read-only.", set_read_only},
	{"berth.tmpfs", KEY_REPEATS | KEY_CONTAINER, "PATH[:OPTIONS]", "",
	 "A file system in memory at PATH in the container; `size=`, `mode=`, `uid=`, `gid=`, "
	 "`nr_inodes=`, `ro`, and `exec`, `suid`, `dev`, which are off.", add_tmpfs},
	{"berth.volume", KEY_REPEATS | KEY_CONTAINER, "[SOURCE:]PATH[:OPTIONS]", "",
	 "A volume at PATH in the container, which outlives it on a disk labelled `berth-data`. "
	 "SOURCE is a name, by which containers share it, or an absolute path, whose content also comes with "
	 "the initramfs when it is below /berth (compose.md). `ro`, `external`, `nocopy`, `subpath=PATH`.",
	 add_volume},
	{"berth.shm-size", KEY_CONTAINER, "SIZE", "64M",
	 "Size of the container's /dev/shm.", set_shm_size},
	{"berth.cap-add", KEY_REPEATS | KEY_CONTAINER, "NAME|ALL", "",
	 "Gives the container a capability beside Docker's default ones.", add_capability},
	{"berth.cap-drop", KEY_REPEATS | KEY_CONTAINER, "NAME|ALL", "",
	 "Takes a capability away; with `ALL`, only those of berth.cap-add are left.",
	 drop_capability},
	{"berth.ulimit", KEY_REPEATS | KEY_CONTAINER, "NAME=SOFT[:HARD]", "nofile=1024:524288",
	 "A limit of setrlimit, such as `nofile` or `memlock`; -1: none.", add_ulimit},
	{"berth.sysctl", KEY_REPEATS | KEY_CONTAINER, "NAME=VALUE", "",
	 "A kernel setting of the container's own network, IPC or host name.", add_sysctl},
	{"berth.group-add", KEY_REPEATS | KEY_CONTAINER, "GROUP", "",
	 "One more group of the container's user: a name from the image's group file, or a number.",
	 add_group},
	{"berth.device", KEY_REPEATS | KEY_CONTAINER, "SOURCE[:TARGET][:PERMISSIONS]", "",
	 "Gives the container a device of the machine, such as `/dev/vdb`, with its owner and mode; "
	 "PERMISSIONS are some of r, w and m (`rwm`).", add_device},
	{"berth.device-cgroup-rule", KEY_REPEATS | KEY_CONTAINER, "\"TYPE MAJOR:MINOR PERMISSIONS\"", "",
	 "Allows devices by their numbers, such as `\"c 10:* rw\"`; the container has to make the nodes.",
	 add_device_rule},
	{"berth.pid", KEY_CONTAINER, "private|host", "private",
	 "The container's process table: its own or the machine's.", set_pid},
	{"berth.ipc", KEY_CONTAINER, "private|shareable|none|host", "private",
	 "The container's IPC namespace with its /dev/shm: its own, without /dev/shm (none), or the "
	 "machine's.", set_ipc},
	{"berth.uts", KEY_CONTAINER, "private|host", "private",
	 "The container's host name: its own or the machine's.", set_uts},
	{"berth.cgroup", KEY_CONTAINER, "private|host", "private",
	 "What the container sees of the cgroups: its own as the root, or all.", set_cgroup},
	{"berth.init", KEY_CONTAINER, "true|false", "false",
	 "Whether a small init is the container's process 1: it runs the program as its child, hands "
	 "signals on, reaps, and ends with the program's status.", set_init},
	{"berth.privileged", KEY_CONTAINER, "true|false", "false",
	 "All capabilities, all devices of the machine, nothing masked, /sys and cgroups writable, no "
	 "system call filter, and no no_new_privs.", set_privileged},
	{"berth.security-opt", KEY_REPEATS | KEY_CONTAINER, "OPTION", "",
	 "`no-new-privileges=false`: setuid programs gain their user's rights; `seccomp=unconfined`: no "
	 "system call filter; `systempaths=unconfined`: nothing in /proc and /sys is masked.",
	 add_security},
	{"berth.add-host", KEY_REPEATS | KEY_CONTAINER, "HOST=ADDRESS", "",
	 "One more line of the container's /etc/hosts. As ADDRESS, `host-gateway` is the machine.",
	 add_host},
	{"berth.container-hostname", KEY_CONTAINER, "NAME", "the machine's, if it was given, else berth.name",
	 "The container's host name.", set_container_hostname},
	{"berth.domainname", KEY_CONTAINER, "NAME", "none",
	 "The domain of the container's host name.", set_domainname},
	{"berth.dns", KEY_REPEATS | KEY_CONTAINER, "ADDRESS", "the machine's",
	 "A name server of the container, up to three.", add_dns},
	{"berth.dns-search", KEY_REPEATS | KEY_CONTAINER, "DOMAIN", "the machine's",
	 "A domain that the container looks for names in; `.`: none.", add_dns_search},
	{"berth.dns-option", KEY_REPEATS | KEY_CONTAINER, "OPTION", "none",
	 "An option of the container's resolv.conf, such as `ndots:2`.", add_dns_option},
	{"berth.platform", KEY_CONTAINER, "linux/amd64[/VARIANT]", "the machine's",
	 "The platform of the image; a variant takes no newer one, and needs a processor that has it.",
	 set_platform},
	{"berth.stop-signal", KEY_CONTAINER, "SIGNAL", "the image's, else SIGTERM",
	 "The signal that asks the container to stop.", set_stop_signal},
	{"berth.oom-score-adj", KEY_CONTAINER, "NUMBER", "0",
	 "Who is killed first when the machine is out of memory: from -999, last, to 1000.",
	 set_oom_score_adj},
	{"berth.restart", KEY_CONTAINER, "no|on-failure[:N]|always|unless-stopped", "no",
	 "When the container is started again after its end.", set_restart},
	{"berth.restart-delay", KEY_CONTAINER, "TIME", "100ms, doubled each time up to 1m",
	 "Time between its end and its next start.", set_restart_delay},
	{"berth.restart-window", KEY_CONTAINER, "TIME", "none",
	 "After a run this long the N of on-failure:N counts anew.", set_restart_window},
	{"berth.stop-timeout", KEY_CONTAINER, "SECONDS", "10",
	 "Time between the stop signal and the kill.", set_stop_timeout},
	{"berth.health.test", KEY_CONTAINER, "\"NONE|CMD WORDS|CMD-SHELL 'TEXT'|X-BERTH-HTTP URL|X-BERTH-TCP :PORT\"", "the image's",
	 "What tells whether the container is healthy, by its exit status 0: a program with its "
	 "arguments, or a text for the image's shell; or what the machine asks over the "
	 "network; NONE: nothing, not even the image's test (compose.md).", set_health_test},
	{"berth.health.interval", KEY_CONTAINER, "TIME", "the image's, else 30s",
	 "Time between two tests, and before the first one: `500ms`, `30s`, `1m`.",
	 set_health_interval},
	{"berth.health.timeout", KEY_CONTAINER, "TIME", "the image's, else 30s",
	 "A test that takes longer is killed and has failed.", set_health_timeout},
	{"berth.health.retries", KEY_CONTAINER, "NUMBER", "the image's, else 3",
	 "So many failed tests in a row make it unhealthy.", set_health_retries},
	{"berth.health.start-period", KEY_CONTAINER, "TIME", "the image's, else none",
	 "Failures in this time after the start do not count, as long as no test was good.",
	 set_health_start_period},
	{"berth.health.start-interval", KEY_CONTAINER, "TIME", "the image's, else 5s",
	 "Time between two tests in the start period.", set_health_start_interval},
	{"berth.health.delay", KEY_CONTAINER, "TIME", "an interval",
	 "Time between the start and the first test.", set_health_delay},
	{"berth.health.successes", KEY_CONTAINER, "NUMBER", "1",
	 "So many good tests in a row make it healthy.", set_health_successes},
	{"berth.health.on-failure", KEY_CONTAINER, "none|stop", "none",
	 "Whether a container that has become unhealthy is stopped; berth.restart then starts it "
	 "again.", set_health_on_failure},
	{"berth.tty", KEY_CONTAINER, "true|false|COLUMNSxROWS", "false",
	 "Whether the container has a terminal, and its size (terminal.md).", set_tty},
	{"berth.stdin-open", KEY_CONTAINER, "true|false", "false",
	 "Whether the container's input stays open; what comes on the machine's console goes there "
	 "(terminal.md).", set_stdin_open},
	{"berth.log.driver", KEY_CONTAINER, "console|none|json-file|local|syslog",
	 "where the machine's own lines go",
	 "Where the container's output goes beside the console (logging.md); none: nowhere.",
	 set_log_driver},
	{"berth.log.max-size", KEY_CONTAINER, "SIZE", "10M",
	 "With json-file or local: the size after which a new file is begun.", set_log_max_size},
	{"berth.log.max-file", KEY_CONTAINER, "NUMBER", "3",
	 "With json-file or local: how many files are kept.", set_log_max_file},
	{"berth.log.syslog", KEY_CONTAINER, "udp|tcp://HOST[:PORT]", "berth.machine-log.syslog",
	 "With syslog: the server.", set_log_syslog},
	{"berth.log.facility", KEY_CONTAINER, "NAME", "daemon", "With syslog: the facility.",
	 set_log_facility},
	{"berth.log.tag", KEY_CONTAINER, "TEXT", "berth.name", "With syslog: the program's name.",
	 set_log_tag},
	{"berth.machine-log.console", 0, "all|problems|none", "all",
	 "What the console shows: everything, only the machine's own errors and warnings, or nothing.",
	 set_machine_log_console},
	{"berth.machine-log.syslog", 0, "udp|tcp://HOST[:PORT]", "",
	 "A syslog server that gets the machine's own lines, and the output of containers without a "
	 "berth.log.driver.", set_machine_log_syslog},
	{"berth.machine-log.facility", 0, "NAME", "daemon", "The facility there.",
	 set_machine_log_facility},
	{"berth.machine-log.file", 0, "true|false", "false",
	 "Whether the same is kept in files on the data disk.", set_machine_log_file},
	{"berth.machine-log.max-size", 0, "SIZE", "10M",
	 "The size after which a new file is begun.", set_machine_log_max_size},
	{"berth.machine-log.max-file", 0, "NUMBER", "3", "How many files of each are kept.",
	 set_machine_log_max_file},
	{"berth.deadline", 0, "SECONDS", "none",
	 "How long the containers may run in all: then they are stopped, and the machine ends with status "
	 "124.", set_deadline},
	{"berth.on-exit", 0, "poweroff|reboot|hold", "poweroff",
	 "What the machine does after the last container has ended.", set_on_exit},
	{"berth.data", 0, "FIELD=VALUE,…|none", "the disk labelled `berth-data`, else memory",
	 "The disk that images and volumes are kept on, and whether an empty one is formatted "
	 "(document.md, `x-berth.disks.data`): `device=/dev/vdb`, `label=`, `uuid=`, `serial=`, "
	 "`size=MIN[-MAX]`, `format=never` or `if-empty`, `grow=`, `required=`, `option=`.",
	 set_data_disk},
	{"berth.watchdog", 0, "SECONDS", "0: none",
	 "A watchdog resets the machine when PID 1 has been stuck for this long, 5 to 600.",
	 set_watchdog},
	{"berth.watchdog.device", 0, "auto|hardware|software|/dev/watchdogN", "auto",
	 "Which one; auto: one of the hardware (i6300esb, iTCO), else the kernel's timer. The machine "
	 "ends when it has no such one.", set_watchdog_device},
	{"berth.rescue", 0, "never|on-failure|at-start", "never",
	 "A shell on the console, as root: before the machine ends with another status than 0, or before "
	 "it looks for its metadata file; the rest follows its exit (security.md).", set_rescue},
	{"berth.ide", 0, "when-needed|always|never", "when-needed",
	 "When disks and CD drives behind IDE controllers are looked for, which takes most of a "
	 "second (sources.md).", set_ide},
	{"berth.userns", 0, "auto|host", "host",
	 "auto: the users of each container are others than the machine's; its root is nobody outside "
	 "(docs/runtime.md). Images and volumes stay as they are.", set_userns},
	{"berth.hostname", 0, "NAME", "from `ip=`, else `berth`",
	 "The machine's host name.", set_hostname},
	{"berth.machine-sysctl", KEY_REPEATS, "NAME=VALUE", "",
	 "A setting of the machine's own kernel, such as `vm.overcommit_memory=1`.",
	 add_machine_sysctl},
	{"berth.time.ntp", KEY_REPEATS, "HOST[:PORT]|none", "from `ip=`, else from DHCP",
	 "A server that is asked for the time (docs/time.md); `none`: nobody is.", add_time_server},
	{"berth.registry.insecure", KEY_REPEATS, "HOST[:PORT]", "",
	 "For this registry certificates are not checked, and plain HTTP is used when it does not "
	 "speak TLS.", add_insecure},
	{"berth.registry.connect", KEY_REPEATS, "HOST[:PORT]=ADDRESS:PORT", "",
	 "Dial this address for the registry; the name stays in requests and in certificate checks.",
	 add_connect},
	{"berth.pull.deadline", 0, "SECONDS", "21600",
	 "How long getting the image may take in all, repeated attempts included; 0: any time.",
	 set_pull_deadline},
	{"berth.images.url", KEY_REPEATS, "URL", "",
	 "An OCI layout on a web server, such as `https://host/images/app`: it is asked before the "
	 "registry.", add_image_url},
	{"berth.pull.policy", 0, "last-good|always|missing|never", "last-good",
	 "Whether an image that is stored already is asked for again, when the reference has no "
	 "digest: yes, and when nobody answers the stored one is used; yes, and no answer is a "
	 "failure; no; or no, nor is one that is nowhere in the machine.", set_pull_policy},
	{"berth.config", 0, "NAME|URL|data:BASE64|none", "whatever is found",
	 "Where the metadata file comes from: a source by its name, an address, the file itself, or "
	 "nowhere (docs/sources.md). Several with commas between them: each overrides the ones before; "
	 "one with a `?` behind its name may have none. The keys of this line come before what they say.",
	 set_config},
	{"berth.config.profiles", 0, "NAME[,NAME]", "those of `x-berth.profiles`",
	 "Services with these profiles are started too; `*`: all.", set_config_profiles},
	{"berth.config.digest", 0, "sha256:HEX", "",
	 "The bytes that a source gives must have this digest, and are then as good as this line.",
	 set_config_digest},
	{"berth.config.ca", 0, "PATH", "the public authorities",
	 "A PEM file in the initramfs: no other authority may vouch for `berth.config=https://…`.",
	 set_config_ca},
	{"berth.config.trust", 0, "network|disk|command-line|built-in", "command-line",
	 "The least trust that a source needs for its dangerous keys to be taken.",
	 set_config_trust},
	{"berth.config.timeout", 0, "SECONDS", "30",
	 "How long sources over the network may take, all together; 0: any time.",
	 set_config_timeout},
	{"berth.images.settings", 0, "JSON", "the file /etc/berth/images.json",
	 "Image settings: how registries are reached and which images are trusted "
	 "(registries.md, signatures.md). Refused in a machine that has the file.",
	 set_image_settings},
	{"berth.images.credentials", 0, "JSON", "the file /etc/berth/auth.json",
	 "Credentials for registries, as in Docker's config.json. For documents: what stands on the "
	 "command line, containers can read.", set_credentials},
	{"ip", 0, "CLIENT::GATEWAY:NETMASK:HOSTNAME:DEVICE:AUTOCONF:DNS0:DNS1", "dhcp",
	 "Address of the machine in the kernel's own syntax; `dhcp`; or `off` for no network. Beyond the "
	 "kernel's, addresses may be IPv6 in brackets: `[fd00::5]::[fd00::1]:64:::off:[fd00::53]`.",
	 set_ip},
	{"berth.machine-address", KEY_REPEATS, "ADDRESS/PREFIX", "",
	 "One more address of the machine's card, IPv4 or IPv6.", add_address},
	{"berth.machine-link", KEY_REPEATS, "NAME[,FIELD=VALUE]…", "",
	 "A VLAN (`v5,vlan=5,on=eth0`), a bond (`bond0,bond=active-backup,member=eth0,member=eth1,"
	 "miimon=100`) or another card (`eth1`), each with `mtu=` and `address=`. The machine's own "
	 "address is on the device that `ip` names, which may be one of these.", add_link},
	{"berth.machine-route", KEY_REPEATS, "NETWORK/PREFIX=GATEWAY", "",
	 "One more route, IPv4 or IPv6; `::/0=GATEWAY` is the default one of IPv6.", add_route},
	{"berth.machine-dns", KEY_REPEATS, "ADDRESS", "from `ip=`, else from DHCP",
	 "A name server, IPv4 or IPv6, up to four.", add_name_server},
	{"berth.machine-search", KEY_REPEATS, "DOMAIN", "from DHCP",
	 "A domain that short names are looked for in, up to six.", add_search},
	{"berth.machine-mtu", 0, "BYTES", "the card's",
	 "The largest packet of the machine's card.", set_mtu},
};

const size_t config_key_count = countof(config_keys);

const struct config_key *config_key_find(const char *name)
{
	for (size_t i = 0; i < config_key_count; i++)
		if (strcmp(config_keys[i].name, name) == 0)
			return &config_keys[i];
	return NULL;
}

static const char *nth_name(const void *context, size_t i)
{
	(void)context;
	return i < config_key_count ? config_keys[i].name : NULL;
}

const char *config_key_suggest(const char *name)
{
	return suggest(name, nth_name, NULL);
}
