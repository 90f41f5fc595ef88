// SPDX-License-Identifier: Apache-2.0
/*
 * Networks of a document and who is on them. Where all services are on one network of which nothing
 * is said, no setting is made: that is what a machine has by itself.
 */
#include "init/config/document/settings.h"

#include "init/config/networks.h"
#include "lib/cleanup.h"

#include <stdarg.h>
#include <string.h>

/* What is said of one network, as a setting of networks.h; refused when it does not fit. */
struct text {
	struct binder *binder;
	const struct node *whole;
	size_t used;
	char out[NETWORK_TEXT_MAX + 1];
};

static void put(struct text *text, const char *key, const char *value)
{
	int length = snprintf(text->out + text->used, sizeof text->out - text->used, "%s%s%s%s",
			      text->used ? "," : "", key, *key && *value ? "=" : "", value);
	if (strchr(value, ','))
		settings_refuse(text->binder, text->whole, "a name or value with a comma in it");
	else if ((size_t)length >= sizeof text->out - text->used)
		settings_refuse(text->binder, text->whole, "more is said of a network than it can take");
	else
		text->used += (size_t)length;
}

static const struct node *network_node(const struct binder *binder, const char *name)
{
	return node_get(node_get(binder->document->root, "networks"), name);
}

/* Docker's own networks, which are there without being made: "host", "none", "bridge"; else NULL. */
static const char *external_mode(const struct binder *binder, const char *name)
{
	const struct node *network = network_node(binder, name);
	const struct node *external = node_get(network, "external");
	const char *real = node_get_text(network, "name");
	if (!external || !external->integer || !real)
		return NULL;
	return schema_is_choice("host|none|bridge", real) ? real : NULL;
}

static bool is_bridge_mode(const char *mode)
{
	return strcmp(mode, "bridge") == 0 || strcmp(mode, "default") == 0;
}

static bool is_flag(const struct node *node, bool value)
{
	return node->kind == NODE_BOOL && (node->integer != 0) == value;
}

static bool is_extension(const struct node *node)
{
	return strncmp(node->key, "x-", 2) == 0;
}

/* Nothing that makes it another one than the network that a machine has by itself. */
static bool is_plain_member(const struct node *key)
{
	if (schema_is_choice("name|labels|attachable", key->key) || is_extension(key))
		return true;
	if (schema_is_choice("internal|enable_ipv6|external", key->key))
		return is_flag(key, false);
	if (strcmp(key->key, "enable_ipv4") == 0)
		return is_flag(key, true);
	if (strcmp(key->key, "driver") == 0)
		return strcmp(key->text, "bridge") == 0;
	return !node_is_scalar(key) && key->count == 0;
}

static bool is_plain_network(const struct binder *binder, const char *name)
{
	const struct node *network = network_node(binder, name);
	for (const struct node *key = network ? network->first : NULL; key; key = key->next)
		if (!is_plain_member(key))
			return false;
	return true;
}

static bool is_plain_attachment(const struct node *item)
{
	for (const struct node *key = item->first; key; key = key->next)
		if (!schema_is_choice("aliases|priority", key->key) && !is_extension(key))
			return false;
	return true;
}

/* One more network that is used: false when it is not the only one. "" is that of nobody's name. */
static bool is_only(const char **only, const char *name)
{
	if (!*only)
		*only = name;
	return strcmp(*only, name) == 0;
}

static bool is_plain_service(const struct binder *binder, const struct node *service,
			     const char **only)
{
	const char *mode = node_get_text(service, "network_mode");
	const struct node *networks = node_get(service, "networks");
	if (node_get(service, "mac_address"))
		return false;
	if (mode)
		return !is_bridge_mode(mode) || is_only(only, "");
	for (const struct node *at = networks ? networks->first : NULL; at; at = at->next) {
		const char *external = external_mode(binder, at->key);
		if (external && strcmp(external, "bridge") != 0)
			continue;
		if (!is_only(only, external ? "" : at->key) || !is_plain_attachment(at) ||
		    (!external && !is_plain_network(binder, at->key)))
			return false;
	}
	return true;
}

static bool is_plain(const struct binder *binder)
{
	const struct node *services = node_get(binder->document->root, "services");
	const char *only = NULL;
	for (const struct node *at = services->first; at; at = at->next)
		if (!is_plain_service(binder, at, &only))
			return false;
	return true;
}

static bool is_used(const struct binder *binder, const char *name)
{
	const struct node *services = node_get(binder->document->root, "services");
	for (const struct node *at = services->first; at; at = at->next)
		if (node_get(node_get(at, "networks"), name))
			return true;
	return false;
}

/* Refuses with the path of the member `key` of what the path is at. */
static void refuse_member(struct binder *binder, const struct node *member, const char *why)
{
	size_t mark = path_push(&binder->normaliser, member->key);
	settings_refuse(binder, member, why);
	path_pop(&binder->normaliser, mark);
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

static const char host_binding[] = "com.docker.network.bridge.host_binding_ipv4";

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

static void put_option(struct text *text, const struct node *option)
{
	for (size_t i = 0; i < countof(option_words); i++) {
		const struct option_word *row = &option_words[i];
		if (strcmp(option->key, row->option) != 0)
			continue;
		if (!row->is_flag)
			put(text, row->word, option->text);
		else if (!says_true(option))
			put(text, row->word, "");
		return;
	}
	if (strcmp(option->key, host_binding) == 0)
		return; /* settings_host_binding() */
	for (size_t i = 0; i < countof(option_fixed); i++) {
		const struct option_fixed *row = &option_fixed[i];
		if (strcmp(option->key, row->option) != 0)
			continue;
		if (strcmp(option->text, row->value) != 0)
			refuse_member(text->binder, option, row->why);
		return;
	}
	refuse_member(text->binder, option, "the machine's bridges have no such option");
}

static void put_options(struct text *text, const struct node *options)
{
	struct normaliser *normaliser = &text->binder->normaliser;
	size_t mark = path_push(normaliser, "driver_opts");
	for (const struct node *at = options ? options->first : NULL; at; at = at->next)
		put_option(text, at);
	path_pop(normaliser, mark);
}

static void check_driver(struct binder *binder, const struct node *driver)
{
	if (!driver)
		return;
	if (schema_is_choice("host|none", driver->text))
		refuse_member(binder, driver,
			      "there is one such network, and it is not made: write network_mode");
	else if (schema_is_choice("macvlan|ipvlan", driver->text))
		refuse_member(binder, driver,
			      "containers are behind a bridge and not on the machine's own wire");
	else if (strcmp(driver->text, "overlay") == 0)
		refuse_member(binder, driver, "there is one machine");
}

/* Of IPv4 and IPv6 one each. */
struct pools {
	bool v4, v6;
};

static void put_pool(struct text *text, const struct node *pool, struct pools *seen)
{
	struct binder *binder = text->binder;
	const char *subnet = node_get_text(pool, "subnet"), *gateway = node_get_text(pool, "gateway");
	const char *range = node_get_text(pool, "ip_range");
	const struct node *taken = node_get(pool, "aux_addresses");
	bool six = subnet && strchr(subnet, ':');
	bool *known = six ? &seen->v6 : &seen->v4;
	if (*known)
		settings_refuse(binder, pool, "a network has one subnet of IPv4 and one of IPv6");
	*known = true;
	if (subnet)
		put(text, six ? "subnet6" : "subnet", subnet);
	if (gateway)
		put(text, six ? "gateway6" : "gateway", gateway);
	if (range)
		put(text, "range", range);
	for (const struct node *at = taken ? taken->first : NULL; at; at = at->next)
		put(text, "taken", at->text);
}

static void put_addresses(struct text *text, const struct node *network, unsigned number)
{
	struct normaliser *normaliser = &text->binder->normaliser;
	const struct node *list = node_at(network, "ipam.config");
	const struct node *ipv6 = node_get(network, "enable_ipv6");
	struct pools seen = {0};
	unsigned index = 0;
	char subnet[64];
	size_t outer = path_push(normaliser, "ipam");
	size_t inner = path_push(normaliser, "config");
	for (const struct node *pool = list ? list->first : NULL; pool; pool = pool->next) {
		size_t mark = path_push_index(normaliser, index++);
		put_pool(text, pool, &seen);
		path_pop(normaliser, mark);
	}
	path_pop(normaliser, inner);
	if (seen.v6 && !(ipv6 && ipv6->integer))
		settings_refuse(text->binder, list, "an IPv6 subnet needs enable_ipv6: true");
	path_pop(normaliser, outer);
	/* A unique local network (RFC 4193); it ends at its bridge, and need not be drawn by lot. */
	snprintf(subnet, sizeof subnet, "fd62:6572:7468:%x::/64", number);
	if (!seen.v6 && ipv6 && ipv6->integer)
		put(text, "subnet6", subnet);
}

static void bind_network(struct binder *binder, const struct node *network, unsigned number)
{
	struct text text = {.binder = binder, .whole = network};
	const struct node *external = node_get(network, "external");
	const struct node *ipv4 = node_get(network, "enable_ipv4");
	const struct node *internal = node_get(network, "internal");
	if (external_mode(binder, network->key))
		return;
	if (external && external->integer)
		refuse_member(binder, external,
			      "nothing but the document makes networks in a machine: without external "
			      "it is made");
	check_driver(binder, node_get(network, "driver"));
	put(&text, "", network->key);
	if (ipv4 && !ipv4->integer)
		put(&text, "no-ipv4", "");
	put_addresses(&text, network, number);
	put_options(&text, node_get(network, "driver_opts"));
	if (internal && internal->integer)
		put(&text, "internal", "");
	settings_add(binder, network, NULL, "machine.network", text.out);
}

void settings_networks(struct binder *binder)
{
	const struct node *networks = node_get(binder->document->root, "networks");
	unsigned number = 0;
	binder->plain_network = is_plain(binder);
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

static double priority_of(const struct node *item)
{
	const struct node *node = node_get(item, "priority");
	if (!node)
		return 0;
	return node->kind == NODE_FLOAT ? node->number : (double)node->integer;
}

/* Compose's order: the highest priority first, then by name. */
static bool comes_before(const struct node *left, const struct node *right)
{
	double first = priority_of(left), second = priority_of(right);
	return first != second ? first > second : strcmp(left->key, right->key) < 0;
}

static void put_members(struct text *text, const struct node *item)
{
	static const struct {
		const char *member, *word;
	} words[] = {
		{"ipv4_address", "address"},   {"ipv6_address", "address6"},
		{"mac_address", "mac"},        {"interface_name", "device"},
		{"gw_priority", "gateway-priority"},
	};
	const struct node *aliases = node_get(item, "aliases");
	const struct node *more = node_get(item, "link_local_ips");
	for (size_t i = 0; i < countof(words); i++) {
		const char *value = node_get_text(item, words[i].member);
		if (value)
			put(text, words[i].word, value);
	}
	for (const struct node *at = aliases ? aliases->first : NULL; at; at = at->next)
		put(text, "alias", at->text);
	for (const struct node *at = more ? more->first : NULL; at; at = at->next)
		put(text, "link-local", at->text);
}

/* driver_opts of a place on a network. */
static void put_own_options(struct text *text, const struct node *item)
{
	const struct node *options = node_get(item, "driver_opts");
	size_t mark = path_push(&text->binder->normaliser, "driver_opts");
	for (const struct node *at = options ? options->first : NULL; at; at = at->next) {
		if (strcmp(at->key, "com.docker.network.endpoint.ifname") != 0)
			refuse_member(text->binder, at,
				      "a place on a network has no such option: sysctls of the service are "
				      "for all of its devices");
		else if (!node_get(item, "interface_name"))
			put(text, "device", at->text);
	}
	path_pop(&text->binder->normaliser, mark);
}

/* `mac`: of the service, for the first of its networks. */
static void bind_attachment(struct binder *binder, const struct node *item, const char *mac)
{
	struct text text = {.binder = binder, .whole = item};
	size_t mark = path_push(&binder->normaliser, item->key);
	if (binder->replicas > 1 && (mac || node_get(item, "mac_address") ||
				     node_get(item, "ipv4_address") || node_get(item, "ipv6_address") ||
				     node_get(item, "link_local_ips")))
		settings_refuse(binder, item,
				"a fixed address is for one container, and the service has several");
	put(&text, "", item->key);
	put_members(&text, item);
	put_own_options(&text, item);
	if (mac && !node_get(item, "mac_address"))
		put(&text, "mac", mac);
	settings_add(binder, item, NULL, "service.network", text.out);
	path_pop(&binder->normaliser, mark);
}

static void bind_attachments(struct binder *binder, const struct node *networks, const char *mac)
{
	const struct node *items[MACHINE_NETWORKS_MAX];
	size_t count = 0;
	if (networks->count > MACHINE_NETWORKS_MAX) {
		settings_refuse(binder, networks, "a service is on 16 networks at most");
		return;
	}
	for (const struct node *at = networks->first; at; at = at->next) {
		size_t place = count++;
		for (; place && comes_before(at, items[place - 1]); place--)
			items[place] = items[place - 1];
		items[place] = at;
	}
	for (size_t i = 0; i < count; i++)
		bind_attachment(binder, items[i], i == 0 ? mac : NULL);
}

static void bind_aliases(struct binder *binder, const struct node *networks)
{
	for (const struct node *item = networks->first; item && binder->several; item = item->next) {
		const struct node *aliases = node_get(item, "aliases");
		size_t outer = path_push(&binder->normaliser, item->key);
		size_t inner = path_push(&binder->normaliser, "aliases");
		for (const struct node *at = aliases ? aliases->first : NULL; at; at = at->next)
			settings_add(binder, at, NULL, "service.alias", at->text);
		path_pop(&binder->normaliser, inner);
		path_pop(&binder->normaliser, outer);
	}
}

/* Docker's own networks by their names: the whole of what a service is on, or none of it. */
static bool bind_external(struct binder *binder, const struct node *networks)
{
	for (const struct node *at = networks->first; at; at = at->next) {
		const char *mode = external_mode(binder, at->key);
		if (!mode)
			continue;
		if (networks->count > 1)
			refuse_member(binder, at, "who is on the machine's own network, on none or on "
						  "Docker's own is on no other one");
		settings_add(binder, at, NULL, "berth.network", mode);
		return true;
	}
	return false;
}

static bool is_set(const struct node *map, const char *member, bool otherwise)
{
	const struct node *node = node_get(map, member);
	return node ? node->integer != 0 : otherwise;
}

static long long gateway_priority(const struct node *item)
{
	const struct node *node = node_get(item, "gw_priority");
	return node ? (long long)node->integer : 0;
}

const struct node *settings_way_out(const struct binder *binder, const struct node *service, bool six)
{
	const struct node *networks = node_get(service, "networks"), *best = NULL;
	for (const struct node *at = networks ? networks->first : NULL; at; at = at->next) {
		const struct node *network = network_node(binder, at->key);
		if (!network || external_mode(binder, at->key) || is_set(network, "internal", false) ||
		    !(six ? is_set(network, "enable_ipv6", false) : is_set(network, "enable_ipv4", true)))
			continue;
		if (!best || gateway_priority(at) > gateway_priority(best) ||
		    (gateway_priority(at) == gateway_priority(best) && comes_before(at, best)))
			best = at;
	}
	return best ? network_node(binder, best->key) : NULL;
}

const char *settings_host_binding(const struct binder *binder, const struct node *service)
{
	const struct node *network = settings_way_out(binder, service, false);
	return node_get_text(node_get(network, "driver_opts"), host_binding);
}

static bool all_internal(const struct binder *binder, const struct node *networks)
{
	for (const struct node *at = networks->first; at; at = at->next) {
		const struct node *internal = node_get(network_node(binder, at->key), "internal");
		if (!internal || !internal->integer)
			return false;
	}
	return networks->count > 0;
}

static void check_ports(struct binder *binder, const struct node *service)
{
	const struct node *ports = node_get(service, "ports");
	const struct node *networks = node_get(service, "networks");
	if (ports && ports->count && networks && all_internal(binder, networks))
		refuse_member(binder, ports,
			      "a port is published to those outside, and the service is only on internal "
			      "networks, which they do not reach");
}

/* Who is on a network of the document has a hardware address of its own. */
static void check_mac(struct binder *binder, const struct node *service, bool attached)
{
	const struct node *mac = node_get(service, "mac_address");
	if (mac && !attached)
		refuse_member(binder, mac, "it is for a service on a network of the document");
}

static void check_shared(struct binder *binder, const struct node *service)
{
	static const char *const keys[] = {"network_mode", "pid", "ipc"};
	const struct node *services = node_get(binder->document->root, "services");
	for (size_t i = 0; i < countof(keys); i++) {
		const struct node *mode = node_get(service, keys[i]);
		const char *other = mode ? settings_shared(binder, mode) : NULL;
		if (other && settings_replicas(node_get(services, other)) == 0)
			refuse_member(binder, mode, "that service has no container: it says scale: 0");
	}
}

void settings_attachments(struct binder *binder, const struct node *service)
{
	const struct node *networks = node_get(service, "networks");
	const struct node *mac = node_get(service, "mac_address");
	bool attached = false;
	check_ports(binder, service);
	check_shared(binder, service);
	size_t mark = path_push(&binder->normaliser, "networks");
	if (networks && networks->count && !bind_external(binder, networks)) {
		attached = true;
		if (binder->plain_network)
			bind_aliases(binder, networks);
		else
			bind_attachments(binder, networks, mac ? mac->text : NULL);
	}
	path_pop(&binder->normaliser, mark);
	check_mac(binder, service, attached);
}

static bool share_network(const struct node *a, const struct node *b)
{
	const struct node *own = node_get(a, "networks"), *other = node_get(b, "networks");
	if (node_get(a, "network_mode") || node_get(b, "network_mode"))
		return true; /* what is possible is seen elsewhere */
	for (const struct node *at = own ? own->first : NULL; at; at = at->next)
		if (node_get(other, at->key))
			return true;
	return false;
}

/* `link` is "SERVICE[:ALIAS]". */
void settings_link(struct binder *binder, const struct node *service, const struct node *link)
{
	char name[64];
	size_t length = strcspn(link->text, ":");
	snprintf(name, sizeof name, "%.*s", (int)(length < 63 ? length : 63), link->text);
	const struct node *other = node_get(node_get(binder->document->root, "services"), name);
	if (other && settings_replicas(other) == 0)
		settings_refuse(binder, link, "that service has no container: it says scale: 0");
	else if (other && !share_network(service, other))
		settings_refuse(binder, link, "the two services are on no common network");
	else
		settings_add(binder, link, NULL, "service.link", link->text);
}
