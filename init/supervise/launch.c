// SPDX-License-Identifier: Apache-2.0
#include "init/supervise/launch.h"

#include "init/config/networks.h"
#include "init/net/ipv4.h"
#include "init/supervise/binds.h"
#include "init/supervise/sharing.h"
#include "init/supervise/specification.h"
#include "init/supervise/standard_io.h"
#include "init/supervise/standby.h"
#include "init/supervise/user_namespace.h"
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/loop.h"

#include <arpa/inet.h>
#include <poll.h>
#include <string.h>

enum { SPECIFICATION_ARENA = 128 * 1024 };

/* The address that tells where it is: the one that published ports lead to, else its first. */
static void note_address(struct instance *instance, const struct network_attachment *first)
{
	const struct network_attachment *at = first;
	while (at && !at->endpoint.leads_out)
		at = at->next;
	at = at ? at : first;
	if (at->network->bridge.prefix)
		ipv4_format(at->endpoint.address, instance->address);
	else
		inet_ntop(AF_INET6, &at->endpoint.address6, instance->address, sizeof instance->address);
}

static int create_endpoints(struct instance *instance, struct error *err)
{
	const struct container_config *config = instance->config;
	struct network_endpoint endpoints[MACHINE_NETWORKS_MAX];
	unsigned count = 0;
	const struct network_attachment *at = config->attachments;
	for (; at && count < MACHINE_NETWORKS_MAX; at = at->next)
		endpoints[count++] = at->endpoint;
	int netns = network_container_create(1 + instance->number, endpoints, count,
					     config->ports, config->port_count, err);
	if (netns >= 0 && count)
		note_address(instance, config->attachments);
	return netns;
}

/* Made once, and kept over restarts and for those that share it. */
static int create_network(struct instance *instance, struct error *err)
{
	const struct container_config *config = instance->config;
	if (config->network == NETWORK_HOST || instance->netns_fd >= 0)
		return 0;
	if (config->network == NETWORK_NONE)
		instance->netns_fd = network_isolated_create(err);
	else
		instance->netns_fd = create_endpoints(instance, err);
	return instance->netns_fd < 0 ? -1 : 0;
}

/* That of another one, which was started before. */
static int share_network(struct instance *instance, struct error *err)
{
	const char *name = instance->config->network_of;
	const struct instance *other = instance_of_service(instance, name);
	if (!other)
		return error_set(err, "there is no service %s to share a network with", name);
	instance->netns_fd = other->netns_fd; /* -1 stands for the machine's own */
	memcpy(instance->address, other->address, sizeof instance->address);
	return 0;
}

static int find_network(struct instance *instance, struct error *err)
{
	network_belongs_to(instance->user_ns);
	return instance->config->network == NETWORK_SERVICE ? share_network(instance, err)
							    : create_network(instance, err);
}

int launch_begin(struct instance *instance, bool beforehand, struct error *err)
{
	static char block[SPECIFICATION_ARENA];
	struct arena arena;
	struct container_spec spec;
	__attribute__((cleanup(shared_namespaces_close))) struct shared_namespaces shared =
		SHARED_NAMESPACES_INIT;
	_cleanup_close_ int console = -1;
	arena_init(&arena, block, sizeof block);
	instance->resolver_changed = false;
	if (beforehand && !binds_are_settled(instance->machine, instance->config, "/var/lib/berth", &arena))
		return error_set(err, "it cannot be made beforehand");
	if (user_namespace_find(instance, err) < 0 || find_network(instance, err) < 0 ||
	    specification_build(instance, &arena, &spec, err) < 0 ||
	    sharing_join(instance, &spec, &shared, err) < 0 ||
	    standard_io_prepare(instance, &spec, &console, err) < 0 ||
	    make_directories(spec.state_dir, 0700, err) < 0)
		return -1;
	if (beforehand && !standby_suits(&spec))
		return error_set(err, "it cannot be made beforehand");
	return beforehand ? container_create(&spec, &instance->process, err)
			  : container_start(&spec, console, &instance->process, err);
}

int launch_take_verdict(struct instance *instance)
{
	int status = 0, got;
	struct pollfd more = {.fd = instance->process.status_fd, .events = POLLIN};
	/* One that was told to go while it was made says first that it is. */
	while ((got = container_start_result(more.fd, &status, &instance->error)) == 1) {
		standby_renew_resolver(instance);
		if (poll(&more, 1, 0) == 0)
			return 0;
	}
	loop_remove(instance->process.status_fd);
	if (got == 0) {
		standby_renew_resolver(instance); /* it may have come while the container was made */
		standard_io_connect(instance);
		return 1;
	}
	instance->exit_status = status;
	return -1;
}
