// SPDX-License-Identifier: Apache-2.0
#include "init/supervise/hosts.h"

#include "init/config/container_options.h"
#include "init/config/networks.h"
#include "init/net/ipv4.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { HOSTS_MAX = 64 * 1024 };

struct hosts {
	size_t used;
	char text[HOSTS_MAX];
};

static void add(struct hosts *hosts, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* What does not fit shows in `used`. */
static void add(struct hosts *hosts, const char *format, ...)
{
	va_list ap;
	if (hosts->used >= sizeof hosts->text)
		return;
	va_start(ap, format);
	int length = vsnprintf(hosts->text + hosts->used, sizeof hosts->text - hosts->used, format,
			       ap);
	va_end(ap);
	hosts->used += length > 0 ? (size_t)length : 0;
}

static void add_name(struct hosts *hosts, const char *name, const char *but)
{
	if (name && (!but || strcmp(name, but) != 0))
		add(hosts, " %s", name);
}

/* All names that a container goes by on a network, but the one that stands already. */
static void add_names(struct hosts *hosts, const struct container_config *config,
		      const struct string_list *more, const char *but)
{
	add_name(hosts, config->service, but);
	if (config->service && strcmp(config->name, config->service) != 0)
		add_name(hosts, config->name, but);
	add_name(hosts, config->hostname, but);
	for (size_t i = 0; i < config->aliases.count; i++)
		add_name(hosts, config->aliases.items[i], but);
	for (size_t i = 0; more && i < more->count; i++)
		add_name(hosts, more->items[i], but);
}

static void add_links(struct hosts *hosts, const struct container_config *own,
		      const struct container_config *other)
{
	for (size_t i = 0; i < own->links.count; i++) {
		const char *link = own->links.items[i], *colon = strchr(link, ':');
		if (colon && strlen(other->service) == (size_t)(colon - link) &&
		    strncmp(link, other->service, (size_t)(colon - link)) == 0)
			add(hosts, " %s", colon + 1);
	}
}

static bool has(const struct network_attachment *at, bool six)
{
	return six ? at->network->bridge.prefix6 : at->network->bridge.prefix;
}

static void add_address(struct hosts *hosts, const struct network_attachment *at, bool six)
{
	char text[INET6_ADDRSTRLEN];
	if (six)
		inet_ntop(AF_INET6, &at->endpoint.address6, text, sizeof text);
	else
		ipv4_format(at->endpoint.address, text);
	add(hosts, "%s", text);
}

static bool is_on(const struct network_attachment *own, const struct network_config *network)
{
	for (; own; own = own->next)
		if (own->network == network)
			return true;
	return false;
}

/* A line for each address at which one container reaches another. */
static void add_other(struct hosts *hosts, const struct instance *instance, unsigned number)
{
	const struct machine *machine = instance->machine;
	const struct container_config *own = instance->config, *other = machine->containers[number];
	const struct network_attachment *mine = networks_of(machine, instance->number);
	const struct network_attachment *at = networks_of(machine, number);
	bool everywhere = own->network == NETWORK_HOST; /* the machine itself is on all networks */
	for (; at; at = at->next)
		for (int six = 0; six < 2; six++) {
			if (!has(at, six) || (!everywhere && !is_on(mine, at->network)))
				continue;
			add_address(hosts, at, six);
			add_names(hosts, other, &at->aliases, NULL);
			add_links(hosts, own, other);
			add(hosts, "\n");
		}
}

static void add_others(struct hosts *hosts, const struct instance *instance)
{
	unsigned count = instance->machine->container_count;
	for (unsigned i = 1; i < count; i++)
		add_other(hosts, instance, (instance->number + i) % count);
}

/* With a domain the whole name comes first: it is the canonical one. */
static void add_hostname(struct hosts *hosts, const struct container_config *config,
			 const char *hostname)
{
	if (config->domainname)
		add(hosts, "\t%s.%s %s", hostname, config->domainname, hostname);
	else
		add(hosts, "\t%s", hostname);
}

/* Its own address on each of its networks, or one that stands for none. */
static void add_own(struct hosts *hosts, const struct instance *instance, const char *hostname)
{
	const struct machine *machine = instance->machine;
	const struct network_attachment *at = networks_of(machine, instance->number);
	bool several = machine->container_count > 1;
	if (!at) {
		add(hosts, "127.0.1.1");
		add_hostname(hosts, instance->config, hostname);
		if (several)
			add_names(hosts, instance->config, NULL, hostname);
		add(hosts, "\n");
	}
	for (; at; at = at->next)
		for (int six = 0; six < 2; six++) {
			if (!has(at, six))
				continue;
			add_address(hosts, at, six);
			add_hostname(hosts, instance->config, hostname);
			if (several)
				add_names(hosts, instance->config, &at->aliases, hostname);
			add(hosts, "\n");
		}
}

/* HOST=ADDRESS of the description. The machine's address is that on the container's first network; on the
 * machine's own it is itself. */
static void add_stated(struct hosts *hosts, const struct instance *instance, const char *text)
{
	const struct network_attachment *at =
		networks_of(instance->machine, instance->number);
	char address[INET6_ADDRSTRLEN];
	size_t name = strcspn(text, "=");
	const char *stated = text + name + 1;
	if (strcmp(stated, HOST_GATEWAY) == 0) {
		stated = "127.0.0.1";
		if (at && has(at, false))
			stated = inet_ntop(AF_INET, &at->network->bridge.gateway, address,
					   sizeof address);
		else if (at)
			stated = inet_ntop(AF_INET6, &at->network->bridge.gateway6, address,
					   sizeof address);
	}
	add(hosts, "%s\t%.*s\n", stated, (int)name, text);
}

const char *hosts_file(const struct instance *instance, const char *hostname,
		       struct arena *arena)
{
	static struct hosts hosts;
	const struct string_list *more = &instance->config->hosts;
	hosts.used = 0;
	add(&hosts, "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n");
	add_own(&hosts, instance, hostname);
	if (instance->machine->container_count > 1 && instance->config->network != NETWORK_NONE)
		add_others(&hosts, instance);
	for (size_t i = 0; i < more->count; i++)
		add_stated(&hosts, instance, more->items[i]);
	return hosts.used < sizeof hosts.text ? arena_strdup(arena, hosts.text) : NULL;
}
