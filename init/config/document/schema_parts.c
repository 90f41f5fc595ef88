// SPDX-License-Identifier: Apache-2.0
#include "init/config/document/schema_parts.h"

#include "init/config/document/forms.h"

const struct schema_key schema_port[] = {
	{"target", SCHEMA_INTEGER, SCHEMA_NEEDED,
	 .help = "The container's port.", .low = 1, .high = 65535},
	{"published", SCHEMA_SCALAR, 0,
	 .help = "The machine's port, or a range, of which it is the first free one; without it the first free "
		 "one from 32768 on.",
	 .check = check_port_range},
	{"host_ip", SCHEMA_TEXT, 0,
	 .help = "The address of the machine that it answers at; without it at all. 127.0.0.1 is the machine "
		 "itself and who is on its network.",
	 .check = check_address},
	{"protocol", SCHEMA_TEXT, 0, .help = "tcp or udp.", .choices = "tcp|udp"},
	{"mode", SCHEMA_TEXT, SCHEMA_NO_EFFECT,
	 .help = "On one machine there is no difference.", .choices = "host|ingress"},
	{"name", SCHEMA_TEXT, SCHEMA_NO_EFFECT, .help = "For people."},
	{"app_protocol", SCHEMA_TEXT, SCHEMA_NO_EFFECT, .help = "For people."},
	{.name = NULL},
};

static const struct schema_key mount_bind[] = {
	{"propagation", SCHEMA_TEXT, 0,
	 .help = "How mounts pass. They do not; shared is refused for who may mount.",
	 .choices = "private|rprivate|shared|rshared|slave|rslave", .setting = "berth.volume"},
	{"create_host_path", SCHEMA_BOOL, 0,
	 .help = "false: a missing source is a mistake, and not a folder to be made.",
	 .setting = "berth.volume"},
	{"selinux", SCHEMA_TEXT, SCHEMA_NO_EFFECT,
	 .help = "There is no SELinux; it has no effect.", .choices = "z|Z"},
	{.name = NULL},
};

static const struct schema_key mount_volume[] = {
	{"nocopy", SCHEMA_BOOL, 0, .help = "Whether an empty volume stays empty.",
	 .setting = "berth.volume"},
	{"subpath", SCHEMA_TEXT, 0, .help = "A file or folder of the volume, which must be there.",
	 .setting = "berth.volume"},
	{"x-berth-mode", SCHEMA_INTEGER, 0,
	 .help = "Permissions of a volume that is made; a subpath is then made too.", .low = 0, .high = 07777,
	 .setting = "berth.volume"},
	{"x-berth-group", SCHEMA_INTEGER, 0, .help = "And its group, a number.", .low = 0,
	 .high = 2147483647, .setting = "berth.volume"},
	{.name = NULL},
};

static const struct schema_key mount_tmpfs[] = {
	{"size", SCHEMA_SIZE, 0, .help = "How large it may grow.", .setting = "berth.tmpfs"},
	{"mode", SCHEMA_INTEGER, 0, .help = "Permissions.", .low = 0, .high = 07777,
	 .setting = "berth.tmpfs"},
	{"x-berth-group", SCHEMA_INTEGER, 0, .help = "Its group, a number.", .low = 0, .high = 2147483647,
	 .setting = "berth.tmpfs"},
	{.name = NULL},
};

const struct schema_key schema_mount[] = {
	{"type", SCHEMA_TEXT, SCHEMA_NEEDED,
	 .help = "What is mounted.", .choices = "volume|bind|tmpfs", .setting = "berth.volume"},
	{"source", SCHEMA_TEXT, 0,
	 .help = "The volume's name; or the path: beside the document, of a folder of the store, or one of "
		 "the few of the machine itself.",
	 .setting = "berth.volume"},
	{"target", SCHEMA_TEXT, SCHEMA_NEEDED,
	 .help = "Where, in the container.", .check = check_absolute, .setting = "berth.volume"},
	{"read_only", SCHEMA_BOOL, 0, .help = "Whether it cannot be written.",
	 .setting = "berth.volume"},
	{"consistency", SCHEMA_TEXT, SCHEMA_NO_EFFECT, .help = "It has no effect."},
	{"bind", SCHEMA_MAP, 0, .help = "For type bind.", .members = mount_bind},
	{"volume", SCHEMA_MAP, 0, .help = "For type volume.", .members = mount_volume},
	{"tmpfs", SCHEMA_MAP, 0, .help = "For type tmpfs.", .members = mount_tmpfs},
	{.name = NULL},
};

const struct schema_key schema_device[] = {
	{"source", SCHEMA_TEXT, SCHEMA_NEEDED,
	 .help = "The machine's device.", .check = check_absolute},
	{"target", SCHEMA_TEXT, 0, .help = "Its path in the container.", .check = check_absolute},
	{"permissions", SCHEMA_TEXT, 0, .help = "Of r, w and m.", .check = check_device_access},
	{.name = NULL},
};

const struct schema_key schema_attachment[] = {
	{"aliases", SCHEMA_TEXTS, SCHEMA_OF_SERVICES, .help = "More names on this network."},
	{"ipv4_address", SCHEMA_TEXT, 0, .help = "A fixed address.", .check = check_address},
	{"ipv6_address", SCHEMA_TEXT, 0, .help = "A fixed address.", .check = check_address},
	{"link_local_ips", SCHEMA_TEXTS, 0,
	 .help = "More addresses of its device, of 169.254.0.0/16 or fe80::/10."},
	{"mac_address", SCHEMA_TEXT, 0, .help = "A fixed hardware address.", .check = check_mac},
	{"driver_opts", SCHEMA_PAIRS, 0,
	 .help = "com.docker.network.endpoint.ifname, the same as interface_name."},
	{"interface_name", SCHEMA_TEXT, 0, .help = "The device's name in the container (eth0, eth1 …)."},
	{"priority", SCHEMA_NUMBER, 0,
	 .help = "The network with the highest one (0) is eth0; of the same ones the first by name."},
	{"gw_priority", SCHEMA_INTEGER, 0,
	 .help = "The network with the highest one (0) that is not internal has the default route.",
	 .low = -1000000, .high = 1000000},
	{.name = NULL},
};

const struct schema_key schema_dependency[] = {
	{"condition", SCHEMA_TEXT, SCHEMA_NEEDED, .help = "What is waited for.",
	 .choices = "service_started|service_healthy|service_completed_successfully"},
	{"required", SCHEMA_BOOL, SCHEMA_NO_EFFECT,
	 .help = "false: a missing service is no mistake."},
	{"restart", SCHEMA_BOOL, SCHEMA_NO_EFFECT,
	 .help = "Whether `docker compose restart` of the other restarts it; a machine has no "
		 "such command."},
	{.name = NULL},
};

const struct schema_key schema_ulimit[] = {
	{"soft", SCHEMA_INTEGER, SCHEMA_NEEDED,
	 .help = "What holds at first; -1: no limit.", .low = -1,
	 .high = 9e15},
	{"hard", SCHEMA_INTEGER, SCHEMA_NEEDED,
	 .help = "How far it can be raised; -1: no limit.", .low = -1,
	 .high = 9e15},
	{.name = NULL},
};

const struct schema_key schema_grant[] = {
	{"source", SCHEMA_TEXT, SCHEMA_NEEDED | SCHEMA_OF_SERVICES,
	 .help = "Its name in the document."},
	{"target", SCHEMA_TEXT, SCHEMA_OF_SERVICES,
	 .help = "The file in the container: /run/secrets/NAME of a secret, /NAME of a config."},
	{"uid", SCHEMA_SCALAR, SCHEMA_OF_SERVICES, .help = "Its owner, a number (0)."},
	{"gid", SCHEMA_SCALAR, SCHEMA_OF_SERVICES, .help = "Its group, a number (0)."},
	{"mode", SCHEMA_INTEGER, SCHEMA_OF_SERVICES, .help = "Permissions (0444).", .low = 0,
	 .high = 07777},
	{.name = NULL},
};

const struct schema_key schema_env_file[] = {
	{"path", SCHEMA_TEXT, SCHEMA_NEEDED, .help = "The file."},
	{"required", SCHEMA_BOOL, 0, .help = "false: it may be missing."},
	{"format", SCHEMA_TEXT, 0, .help = "raw: values as they are.", .choices = "raw"},
	{.name = NULL},
};

const struct schema_key schema_extends[] = {
	{"service", SCHEMA_TEXT, SCHEMA_NEEDED, .help = "The other service."},
	{"file", SCHEMA_TEXT, 0, .help = "Its document, when it is another one."},
	{.name = NULL},
};

const struct schema_key schema_healthcheck[] = {
	{"test", SCHEMA_TEXTS, SCHEMA_REPLACE | SCHEMA_SHORT_TEXT,
	 .help = "A text for a shell, or CMD, CMD-SHELL or NONE and words; X-BERTH-HTTP, a URL and headers; "
		 "X-BERTH-TCP and [ADDRESS]:PORT.",
	 .form = form_health_test,
	 .check = check_health_test, .setting = "berth.health.test"},
	{"interval", SCHEMA_DURATION, 0, .help = "Time between two tests (30s).",
	 .setting = "berth.health.interval"},
	{"timeout", SCHEMA_DURATION, 0, .help = "Time that one may take (30s).",
	 .setting = "berth.health.timeout"},
	{"retries", SCHEMA_INTEGER, 0,
	 .help = "Failures in a row that count (3).", .low = 0, .high = 1000000,
	 .setting = "berth.health.retries"},
	{"start_period", SCHEMA_DURATION, 0,
	 .help = "Time at the start in which failures do not count (0s).",
	 .setting = "berth.health.start-period"},
	{"start_interval", SCHEMA_DURATION, 0,
	 .help = "Time between two tests in the start period (5s).",
	 .setting = "berth.health.start-interval"},
	{"x-berth-delay", SCHEMA_DURATION, 0,
	 .help = "Time between the start and the first test (an interval).",
	 .setting = "berth.health.delay"},
	{"x-berth-successes", SCHEMA_INTEGER, 0,
	 .help = "Good tests in a row that make it healthy (1).", .low = 1, .high = 1000000,
	 .setting = "berth.health.successes"},
	{"disable", SCHEMA_BOOL, 0, .help = "true: also the image's own test is off.",
	 .setting = "berth.health.test"},
	{"x-berth-on-failure", SCHEMA_TEXT, 0,
	 .help = "What becomes of an unhealthy container: it goes on (none), or is stopped and, as "
		 "`restart` says, started again.",
	 .choices = "none|stop", .setting = "berth.health.on-failure"},
	{.name = NULL},
};

/* What berth.health.… is of healthcheck; the names are those of parse_check(). */
const struct schema_key schema_check[] = {
	{"test", SCHEMA_TEXTS, SCHEMA_NEEDED | SCHEMA_REPLACE | SCHEMA_SHORT_TEXT,
	 .help = "As that of healthcheck.", .form = form_health_test, .check = check_health_test},
	{"interval", SCHEMA_DURATION, 0, .help = "Time between two tests (30s)."},
	{"timeout", SCHEMA_DURATION, 0, .help = "Time that one may take (30s)."},
	{"retries", SCHEMA_INTEGER, 0,
	 .help = "Failures in a row that count (3).", .low = 0, .high = 1000000},
	{"delay", SCHEMA_DURATION, 0, .help = "Time between the start and the first test (0s)."},
	{.name = NULL},
};

const struct schema_key schema_hook[] = {
	{"command", SCHEMA_WORDS, SCHEMA_REPLACE, .help = "The program and its arguments."},
	{"user", SCHEMA_SCALAR, 0, .help = "Its user, and group; otherwise the container's."},
	{"privileged", SCHEMA_BOOL, SCHEMA_DANGEROUS, .help = "Whether nothing confines it but the container."},
	{"working_dir", SCHEMA_TEXT, 0, .help = "Its working directory; otherwise the container's.",
	 .check = check_absolute},
	{"environment", SCHEMA_PAIRS, SCHEMA_NULL_PAIRS, .help = "Variables beside the container's."},
	{"x-berth-test", SCHEMA_TEXTS, SCHEMA_REPLACE, .check = check_test_words,
	 .help = "Instead of a command: X-BERTH-HTTP, a URL and headers; X-BERTH-SLEEP and a time."},
	{"x-berth-on-failure", SCHEMA_TEXT, 0,
	 .help = "What becomes of the container: it counts as one that could not be started (fail), or it is "
		 "started again as `restart` says.",
	 .choices = "fail|restart"},
	{.name = NULL},
};

static const struct schema_key resource_limits[] = {
	{"cpus", SCHEMA_NUMBER, 0,
	 .help = "CPU limit.", .low = 0.01, .high = 4096, .setting = "berth.cpus"},
	{"memory", SCHEMA_SIZE, 0, .help = "Memory limit.", .setting = "berth.memory"},
	{"pids", SCHEMA_INTEGER, 0,
	 .help = "How many processes it may have.", .low = -1, .high = 4194304,
	 .setting = "berth.pids"},
	{.name = NULL},
};

static const struct schema_key resource_reservations[] = {
	{"cpus", SCHEMA_NUMBER, SCHEMA_NO_EFFECT,
	 .help = "CPUs it needs; there is one machine to run it.", .low = 0, .high = 4096},
	{"memory", SCHEMA_SIZE, 0, .help = "Memory that is left to it when memory is short.",
	 .setting = "berth.memory-reservation"},
	{"devices", SCHEMA_ANY, .refused = "the kernel has no GPU drivers"},
	{"generic_resources", SCHEMA_ANY, .refused = "there is one machine"},
	{.name = NULL},
};

static const struct schema_key resources[] = {
	{"limits", SCHEMA_MAP, 0, .help = "What it may have.", .members = resource_limits},
	{"reservations", SCHEMA_MAP, 0,
	 .help = "What it needs.", .members = resource_reservations},
	{.name = NULL},
};

static const struct schema_key device_rate[] = {
	{"path", SCHEMA_TEXT, SCHEMA_NEEDED, .help = "A whole disk of the machine, such as /dev/vda.",
	 .check = check_absolute},
	{"rate", SCHEMA_SIZE, SCHEMA_NEEDED, .help = "How much in a second."},
	{.name = NULL},
};

static const struct schema_key device_rate_item = {"", SCHEMA_MAP, .members = device_rate};

const struct schema_key schema_blkio[] = {
	{"device_read_bps", SCHEMA_LIST, 0, .help = "Bytes read in a second.",
	 .item = &device_rate_item, .unique = "path", .setting = "berth.device-read-bps"},
	{"device_write_bps", SCHEMA_LIST, 0, .help = "Bytes written in a second.",
	 .item = &device_rate_item, .unique = "path", .setting = "berth.device-write-bps"},
	{"device_read_iops", SCHEMA_LIST, 0, .help = "Requests to read in a second.",
	 .item = &device_rate_item, .unique = "path", .setting = "berth.device-read-iops"},
	{"device_write_iops", SCHEMA_LIST, 0, .help = "Requests to write in a second.",
	 .item = &device_rate_item, .unique = "path", .setting = "berth.device-write-iops"},
	{"weight", SCHEMA_ANY, .refused = "the kernel has no weights of disks: limit the rates"},
	{"weight_device", SCHEMA_ANY, .refused = "the kernel has no weights of disks: limit the rates"},
	{.name = NULL},
};

static const struct schema_key restart_policy[] = {
	{"condition", SCHEMA_TEXT, 0, .help = "When.", .choices = "none|on-failure|any"},
	{"delay", SCHEMA_DURATION, 0, .help = "How long to wait.", .setting = "berth.restart-delay"},
	{"max_attempts", SCHEMA_INTEGER, 0, .help = "How often.", .low = 0, .high = 1000000},
	{"window", SCHEMA_DURATION, 0,
	 .help = "After a run this long the attempts count anew.", .setting = "berth.restart-window"},
	{.name = NULL},
};

static const struct schema_key update_config[] = {
	{"parallelism", SCHEMA_INTEGER, 0, .help = "How many at once.", .low = 0, .high = 1000},
	{"delay", SCHEMA_DURATION, 0, .help = "Time between."},
	{"failure_action", SCHEMA_TEXT, 0,
	 .help = "What then.", .choices = "continue|rollback|pause"},
	{"monitor", SCHEMA_DURATION, 0, .help = "How long a failure counts."},
	{"max_failure_ratio", SCHEMA_NUMBER, 0, .help = "How many may fail.", .low = 0, .high = 1},
	{"order", SCHEMA_TEXT, 0, .help = "Which first.", .choices = "stop-first|start-first"},
	{.name = NULL},
};

static const struct schema_key preference[] = {
	{"spread", SCHEMA_TEXT, 0, .help = "A label of machines."},
	{.name = NULL},
};

static const struct schema_key preference_item = {"", SCHEMA_MAP, .members = preference};

static const struct schema_key placement[] = {
	{"constraints", SCHEMA_TEXTS, 0, .help = "Which machines may run it."},
	{"preferences", SCHEMA_LIST, 0, .help = "How it is spread.", .item = &preference_item},
	{"max_replicas_per_node", SCHEMA_INTEGER, 0, .help = "How many of it one machine runs.",
	 .low = 0, .high = 1000000},
	{.name = NULL},
};

const struct schema_key schema_deploy[] = {
	{"resources", SCHEMA_MAP, 0, .help = "Limits and needs.", .members = resources},
	{"restart_policy", SCHEMA_MAP, 0,
	 .help = "When it is started again.", .members = restart_policy,
	 .setting = "berth.restart"},
	{"mode", SCHEMA_TEXT, SCHEMA_NO_EFFECT, .help = "On one machine there is no difference.",
	 .choices = "replicated|global"},
	{"replicas", SCHEMA_INTEGER, SCHEMA_OF_SERVICES,
	 .help = "How many containers: NAME-1, NAME-2 …", .low = 0,
	 .high = 1000},
	{"labels", SCHEMA_PAIRS, SCHEMA_NO_EFFECT, .help = "Labels of the service."},
	{"endpoint_mode", SCHEMA_TEXT, SCHEMA_NO_EFFECT,
	 .help = "On one machine there is no difference.",
	 .choices = "vip|dnsrr"},
	{"update_config", SCHEMA_MAP, SCHEMA_NO_EFFECT,
	 .help = "For a swarm.", .members = update_config},
	{"rollback_config", SCHEMA_MAP, SCHEMA_NO_EFFECT,
	 .help = "For a swarm.", .members = update_config},
	{"placement", SCHEMA_MAP, SCHEMA_NO_EFFECT,
	 .help = "There is one machine to be placed on.", .members = placement},
	{.name = NULL},
};

const struct schema_key schema_logging[] = {
	{"driver", SCHEMA_TEXT, 0,
	 .help = "How output is kept beside the console: json-file or local, on the data disk; syslog, "
		 "on a server; none: not even on the console (json-file).",
	 .setting = "berth.log.driver"},
	{"options", SCHEMA_PAIRS, 0,
	 .help = "json-file, local: max-size, max-file; syslog: syslog-address, syslog-facility, tag "
		 "(logging.md).",
	 .setting = "berth.log.…"},
	{.name = NULL},
};
