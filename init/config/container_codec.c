// SPDX-License-Identifier: Apache-2.0
#include "init/config/container_codec.h"

#include "init/config/codec_values.h"
#include "init/config/health.h"
#include "init/config/logging.h"
#include "init/config/network_codec.h"
#include "lib/cleanup.h"

#include <stddef.h>
#include <string.h>

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
	uint64_t count = codec_get_limited(frame, NET_PORTS_MAX);
	for (uint64_t i = 0; i < count && !frame->bad; i++)
		if (codec_get_setting(frame, machine, "berth.port", err) < 0)
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
	codec_put_log_files(frame, &container->log);
}

static int decode_texts(struct frame *frame, struct machine *machine, struct error *err)
{
	struct resource_config *resources = &machine->container->resources;
	for (size_t i = 0; i < countof(kept_texts); i++)
		if (codec_get_setting(frame, machine, kept_texts[i].key, err) < 0)
			return -1;
	resources->cpu_shares = codec_get_limited(frame, 262144);
	resources->memory_reservation = codec_get_limited(frame, INT64_MAX);
	machine->container->tty = codec_get_limited(frame, 1);
	machine->container->columns = (unsigned)codec_get_limited(frame, UINT16_MAX);
	machine->container->rows = (unsigned)codec_get_limited(frame, UINT16_MAX);
	machine->container->stdin_open = codec_get_limited(frame, 1);
	machine->container->log.driver = (enum log_driver)codec_get_limited(frame, LOG_SYSLOG);
	codec_get_log_files(frame, &machine->container->log);
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
		uint64_t count = codec_get_limited(frame, KEPT_MAX);
		for (uint64_t k = 0; k < count && !frame->bad; k++)
			if (codec_get_setting(frame, machine, kept_lists[i].key, err) < 0)
				return -1;
	}
	container->read_only = codec_get_limited(frame, 1);
	if (codec_get_setting(frame, machine, "berth.container-hostname", err) < 0 ||
	    codec_get_setting(frame, machine, "berth.stop-signal", err) < 0)
		return -1;
	container->shm_bytes = codec_get_limited(frame, INT64_MAX);
	container->oom_score_adj = (int)codec_get_limited(frame, 2000) - 1000;
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
	if (codec_get_setting(frame, machine, "berth.pid", err) < 0 ||
	    codec_get_setting(frame, machine, "berth.ipc", err) < 0)
		return -1;
	container->uts_host = codec_get_limited(frame, 1);
	container->cgroup_host = codec_get_limited(frame, 1);
	container->privileged = codec_get_limited(frame, 1);
	container->init = codec_get_limited(frame, 1);
	container->userns_host = codec_get_limited(frame, 1);
	container->non_root = codec_get_limited(frame, 1);
	container->companion = codec_get_limited(frame, 1);
	return codec_get_setting(frame, machine, "service.seccomp-profile", err);
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
	health->interval_ms = codec_get_limited(frame, HEALTH_LONGEST_MS);
	health->timeout_ms = codec_get_limited(frame, HEALTH_LONGEST_MS);
	health->start_period_ms = codec_get_limited(frame, HEALTH_LONGEST_MS);
	health->start_interval_ms = codec_get_limited(frame, HEALTH_LONGEST_MS);
	health->retries = codec_get_limited(frame, HEALTH_RETRIES_MAX);
	health->delay_ms = codec_get_limited(frame, HEALTH_LONGEST_MS);
	health->successes = codec_get_limited(frame, HEALTH_RETRIES_MAX);
	container->stop_unhealthy = codec_get_limited(frame, 1);
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
	if (codec_get_setting(frame, machine, "service.name", err) < 0 ||
	    codec_get_setting(frame, machine, "service.network-of", err) < 0)
		return -1;
	container->has_pull_policy = codec_get_limited(frame, 1);
	container->pull_policy = (enum pull_policy)codec_get_limited(frame, PULL_NEVER);
	return 0;
}

void container_encode(struct frame *frame, const struct container_config *container)
{
	frame_put_string(frame, container->image ? container->image : "");
	frame_put_string(frame, container->name ? container->name : "");
	frame_put_string(frame, container->working_dir ? container->working_dir : "");
	codec_put_optional(frame, container->user);
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
	frame_put_u64(frame, container->restart_delay_ms);
	frame_put_u64(frame, container->restart_window_ms);
	frame_put_u64(frame, container->stop_timeout_ms);
	frame_put_u64(frame, container->network);
	attachments_encode(frame, container);
	encode_options(frame, container);
	encode_sharing(frame, container);
	encode_texts(frame, container);
	encode_health(frame, container);
	encode_service(frame, container);
}

int container_decode(struct frame *frame, struct machine *machine, struct error *err)
{
	struct container_config *container = machine->container;
	struct arena *arena = &machine->arena;
	if (codec_get_setting(frame, machine, "berth.image", err) < 0 ||
	    codec_get_setting(frame, machine, "berth.name", err) < 0 ||
	    codec_get_setting(frame, machine, "berth.workdir", err) < 0)
		return -1;
	container->user = codec_get_optional(frame, arena);
	container->has_entrypoint = codec_get_limited(frame, 1);
	frame_get_list(frame, arena, &container->entrypoint);
	container->has_command = codec_get_limited(frame, 1);
	frame_get_list(frame, arena, &container->command);
	frame_get_list(frame, arena, &container->env);
	if (decode_ports(frame, machine, err) < 0)
		return -1;
	container->memory_bytes = codec_get_limited(frame, INT64_MAX);
	container->cpu_millis = codec_get_limited(frame, 4096 * 1000);
	container->pids = codec_get_limited(frame, 4194304);
	container->restart = (enum restart_policy)codec_get_limited(frame, RESTART_UNLESS_STOPPED);
	container->restart_max = (unsigned)codec_get_limited(frame, 1000000);
	container->restart_delay_ms = codec_get_limited(frame, RESTART_LONGEST_MS);
	container->restart_window_ms = codec_get_limited(frame, RESTART_LONGEST_MS);
	container->stop_timeout_ms = codec_get_limited(frame, 86400ULL * 1000);
	container->network = (enum network_mode)codec_get_limited(frame, NETWORK_SERVICE);
	if (attachments_decode(frame, machine, err) < 0 ||
	    decode_options(frame, machine, err) < 0 || decode_sharing(frame, machine, err) < 0 ||
	    decode_texts(frame, machine, err) < 0 ||
	    decode_health(frame, machine, err) < 0)
		return -1;
	return decode_service(frame, machine, err);
}
