// SPDX-License-Identifier: Apache-2.0
#include "init/config/keys.h"

#include "images/digest.h"
#include "images/layouts/layout_web.h"
#include "images/pull/deadline.h"
#include "images/reference.h"
#include "init/clock/ntp.h"
#include "init/config/container_options.h"
#include "init/config/data_disk.h"
#include "init/config/device_keys.h"
#include "init/config/health.h"
#include "init/config/logging.h"
#include "init/config/network_keys.h"
#include "init/config/resolver_keys.h"
#include "init/config/resources.h"
#include "init/config/security.h"
#include "init/config/sharing.h"
#include "init/config/sources/source.h"
#include "init/config/volumes.h"
#include "init/config/words.h"
#include "init/supervise/watchdog.h"
#include "lib/cleanup.h"
#include "lib/suggest.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

static int copy_text(struct machine *machine, const char *value, const char **out,
		     struct error *err)
{
	*out = arena_strdup(&machine->arena, value);
	return *out ? 0 : error_set(err, "more than %d bytes of settings", MACHINE_ARENA);
}

static int set_image(struct machine *machine, const char *value, struct error *err)
{
	struct reference reference;
	if (reference_parse(value, &reference, err) < 0)
		return -1;
	return copy_text(machine, value, &machine->container->image, err);
}

static int set_name(struct machine *machine, const char *value, struct error *err)
{
	size_t length = strspn(value, "abcdefghijklmnopqrstuvwxyz0123456789_.-");
	if (length == 0 || length > 63 || value[length] || !isalnum((unsigned char)*value))
		return error_set(err, "\"%.70s\" is not a container name: 1 to 63 of a-z, 0-9, _ . "
				      "and -, beginning with a letter or digit", value);
	return copy_text(machine, value, &machine->container->name, err);
}

/* The words take the place of those that a document gave. */
static int set_command(struct machine *machine, const char *value, struct error *err)
{
	machine->container->command = (struct string_list){0};
	machine->container->has_command = true;
	return split_words(value, &machine->arena, &machine->container->command, err);
}

static int set_entrypoint(struct machine *machine, const char *value, struct error *err)
{
	machine->container->entrypoint = (struct string_list){0};
	machine->container->has_entrypoint = true;
	return split_words(value, &machine->arena, &machine->container->entrypoint, err);
}

static int add_env(struct machine *machine, const char *value, struct error *err)
{
	if (*value == '=' || !strchr(value, '='))
		return error_set(err, "\"%.40s\" is not of the form NAME=VALUE", value);
	return string_list_add(&machine->container->env, &machine->arena, value, err);
}

static int add_port(struct machine *machine, const char *value, struct error *err)
{
	struct container_config *container = machine->container;
	if (container->port_count == NET_PORTS_MAX)
		return error_set(err, "more than %d ports", NET_PORTS_MAX);
	return port_mapping_parse(value, &container->ports[container->port_count], err) < 0
		       ? -1
		       : (container->port_count++, 0);
}

static int set_memory(struct machine *machine, const char *value, struct error *err)
{
	enum { LEAST = 512 * 1024 };
	uint64_t *bytes = &machine->container->memory_bytes;
	if (parse_size(value, bytes, err) < 0)
		return -1;
	return *bytes < LEAST ? error_set(err, "\"%.40s\" is less than 512K: no program can start",
					  value)
			      : 0;
}

static int set_cpus(struct machine *machine, const char *value, struct error *err)
{
	return parse_cpus(value, &machine->container->cpu_millis, err);
}

static int set_pids(struct machine *machine, const char *value, struct error *err)
{
	uint64_t pids;
	if (parse_size(value, &pids, err) < 0 || isalpha((unsigned char)value[strlen(value) - 1]) ||
	    pids > 4194304)
		return error_set(err, "\"%.40s\" is not a number of processes (0 to 4194304)",
				 value);
	machine->container->pids = pids;
	return 0;
}

static int set_restart(struct machine *machine, const char *value, struct error *err)
{
	return parse_restart(value, &machine->container->restart, &machine->container->restart_max,
			     err);
}

static int set_user(struct machine *machine, const char *value, struct error *err)
{
	return copy_text(machine, value, &machine->container->user, err);
}

static int set_working_dir(struct machine *machine, const char *value, struct error *err)
{
	if (*value != '/')
		return error_set(err, "\"%.40s\" is not an absolute path", value);
	return copy_text(machine, value, &machine->container->working_dir, err);
}

/* Index of `value` among the NULL-terminated names, or -1 with an error that lists them. */
static int choose(const char *value, const char *const *names, struct error *err)
{
	char all[128] = "";
	for (int i = 0; names[i]; i++) {
		if (strcmp(value, names[i]) == 0)
			return i;
		size_t used = strlen(all);
		snprintf(all + used, sizeof all - used, "%s%s", i ? ", " : "", names[i]);
	}
	return error_set(err, "\"%.40s\" is none of %s", value, all);
}

static int set_network(struct machine *machine, const char *value, struct error *err)
{
	static const char *const names[] = {"bridge", "host", "none", NULL};
	int mode = choose(value, names, err);
	if (mode >= 0)
		machine->container->network = (enum network_mode)mode;
	return mode < 0 ? -1 : 0;
}

static int set_on_exit(struct machine *machine, const char *value, struct error *err)
{
	static const char *const names[] = {"poweroff", "reboot", "hold", NULL};
	int action = choose(value, names, err);
	if (action >= 0)
		machine->on_exit = (enum exit_action)action;
	return action < 0 ? -1 : 0;
}

static int set_data_disk(struct machine *machine, const char *value, struct error *err)
{
	struct data_disk disk;
	if (data_disk_parse(value, &disk, err) < 0)
		return -1;
	return copy_text(machine, value, &machine->data_disk, err);
}

static int set_watchdog(struct machine *machine, const char *value, struct error *err)
{
	enum { LEAST_S = 5, LONGEST_S = 600 };
	if (parse_duration(value, LONGEST_S, &machine->watchdog_s, err) < 0)
		return -1;
	return machine->watchdog_s && machine->watchdog_s < LEAST_S
		       ? error_set(err, "\"%.40s\" is less than %d seconds: a disk may take as long",
				   value, LEAST_S)
		       : 0;
}

static int set_watchdog_device(struct machine *machine, const char *value, struct error *err)
{
	if (watchdog_device_check(value, err) < 0)
		return -1;
	return copy_text(machine, value, &machine->watchdog_device, err);
}

static int set_rescue(struct machine *machine, const char *value, struct error *err)
{
	static const char *const names[] = {"never", "on-failure", "at-start", NULL};
	int policy = choose(value, names, err);
	if (policy >= 0)
		machine->rescue = (enum rescue_policy)policy;
	return policy < 0 ? -1 : 0;
}

static int set_ide(struct machine *machine, const char *value, struct error *err)
{
	static const char *const names[] = {"when-needed", "always", "never", NULL};
	int policy = choose(value, names, err);
	if (policy >= 0)
		machine->ide = (enum ide_policy)policy;
	return policy < 0 ? -1 : 0;
}

static int set_stop_timeout(struct machine *machine, const char *value, struct error *err)
{
	uint64_t seconds;
	if (parse_duration(value, 86400, &seconds, err) < 0)
		return -1;
	machine->container->stop_timeout_ms = seconds * 1000;
	return 0;
}

static int set_pull_deadline(struct machine *machine, const char *value, struct error *err)
{
	return parse_duration(value, DEADLINE_LONGEST_S, &machine->pull_deadline_s, err);
}

static int set_deadline(struct machine *machine, const char *value, struct error *err)
{
	return parse_duration(value, RUN_LONGEST_S, &machine->deadline_s, err);
}

static int set_hostname(struct machine *machine, const char *value, struct error *err)
{
	size_t length = strlen(value);
	if (length == 0 || length >= sizeof machine->hostname || *value == '-' ||
	    strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.") !=
		    length)
		return error_set(err, "\"%.70s\" is not a host name: 1 to 64 letters, digits, - and .",
				 value);
	memcpy(machine->hostname, value, length + 1);
	return 0;
}

/* The option of `host`, made when it is not there yet. */
static struct registry_option *registry_of(struct machine *machine, const char *host, size_t length,
					   struct error *err)
{
	for (size_t i = 0; i < machine->registry_count; i++) {
		struct registry_option *option = &machine->registries[i];
		if (strlen(option->host) == length && memcmp(option->host, host, length) == 0)
			return option;
	}
	const char *copy = arena_strndup(&machine->arena, host, length);
	if (!copy || !length || memchr(host, '/', length) ||
	    machine->registry_count == MACHINE_REGISTRIES_MAX) {
		error_set(err, "\"%.60s\" is not HOST or HOST:PORT, or there are more than %d of them",
			  host, MACHINE_REGISTRIES_MAX);
		return NULL;
	}
	struct registry_option *option = &machine->registries[machine->registry_count++];
	*option = (struct registry_option){.host = copy};
	return option;
}

static int add_insecure(struct machine *machine, const char *value, struct error *err)
{
	struct registry_option *option = registry_of(machine, value, strlen(value), err);
	if (!option)
		return -1;
	option->insecure = true;
	return 0;
}

static int add_connect(struct machine *machine, const char *value, struct error *err)
{
	const char *equals = strchr(value, '=');
	const char *colon = equals ? strrchr(equals, ':') : NULL;
	if (!colon || !colon[1] || colon == equals + 1)
		return error_set(err, "\"%.60s\" is not of the form HOST:PORT=ADDRESS:PORT", value);
	struct registry_option *option =
		registry_of(machine, value, (size_t)(equals - value), err);
	return option ? copy_text(machine, equals + 1, &option->connect, err) : -1;
}

static int set_pull_policy(struct machine *machine, const char *value, struct error *err)
{
	static const char *const names[] = {"last-good", "always", "missing", "never", NULL};
	int policy = choose(value, names, err);
	if (policy >= 0)
		machine->pull_policy = (enum pull_policy)policy;
	return policy < 0 ? -1 : 0;
}

static int add_image_url(struct machine *machine, const char *value, struct error *err)
{
	if (!layout_is_url(value))
		return error_set(err, "\"%.60s\" does not begin with http:// or https://", value);
	if (machine->image_urls.count == MACHINE_IMAGE_URLS_MAX)
		return error_set(err, "more than %d of them", MACHINE_IMAGE_URLS_MAX);
	return string_list_add(&machine->image_urls, &machine->arena, value, err);
}

/* "none" leaves the list empty, whoever else names a server. */
static int add_time_server(struct machine *machine, const char *value, struct error *err)
{
	struct ntp_server server;
	machine->time_servers_given = true;
	if (strcmp(value, "none") == 0)
		return 0;
	if (ntp_server_parse(value, &server, err) < 0)
		return -1;
	if (machine->time_servers.count == NTP_SERVERS_MAX)
		return error_set(err, "more than %d time servers", NTP_SERVERS_MAX);
	return string_list_add(&machine->time_servers, &machine->arena, value, err);
}

static int set_config(struct machine *machine, const char *value, struct error *err)
{
	struct config_choice choices[CONFIG_CHOICES_MAX];
	const char *address;
	if (strcmp(value, "none") != 0 &&
	    config_sources_parse(value, choices, countof(choices), &address, err) < 0)
		return -1;
	return copy_text(machine, value, &machine->config.target, err);
}

/* "a,b"; empty names do not count, as in COMPOSE_PROFILES. */
static int set_config_profiles(struct machine *machine, const char *value, struct error *err)
{
	char *copy = arena_strdup(&machine->arena, value);
	if (!copy)
		return error_set(err, "more than %d bytes of settings", MACHINE_ARENA);
	for (char *name; (name = strsep(&copy, ","));)
		if (*name && string_list_add(&machine->config.profiles, &machine->arena, name, err) < 0)
			return -1;
	return 0;
}

static int set_config_digest(struct machine *machine, const char *value, struct error *err)
{
	struct digest digest;
	if (digest_parse(value, &digest, err) < 0)
		return -1;
	return copy_text(machine, digest.text, &machine->config.digest, err);
}

static int set_config_ca(struct machine *machine, const char *value, struct error *err)
{
	if (*value != '/')
		return error_set(err, "\"%.40s\" is not an absolute path in the initramfs", value);
	return copy_text(machine, value, &machine->config.ca, err);
}

static int set_config_trust(struct machine *machine, const char *value, struct error *err)
{
	return trust_parse(value, &machine->config.trust, err);
}

static int set_config_timeout(struct machine *machine, const char *value, struct error *err)
{
	enum { LONGEST_S = 86400 };
	return parse_duration(value, LONGEST_S, &machine->config.timeout_s, err);
}

/* Kept as a text: PID 1 reads no JSON, the puller's confined workers do. */
static int set_image_settings(struct machine *machine, const char *value, struct error *err)
{
	return copy_text(machine, value, &machine->image_settings, err);
}

static int set_credentials(struct machine *machine, const char *value, struct error *err)
{
	return copy_text(machine, value, &machine->credentials, err);
}

static int set_ip(struct machine *machine, const char *value, struct error *err)
{
	return ip_config_parse(value, &machine->ip, err);
}

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
	 "When the container is started again after its end: waits 100 ms, doubled each time up to "
	 "a minute.", set_restart},
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
