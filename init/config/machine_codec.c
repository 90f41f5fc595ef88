// SPDX-License-Identifier: Apache-2.0
#include "init/config/machine_codec.h"

#include "images/pull/deadline.h"
#include "init/clock/ntp.h"
#include "init/config/codec_values.h"
#include "init/config/container_codec.h"
#include "init/config/files.h"
#include "init/config/network_codec.h"
#include "init/config/networks.h"
#include "init/config/security.h"
#include "init/config/services.h"

static void encode_registries(struct frame *frame, const struct machine *machine)
{
	frame_put_u64(frame, machine->registry_count);
	for (size_t i = 0; i < machine->registry_count; i++) {
		frame_put_string(frame, machine->registries[i].host);
		codec_put_optional(frame, machine->registries[i].connect);
		frame_put_u64(frame, machine->registries[i].insecure);
	}
}

static void decode_registries(struct frame *frame, struct machine *machine)
{
	machine->registry_count = codec_get_limited(frame, MACHINE_REGISTRIES_MAX);
	for (size_t i = 0; i < machine->registry_count; i++) {
		machine->registries[i].host = frame_get_string(frame, &machine->arena);
		machine->registries[i].connect = codec_get_optional(frame, &machine->arena);
		machine->registries[i].insecure = codec_get_limited(frame, 1);
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
	machine->content_count = (unsigned)codec_get_limited(frame, MACHINE_CONTENTS_MAX);
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
	codec_put_log_files(frame, &machine->log);
}

static int decode_logging(struct frame *frame, struct machine *machine, struct error *err)
{
	if (codec_get_setting(frame, machine, "berth.machine-log.syslog", err) < 0 ||
	    codec_get_setting(frame, machine, "berth.machine-log.facility", err) < 0)
		return -1;
	machine->log_console = (enum log_console)codec_get_limited(frame, LOG_CONSOLE_NONE);
	machine->log_kept = codec_get_limited(frame, 1);
	codec_get_log_files(frame, &machine->log);
	return 0;
}

void machine_encode(struct frame *frame, const struct machine *machine)
{
	networks_encode(frame, machine);
	frame_put_u64(frame, machine->container_count);
	for (unsigned i = 0; i < machine->container_count; i++)
		container_encode(frame, machine->containers[i]);
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
	codec_put_optional(frame, machine->image_settings);
	codec_put_optional(frame, machine->credentials);
	machine_network_encode(frame, machine);
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
	if (networks_decode(frame, machine, err) < 0)
		return -1;
	uint64_t count = codec_get_limited(frame, MACHINE_SERVICES_MAX);
	if (count == 0)
		return error_set(err, "malformed machine description");
	for (uint64_t i = 0; i < count; i++) {
		if ((i > 0 && machine_add_container(machine, err) < 0) ||
		    container_decode(frame, machine, err) < 0)
			return -1;
		const struct container_config *container = machine->container;
		if (frame->bad || !container->image || !container->name ||
		    (count > 1 && !container->service) ||
		    (container->network == NETWORK_SERVICE && !container->network_of))
			return error_set(err, "malformed machine description");
	}
	decode_contents(frame, machine);
	if (codec_get_list(frame, machine, "machine.volume", err) < 0)
		return -1;
	for (unsigned i = 0; i < machine->container_count; i++)
		if (files_check(machine, machine->containers[i], err) < 0 ||
		    security_check(machine, machine->containers[i], err) < 0)
			return -1;
	if (decode_logging(frame, machine, err) < 0 ||
	    codec_get_setting(frame, machine, "service.exit-code-from", err) < 0 ||
	    codec_get_setting(frame, machine, "machine.project", err) < 0)
		return -1;
	return service_graph_build(machine, &graph, err);
}

int machine_decode(struct frame *frame, struct machine *machine, struct error *err)
{
	if (decode_containers(frame, machine, err) < 0 ||
	    codec_get_setting(frame, machine, "berth.hostname", err) < 0)
		return -1;
	machine->on_exit = (enum exit_action)codec_get_limited(frame, EXIT_HOLD);
	machine->userns = codec_get_limited(frame, 1);
	if (codec_get_setting(frame, machine, "berth.data", err) < 0)
		return -1;
	machine->watchdog_s = codec_get_limited(frame, 600);
	machine->deadline_s = codec_get_limited(frame, RUN_LONGEST_S);
	machine->rescue = (enum rescue_policy)codec_get_limited(frame, RESCUE_AT_START);
	if (codec_get_setting(frame, machine, "berth.watchdog.device", err) < 0)
		return -1;
	decode_registries(frame, machine);
	machine->pull_deadline_s = codec_get_limited(frame, DEADLINE_LONGEST_S);
	machine->pull_policy = (enum pull_policy)codec_get_limited(frame, PULL_NEVER);
	frame_get_list(frame, &machine->arena, &machine->image_urls);
	frame_get_list(frame, &machine->arena, &machine->sysctls);
	machine->time_servers_given = codec_get_limited(frame, 1);
	frame_get_list(frame, &machine->arena, &machine->time_servers);
	machine->image_settings = codec_get_optional(frame, &machine->arena);
	machine->credentials = codec_get_optional(frame, &machine->arena);
	if (machine_network_decode(frame, machine, err) < 0)
		return -1;
	if (!frame_done(frame) || machine->image_urls.count > MACHINE_IMAGE_URLS_MAX ||
	    !time_servers_are_good(machine))
		return error_set(err, "malformed machine description");
	return networks_complete(machine, err);
}
