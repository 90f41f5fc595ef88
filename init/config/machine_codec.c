// SPDX-License-Identifier: Apache-2.0
#include "init/config/machine_codec.h"

#include "images/pull/deadline.h"
#include "init/clock/ntp.h"
#include "init/config/health.h"
#include "init/config/files.h"
#include "init/config/keys.h"
#include "init/config/logging.h"
#include "init/config/networks.h"
#include "init/config/security.h"
#include "init/config/services.h"
#include "lib/cleanup.h"

#include <stddef.h>
#include <string.h>

enum { TEXT_MAX = 4096 };

/* NULL and "" are different things. */
static void put_optional(struct frame *frame, const char *text)
{
	frame_put_u64(frame, text != NULL);
	frame_put_string(frame, text ? text : "");
}

static const char *get_optional(struct frame *frame, struct arena *arena)
{
	bool present = frame_get_u64(frame) == 1;
	const char *text = frame_get_string(frame, arena);
	return present ? text : NULL;
}

/* At most `most`, else the frame is bad. */
static uint64_t get_limited(struct frame *frame, uint64_t most)
{
	uint64_t value = frame_get_u64(frame);
	if (value <= most)
		return value;
	frame->bad = true;
	return 0;
}

/* A text that is checked as the command line's key of that name is; "" is none. */
static int get_setting(struct frame *frame, struct machine *machine, const char *key,
		       struct error *err)
{
	static char text[TEXT_MAX];
	frame_get_text(frame, text, sizeof text);
	return *text ? setting_key_find(key)->apply(machine, text, err) : 0;
}

static void encode_ports(struct frame *frame, const struct container_config *container)
{
	char text[PORT_MAPPING_TEXT];
	frame_put_u64(frame, container->port_count);
	for (unsigned i = 0; i < container->port_count; i++) {
		port_mapping_format(&container->ports[i], text);
		frame_put_string(frame, text);
	}
}

static int decode_ports(struct frame *frame, struct machine *machine, struct error *err)
{
	uint64_t count = get_limited(frame, NET_PORTS_MAX);
	for (uint64_t i = 0; i < count && !frame->bad; i++)
		if (get_setting(frame, machine, "berth.port", err) < 0)
			return -1;
	return 0;
}

/* Lists of settings that are kept as they are written: the key that each is checked by. */
static const struct kept_list {
	const char *key;
	size_t offset;
} kept_lists[] = {
	{"berth.cap-add", offsetof(struct container_config, cap_add)},
	{"berth.cap-drop", offsetof(struct container_config, cap_drop)},
	{"berth.ulimit", offsetof(struct container_config, ulimits)},
	{"berth.sysctl", offsetof(struct container_config, sysctls)},
	{"berth.tmpfs", offsetof(struct container_config, tmpfs)},
	{"berth.volume", offsetof(struct container_config, volumes)},
	{"berth.add-host", offsetof(struct container_config, hosts)},
	{"berth.group-add", offsetof(struct container_config, groups)},
	{"berth.device", offsetof(struct container_config, devices)},
	{"berth.device-cgroup-rule", offsetof(struct container_config, device_rules)},
	{"berth.security-opt", offsetof(struct container_config, security)},
	{"service.file", offsetof(struct container_config, files)},
	{"service.volumes-from", offsetof(struct container_config, volumes_from)},
	{"service.check", offsetof(struct container_config, checks)},
	{"service.hook", offsetof(struct container_config, hooks)},
	{"service.variable", offsetof(struct container_config, variables)},
	{"service.depends-on", offsetof(struct container_config, depends_on)},
	{"service.link", offsetof(struct container_config, links)},
	{"service.alias", offsetof(struct container_config, aliases)},
	{"berth.device-read-bps", offsetof(struct container_config, resources.rates[0])},
	{"berth.device-write-bps", offsetof(struct container_config, resources.rates[1])},
	{"berth.device-read-iops", offsetof(struct container_config, resources.rates[2])},
	{"berth.device-write-iops", offsetof(struct container_config, resources.rates[3])},
	{"berth.dns", offsetof(struct container_config, resolver.servers)},
	{"berth.dns-search", offsetof(struct container_config, resolver.search)},
	{"berth.dns-option", offsetof(struct container_config, resolver.options)},
};

/* Likewise, single ones. */
static const struct kept_list kept_texts[] = {
	{"berth.cpuset", offsetof(struct container_config, resources.cpuset)},
	{"berth.memory-swap", offsetof(struct container_config, resources.memory_swap)},
	{"berth.domainname", offsetof(struct container_config, domainname)},
	{"berth.platform", offsetof(struct container_config, platform)},
	{"berth.log.syslog", offsetof(struct container_config, log.syslog)},
	{"berth.log.facility", offsetof(struct container_config, log.facility)},
	{"berth.log.tag", offsetof(struct container_config, log.tag)},
};

static void encode_files(struct frame *frame, const struct log_config *log)
{
	frame_put_u64(frame, log->file_bytes);
	frame_put_u64(frame, log->file_count);
}

static void decode_files(struct frame *frame, struct log_config *log)
{
	log->file_bytes = get_limited(frame, INT64_MAX);
	log->file_count = (unsigned)get_limited(frame, LOG_FILES_MAX);
}

static void encode_texts(struct frame *frame, const struct container_config *container)
{
	for (size_t i = 0; i < countof(kept_texts); i++) {
		const char *text;
		memcpy(&text, (const char *)container + kept_texts[i].offset, sizeof text);
		frame_put_string(frame, text ? text : "");
	}
	frame_put_u64(frame, container->resources.cpu_shares);
	frame_put_u64(frame, container->resources.memory_reservation);
	frame_put_u64(frame, container->tty);
	frame_put_u64(frame, container->columns);
	frame_put_u64(frame, container->rows);
	frame_put_u64(frame, container->stdin_open);
	frame_put_u64(frame, container->log.driver);
	encode_files(frame, &container->log);
}

static int decode_texts(struct frame *frame, struct machine *machine, struct error *err)
{
	struct resource_config *resources = &machine->container->resources;
	for (size_t i = 0; i < countof(kept_texts); i++)
		if (get_setting(frame, machine, kept_texts[i].key, err) < 0)
			return -1;
	resources->cpu_shares = get_limited(frame, 262144);
	resources->memory_reservation = get_limited(frame, INT64_MAX);
	machine->container->tty = get_limited(frame, 1);
	machine->container->columns = (unsigned)get_limited(frame, UINT16_MAX);
	machine->container->rows = (unsigned)get_limited(frame, UINT16_MAX);
	machine->container->stdin_open = get_limited(frame, 1);
	machine->container->log.driver = (enum log_driver)get_limited(frame, LOG_SYSLOG);
	decode_files(frame, &machine->container->log);
	return 0;
}

static void encode_options(struct frame *frame, const struct container_config *container)
{
	for (size_t i = 0; i < countof(kept_lists); i++) {
		const struct string_list *list =
			(const void *)((const char *)container + kept_lists[i].offset);
		frame_put_u64(frame, list->count);
		for (size_t k = 0; k < list->count; k++)
			frame_put_string(frame, list->items[k]);
	}
	frame_put_u64(frame, container->read_only);
	frame_put_string(frame, container->hostname ? container->hostname : "");
	frame_put_string(frame, container->stop_signal ? container->stop_signal : "");
	frame_put_u64(frame, container->shm_bytes);
	frame_put_u64(frame, (uint64_t)(container->oom_score_adj + INT64_C(1000)));
}

static int decode_options(struct frame *frame, struct machine *machine, struct error *err)
{
	enum { KEPT_MAX = 64 };
	struct container_config *container = machine->container;
	for (size_t i = 0; i < countof(kept_lists); i++) {
		uint64_t count = get_limited(frame, KEPT_MAX);
		for (uint64_t k = 0; k < count && !frame->bad; k++)
			if (get_setting(frame, machine, kept_lists[i].key, err) < 0)
				return -1;
	}
	container->read_only = get_limited(frame, 1);
	if (get_setting(frame, machine, "berth.container-hostname", err) < 0 ||
	    get_setting(frame, machine, "berth.stop-signal", err) < 0)
		return -1;
	container->shm_bytes = get_limited(frame, INT64_MAX);
	container->oom_score_adj = (int)get_limited(frame, 2000) - 1000;
	return 0;
}

static void encode_sharing(struct frame *frame, const struct container_config *container)
{
	frame_put_string(frame, container->pid ? container->pid : "");
	frame_put_string(frame, container->ipc ? container->ipc : "");
	frame_put_u64(frame, container->uts_host);
	frame_put_u64(frame, container->cgroup_host);
	frame_put_u64(frame, container->privileged);
	frame_put_u64(frame, container->init);
	frame_put_u64(frame, container->userns_host);
	frame_put_u64(frame, container->non_root);
	frame_put_u64(frame, container->companion);
	frame_put_string(frame, container->seccomp_profile ? container->seccomp_profile : "");
}

static int decode_sharing(struct frame *frame, struct machine *machine, struct error *err)
{
	struct container_config *container = machine->container;
	if (get_setting(frame, machine, "berth.pid", err) < 0 ||
	    get_setting(frame, machine, "berth.ipc", err) < 0)
		return -1;
	container->uts_host = get_limited(frame, 1);
	container->cgroup_host = get_limited(frame, 1);
	container->privileged = get_limited(frame, 1);
	container->init = get_limited(frame, 1);
	container->userns_host = get_limited(frame, 1);
	container->non_root = get_limited(frame, 1);
	container->companion = get_limited(frame, 1);
	return get_setting(frame, machine, "service.seccomp-profile", err);
}

static void encode_health(struct frame *frame, const struct container_config *container)
{
	const struct health_config *health = &container->health;
	frame_put_list(frame, &health->test);
	frame_put_u64(frame, health->interval_ms);
	frame_put_u64(frame, health->timeout_ms);
	frame_put_u64(frame, health->start_period_ms);
	frame_put_u64(frame, health->start_interval_ms);
	frame_put_u64(frame, health->retries);
	frame_put_u64(frame, health->delay_ms);
	frame_put_u64(frame, health->successes);
	frame_put_u64(frame, container->stop_unhealthy);
}

static int decode_health(struct frame *frame, struct machine *machine, struct error *err)
{
	struct container_config *container = machine->container;
	struct health_config *health = &container->health;
	frame_get_list(frame, &machine->arena, &health->test);
	health->interval_ms = get_limited(frame, HEALTH_LONGEST_MS);
	health->timeout_ms = get_limited(frame, HEALTH_LONGEST_MS);
	health->start_period_ms = get_limited(frame, HEALTH_LONGEST_MS);
	health->start_interval_ms = get_limited(frame, HEALTH_LONGEST_MS);
	health->retries = get_limited(frame, HEALTH_RETRIES_MAX);
	health->delay_ms = get_limited(frame, HEALTH_LONGEST_MS);
	health->successes = get_limited(frame, HEALTH_RETRIES_MAX);
	container->stop_unhealthy = get_limited(frame, 1);
	return health->test.count ? health_test_check(&health->test, err) : 0;
}

static void encode_service(struct frame *frame, const struct container_config *container)
{
	frame_put_string(frame, container->service ? container->service : "");
	frame_put_string(frame, container->network_of ? container->network_of : "");
	frame_put_u64(frame, container->has_pull_policy);
	frame_put_u64(frame, container->pull_policy);
}

static int decode_service(struct frame *frame, struct machine *machine, struct error *err)
{
	struct container_config *container = machine->container;
	if (get_setting(frame, machine, "service.name", err) < 0 ||
	    get_setting(frame, machine, "service.network-of", err) < 0)
		return -1;
	container->has_pull_policy = get_limited(frame, 1);
	container->pull_policy = (enum pull_policy)get_limited(frame, PULL_NEVER);
	return 0;
}

/* Those that somebody has named; addresses that nobody has are the same in both processes. */
static void encode_networks(struct frame *frame, const struct machine *machine)
{
	for (unsigned i = 0; i < machine->network_count; i++)
		if (machine->networks[i]->text)
			frame_put_string(frame, machine->networks[i]->text);
	frame_put_string(frame, "");
}

static int get_network_texts(struct frame *frame, struct machine *machine, const char *key,
			     struct error *err)
{
	static char text[TEXT_MAX];
	for (unsigned i = 0; i <= MACHINE_NETWORKS_MAX; i++) {
		frame_get_text(frame, text, sizeof text);
		if (!*text)
			return 0;
		if (setting_key_find(key)->apply(machine, text, err) < 0)
			return -1;
	}
	return error_set(err, "malformed machine description");
}

static void encode_attachments(struct frame *frame, const struct container_config *container)
{
	const struct network_attachment *at = container->attachments;
	for (; at; at = at->next)
		if (at->text)
			frame_put_string(frame, at->text);
	frame_put_string(frame, "");
}

static void encode_container(struct frame *frame, const struct container_config *container)
{
	frame_put_string(frame, container->image ? container->image : "");
	frame_put_string(frame, container->name ? container->name : "");
	frame_put_string(frame, container->working_dir ? container->working_dir : "");
	put_optional(frame, container->user);
	frame_put_u64(frame, container->has_entrypoint);
	frame_put_list(frame, &container->entrypoint);
	frame_put_u64(frame, container->has_command);
	frame_put_list(frame, &container->command);
	frame_put_list(frame, &container->env);
	encode_ports(frame, container);
	frame_put_u64(frame, container->memory_bytes);
	frame_put_u64(frame, container->cpu_millis);
	frame_put_u64(frame, container->pids);
	frame_put_u64(frame, container->restart);
	frame_put_u64(frame, container->restart_max);
	frame_put_u64(frame, container->stop_timeout_ms);
	frame_put_u64(frame, container->network);
	encode_attachments(frame, container);
	encode_options(frame, container);
	encode_sharing(frame, container);
	encode_texts(frame, container);
	encode_health(frame, container);
	encode_service(frame, container);
}

static int decode_container(struct frame *frame, struct machine *machine, struct error *err)
{
	struct container_config *container = machine->container;
	struct arena *arena = &machine->arena;
	if (get_setting(frame, machine, "berth.image", err) < 0 ||
	    get_setting(frame, machine, "berth.name", err) < 0 ||
	    get_setting(frame, machine, "berth.workdir", err) < 0)
		return -1;
	container->user = get_optional(frame, arena);
	container->has_entrypoint = get_limited(frame, 1);
	frame_get_list(frame, arena, &container->entrypoint);
	container->has_command = get_limited(frame, 1);
	frame_get_list(frame, arena, &container->command);
	frame_get_list(frame, arena, &container->env);
	if (decode_ports(frame, machine, err) < 0)
		return -1;
	container->memory_bytes = get_limited(frame, INT64_MAX);
	container->cpu_millis = get_limited(frame, 4096 * 1000);
	container->pids = get_limited(frame, 4194304);
	container->restart = (enum restart_policy)get_limited(frame, RESTART_UNLESS_STOPPED);
	container->restart_max = (unsigned)get_limited(frame, 1000000);
	container->stop_timeout_ms = get_limited(frame, 86400ULL * 1000);
	container->network = (enum network_mode)get_limited(frame, NETWORK_SERVICE);
	if (get_network_texts(frame, machine, "service.network", err) < 0 ||
	    decode_options(frame, machine, err) < 0 || decode_sharing(frame, machine, err) < 0 ||
	    decode_texts(frame, machine, err) < 0 ||
	    decode_health(frame, machine, err) < 0)
		return -1;
	return decode_service(frame, machine, err);
}

static void encode_registries(struct frame *frame, const struct machine *machine)
{
	frame_put_u64(frame, machine->registry_count);
	for (size_t i = 0; i < machine->registry_count; i++) {
		frame_put_string(frame, machine->registries[i].host);
		put_optional(frame, machine->registries[i].connect);
		frame_put_u64(frame, machine->registries[i].insecure);
	}
}

static void decode_registries(struct frame *frame, struct machine *machine)
{
	machine->registry_count = get_limited(frame, MACHINE_REGISTRIES_MAX);
	for (size_t i = 0; i < machine->registry_count; i++) {
		machine->registries[i].host = frame_get_string(frame, &machine->arena);
		machine->registries[i].connect = get_optional(frame, &machine->arena);
		machine->registries[i].insecure = get_limited(frame, 1);
	}
}

static void encode_contents(struct frame *frame, const struct machine *machine)
{
	frame_put_u64(frame, machine->content_count);
	for (unsigned i = 0; i < machine->content_count; i++) {
		frame_put_string(frame, machine->contents[i].name);
		frame_put_bytes(frame, machine->contents[i].bytes, machine->contents[i].size);
	}
}

static void decode_contents(struct frame *frame, struct machine *machine)
{
	machine->content_count = (unsigned)get_limited(frame, MACHINE_CONTENTS_MAX);
	for (unsigned i = 0; i < machine->content_count; i++) {
		struct machine_content *content = &machine->contents[i];
		content->name = frame_get_string(frame, &machine->arena);
		content->bytes = frame_get_bytes(frame, &machine->arena, &content->size);
	}
}

static void encode_logging(struct frame *frame, const struct machine *machine)
{
	frame_put_string(frame, machine->log.syslog ? machine->log.syslog : "");
	frame_put_string(frame, machine->log.facility ? machine->log.facility : "");
	frame_put_u64(frame, machine->log_console);
	frame_put_u64(frame, machine->log_kept);
	encode_files(frame, &machine->log);
}

static int decode_logging(struct frame *frame, struct machine *machine, struct error *err)
{
	if (get_setting(frame, machine, "berth.machine-log.syslog", err) < 0 ||
	    get_setting(frame, machine, "berth.machine-log.facility", err) < 0)
		return -1;
	machine->log_console = (enum log_console)get_limited(frame, LOG_CONSOLE_NONE);
	machine->log_kept = get_limited(frame, 1);
	decode_files(frame, &machine->log);
	return 0;
}

static void put_address6(struct frame *frame, const struct in6_addr *address)
{
	uint64_t halves[2];
	memcpy(halves, address, sizeof halves);
	frame_put_u64(frame, halves[0]);
	frame_put_u64(frame, halves[1]);
}

static struct in6_addr get_address6(struct frame *frame)
{
	const uint64_t halves[2] = {frame_get_u64(frame), frame_get_u64(frame)};
	struct in6_addr address;
	memcpy(&address, halves, sizeof address);
	return address;
}

static void encode_ip(struct frame *frame, const struct ip_config *ip)
{
	frame_put_u64(frame, ip->present);
	frame_put_u64(frame, ip->dhcp);
	frame_put_u64(frame, ip->off);
	frame_put_u64(frame, ip->client.s_addr);
	frame_put_u64(frame, ip->gateway.s_addr);
	frame_put_u64(frame, ip->prefix);
	frame_put_string(frame, ip->hostname);
	frame_put_string(frame, ip->device);
	frame_put_string(frame, ip->client_id);
	frame_put_u64(frame, ip->client_id_type);
	frame_put_u64(frame, ip->ntp.s_addr);
	frame_put_u64(frame, ip->dns_count);
	for (unsigned i = 0; i < ip->dns_count; i++)
		frame_put_u64(frame, ip->dns[i].s_addr);
	frame_put_u64(frame, ip->prefix6);
	put_address6(frame, &ip->client6);
	put_address6(frame, &ip->gateway6);
	put_address6(frame, &ip->ntp6);
	frame_put_u64(frame, ip->dns6_count);
	for (unsigned i = 0; i < ip->dns6_count; i++)
		put_address6(frame, &ip->dns6[i]);
}

static struct in_addr get_address(struct frame *frame)
{
	return (struct in_addr){(in_addr_t)get_limited(frame, UINT32_MAX)};
}

static void decode_ip(struct frame *frame, struct ip_config *ip)
{
	ip->present = get_limited(frame, 1);
	ip->dhcp = get_limited(frame, 1);
	ip->off = get_limited(frame, 1);
	ip->client = get_address(frame);
	ip->gateway = get_address(frame);
	ip->prefix = (uint8_t)get_limited(frame, 32);
	frame_get_text(frame, ip->hostname, sizeof ip->hostname);
	frame_get_text(frame, ip->device, sizeof ip->device);
	frame_get_text(frame, ip->client_id, sizeof ip->client_id);
	ip->client_id_type = (uint8_t)get_limited(frame, UINT8_MAX);
	ip->ntp = get_address(frame);
	ip->dns_count = (unsigned)get_limited(frame, NET_DNS_MAX);
	for (unsigned i = 0; i < ip->dns_count; i++)
		ip->dns[i] = get_address(frame);
	ip->prefix6 = (uint8_t)get_limited(frame, 128);
	ip->client6 = get_address6(frame);
	ip->gateway6 = get_address6(frame);
	ip->ntp6 = get_address6(frame);
	ip->dns6_count = (unsigned)get_limited(frame, NET_DNS_MAX);
	for (unsigned i = 0; i < ip->dns6_count; i++)
		ip->dns6[i] = get_address6(frame);
}

/* What the network has beside `ip`, in lists as they are written. */
static const struct kept_list network_lists[] = {
	{"berth.machine-link", offsetof(struct machine, links)},
	{"berth.machine-address", offsetof(struct machine, addresses)},
	{"berth.machine-route", offsetof(struct machine, routes)},
	{"berth.machine-dns", offsetof(struct machine, dns)},
	{"berth.machine-search", offsetof(struct machine, search)},
};

static int get_list_of(struct frame *frame, struct machine *machine, const char *key,
		       struct error *err)
{
	struct string_list list = {0};
	frame_get_list(frame, &machine->arena, &list);
	for (size_t i = 0; i < list.count && !frame->bad; i++)
		if (setting_key_find(key)->apply(machine, list.items[i], err) < 0)
			return -1;
	return 0;
}

static void encode_network(struct frame *frame, const struct machine *machine)
{
	for (size_t i = 0; i < countof(network_lists); i++)
		frame_put_list(frame, (const void *)((const char *)machine + network_lists[i].offset));
	frame_put_u64(frame, machine->mtu);
}

static int decode_network(struct frame *frame, struct machine *machine, struct error *err)
{
	for (size_t i = 0; i < countof(network_lists); i++)
		if (get_list_of(frame, machine, network_lists[i].key, err) < 0)
			return -1;
	machine->mtu = (uint32_t)get_limited(frame, PLAN_MTU_MOST);
	return 0;
}

void machine_encode(struct frame *frame, const struct machine *machine)
{
	encode_networks(frame, machine);
	frame_put_u64(frame, machine->container_count);
	for (unsigned i = 0; i < machine->container_count; i++)
		encode_container(frame, machine->containers[i]);
	encode_contents(frame, machine);
	frame_put_list(frame, &machine->volumes);
	encode_logging(frame, machine);
	frame_put_string(frame, machine->exit_from ? machine->exit_from : "");
	frame_put_string(frame, machine->project ? machine->project : "");
	frame_put_string(frame, machine->hostname);
	frame_put_u64(frame, machine->on_exit);
	frame_put_u64(frame, machine->userns);
	frame_put_string(frame, machine->data_disk ? machine->data_disk : "");
	frame_put_u64(frame, machine->watchdog_s);
	frame_put_u64(frame, machine->deadline_s);
	frame_put_u64(frame, machine->rescue);
	frame_put_string(frame, machine->watchdog_device ? machine->watchdog_device : "");
	encode_registries(frame, machine);
	frame_put_u64(frame, machine->pull_deadline_s);
	frame_put_u64(frame, machine->pull_policy);
	frame_put_list(frame, &machine->image_urls);
	frame_put_list(frame, &machine->sysctls);
	frame_put_u64(frame, machine->time_servers_given);
	frame_put_list(frame, &machine->time_servers);
	put_optional(frame, machine->image_settings);
	put_optional(frame, machine->credentials);
	encode_ip(frame, &machine->ip);
	encode_network(frame, machine);
}

static bool time_servers_are_good(const struct machine *machine)
{
	struct ntp_server server;
	for (size_t i = 0; i < machine->time_servers.count; i++)
		if (ntp_server_parse(machine->time_servers.items[i], &server, NULL) < 0)
			return false;
	return machine->time_servers.count <= NTP_SERVERS_MAX;
}

static int decode_containers(struct frame *frame, struct machine *machine, struct error *err)
{
	static struct service_graph graph;
	if (get_network_texts(frame, machine, "machine.network", err) < 0)
		return -1;
	uint64_t count = get_limited(frame, MACHINE_SERVICES_MAX);
	if (count == 0)
		return error_set(err, "malformed machine description");
	for (uint64_t i = 0; i < count; i++) {
		if ((i > 0 && machine_add_container(machine, err) < 0) ||
		    decode_container(frame, machine, err) < 0)
			return -1;
		const struct container_config *container = machine->container;
		if (frame->bad || !container->image || !container->name ||
		    (count > 1 && !container->service) ||
		    (container->network == NETWORK_SERVICE && !container->network_of))
			return error_set(err, "malformed machine description");
	}
	decode_contents(frame, machine);
	if (get_list_of(frame, machine, "machine.volume", err) < 0)
		return -1;
	for (unsigned i = 0; i < machine->container_count; i++)
		if (files_check(machine, machine->containers[i], err) < 0 ||
		    security_check(machine, machine->containers[i], err) < 0)
			return -1;
	if (decode_logging(frame, machine, err) < 0 ||
	    get_setting(frame, machine, "service.exit-code-from", err) < 0 ||
	    get_setting(frame, machine, "machine.project", err) < 0)
		return -1;
	return service_graph_build(machine, &graph, err);
}

int machine_decode(struct frame *frame, struct machine *machine, struct error *err)
{
	if (decode_containers(frame, machine, err) < 0 ||
	    get_setting(frame, machine, "berth.hostname", err) < 0)
		return -1;
	machine->on_exit = (enum exit_action)get_limited(frame, EXIT_HOLD);
	machine->userns = get_limited(frame, 1);
	if (get_setting(frame, machine, "berth.data", err) < 0)
		return -1;
	machine->watchdog_s = get_limited(frame, 600);
	machine->deadline_s = get_limited(frame, RUN_LONGEST_S);
	machine->rescue = (enum rescue_policy)get_limited(frame, RESCUE_AT_START);
	if (get_setting(frame, machine, "berth.watchdog.device", err) < 0)
		return -1;
	decode_registries(frame, machine);
	machine->pull_deadline_s = get_limited(frame, DEADLINE_LONGEST_S);
	machine->pull_policy = (enum pull_policy)get_limited(frame, PULL_NEVER);
	frame_get_list(frame, &machine->arena, &machine->image_urls);
	frame_get_list(frame, &machine->arena, &machine->sysctls);
	machine->time_servers_given = get_limited(frame, 1);
	frame_get_list(frame, &machine->arena, &machine->time_servers);
	machine->image_settings = get_optional(frame, &machine->arena);
	machine->credentials = get_optional(frame, &machine->arena);
	decode_ip(frame, &machine->ip);
	if (decode_network(frame, machine, err) < 0)
		return -1;
	if (!frame_done(frame) || machine->image_urls.count > MACHINE_IMAGE_URLS_MAX ||
	    !time_servers_are_good(machine))
		return error_set(err, "malformed machine description");
	return networks_complete(machine, err);
}
