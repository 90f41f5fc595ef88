// SPDX-License-Identifier: Apache-2.0
/*
 * Networks of a document. Where all services are on one network of which nothing is said, no setting is
 * made: that is what a machine has by itself.
 */
#include "init/config/document/network_setting.h"

#include "lib/cleanup.h"

#include <stdio.h>
#include <string.h>

static bool is_used(const struct binder *binder, const char *name)
{
	const struct node *services = node_get(binder->document->root, "services");
	for (const struct node *at = services->first; at; at = at->next)
		if (node_get(node_get(at, "networks"), name))
			return true;
	return false;
}

static bool says_true(const struct node *option)
{
	return schema_is_choice("1|t|T|true|TRUE|True", option->text);
}

/* driver_opts of Docker's bridge: the word of networks.h that each is, when it has a value, or a flag that
 * its opposite sets. */
static const struct option_word {
	const char *option, *word;
	bool is_flag;
} option_words[] = {
	{"com.docker.network.driver.mtu", "mtu", false},
	{"com.docker.network.bridge.name", "device", false},
	{"com.docker.network.container_iface_prefix", "inside", false},
	{"com.docker.network.host_ipv4", "source", false},
	{"com.docker.network.host_ipv6", "source", false},
	{"com.docker.network.bridge.enable_icc", "separate", true},
	{"com.docker.network.bridge.enable_ip_masquerade", "untranslated", true},
};

/* Values with which an option says what is so anyway, and why there is no other. */
static const struct option_fixed {
	const char *option, *value, *why;
} option_fixed[] = {
	{"com.docker.network.bridge.gateway_mode_ipv4", "nat",
	 "containers are reached by published ports: nobody outside has a route to them"},
	{"com.docker.network.bridge.gateway_mode_ipv6", "nat",
	 "containers are reached by published ports: nobody outside has a route to them"},
	{"com.docker.network.bridge.inhibit_ipv4", "false",
	 "the machine is the network's way out, and has an address there: internal: true closes it"},
};

static void put_option(struct network_setting *setting, const struct node *option)
{
	for (size_t i = 0; i < countof(option_words); i++) {
		const struct option_word *row = &option_words[i];
		if (strcmp(option->key, row->option) != 0)
			continue;
		if (!row->is_flag)
			network_setting_put(setting, row->word, option->text);
		else if (!says_true(option))
			network_setting_put(setting, row->word, "");
		return;
	}
	if (strcmp(option->key, network_host_binding) == 0)
		return; /* settings_host_binding() */
	for (size_t i = 0; i < countof(option_fixed); i++) {
		const struct option_fixed *row = &option_fixed[i];
		if (strcmp(option->key, row->option) != 0)
			continue;
		if (strcmp(option->text, row->value) != 0)
			settings_refuse_member(setting->binder, option, row->why);
		return;
	}
	settings_refuse_member(setting->binder, option, "the machine's bridges have no such option");
}

static void put_options(struct network_setting *setting, const struct node *options)
{
	struct normaliser *normaliser = &setting->binder->normaliser;
	size_t mark = path_push(normaliser, "driver_opts");
	for (const struct node *at = options ? options->first : NULL; at; at = at->next)
		put_option(setting, at);
	path_pop(normaliser, mark);
}

static void check_driver(struct binder *binder, const struct node *driver)
{
	if (!driver)
		return;
	if (schema_is_choice("host|none", driver->text))
		settings_refuse_member(binder, driver,
			      "there is one such network, and it is not made: write network_mode");
	else if (schema_is_choice("macvlan|ipvlan", driver->text))
		settings_refuse_member(binder, driver,
			      "containers are behind a bridge and not on the machine's own wire");
	else if (strcmp(driver->text, "overlay") == 0)
		settings_refuse_member(binder, driver, "there is one machine");
}

/* Of IPv4 and IPv6 one each. */
struct pools {
	bool v4, v6;
};

static void put_pool(struct network_setting *setting, const struct node *pool, struct pools *seen)
{
	struct binder *binder = setting->binder;
	const char *subnet = node_get_text(pool, "subnet"), *gateway = node_get_text(pool, "gateway");
	const char *range = node_get_text(pool, "ip_range");
	const struct node *taken = node_get(pool, "aux_addresses");
	bool six = subnet && strchr(subnet, ':');
	bool *known = six ? &seen->v6 : &seen->v4;
	if (*known)
		settings_refuse(binder, pool, "a network has one subnet of IPv4 and one of IPv6");
	*known = true;
	if (subnet)
		network_setting_put(setting, six ? "subnet6" : "subnet", subnet);
	if (gateway)
		network_setting_put(setting, six ? "gateway6" : "gateway", gateway);
	if (range)
		network_setting_put(setting, "range", range);
	for (const struct node *at = taken ? taken->first : NULL; at; at = at->next)
		network_setting_put(setting, "taken", at->text);
}

static void put_addresses(struct network_setting *setting, const struct node *network, unsigned number)
{
	struct normaliser *normaliser = &setting->binder->normaliser;
	const struct node *list = node_at(network, "ipam.config");
	const struct node *ipv6 = node_get(network, "enable_ipv6");
	struct pools seen = {0};
	unsigned index = 0;
	char subnet[64];
	size_t outer = path_push(normaliser, "ipam");
	size_t inner = path_push(normaliser, "config");
	for (const struct node *pool = list ? list->first : NULL; pool; pool = pool->next) {
		size_t mark = path_push_index(normaliser, index++);
		put_pool(setting, pool, &seen);
		path_pop(normaliser, mark);
	}
	path_pop(normaliser, inner);
	if (seen.v6 && !(ipv6 && ipv6->integer))
		settings_refuse(setting->binder, list, "an IPv6 subnet needs enable_ipv6: true");
	path_pop(normaliser, outer);
	/* A unique local network (RFC 4193); it ends at its bridge, and need not be drawn by lot. */
	snprintf(subnet, sizeof subnet, "fd62:6572:7468:%x::/64", number);
	if (!seen.v6 && ipv6 && ipv6->integer)
		network_setting_put(setting, "subnet6", subnet);
}

static void bind_network(struct binder *binder, const struct node *network, unsigned number)
{
	struct network_setting setting = {.binder = binder, .whole = network};
	const struct node *external = node_get(network, "external");
	const struct node *ipv4 = node_get(network, "enable_ipv4");
	const struct node *internal = node_get(network, "internal");
	if (network_docker_mode(binder, network->key))
		return;
	if (external && external->integer)
		settings_refuse_member(binder, external,
			      "nothing but the document makes networks in a machine: without external "
			      "it is made");
	check_driver(binder, node_get(network, "driver"));
	network_setting_put(&setting, "", network->key);
	if (ipv4 && !ipv4->integer)
		network_setting_put(&setting, "no-ipv4", "");
	put_addresses(&setting, network, number);
	put_options(&setting, node_get(network, "driver_opts"));
	if (internal && internal->integer)
		network_setting_put(&setting, "internal", "");
	settings_add(binder, network, NULL, "machine.network", setting.out);
}

void settings_networks(struct binder *binder)
{
	const struct node *networks = node_get(binder->document->root, "networks");
	unsigned number = 0;
	binder->plain_network = network_is_plain(binder);
	if (binder->plain_network)
		return;
	size_t outer = path_push(&binder->normaliser, "networks");
	for (const struct node *at = networks ? networks->first : NULL; at; at = at->next) {
		size_t mark = path_push(&binder->normaliser, at->key);
		if (is_used(binder, at->key))
			bind_network(binder, at, number++);
		path_pop(&binder->normaliser, mark);
	}
	path_pop(&binder->normaliser, outer);
}
