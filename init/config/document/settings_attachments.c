// SPDX-License-Identifier: Apache-2.0
/* Who is on the networks of a document, by which names, and by which of them it leads out. */
#include "init/config/document/network_setting.h"

#include "lib/cleanup.h"

#include <stdio.h>
#include <string.h>

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

static void put_members(struct network_setting *setting, const struct node *item)
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
			network_setting_put(setting, words[i].word, value);
	}
	for (const struct node *at = aliases ? aliases->first : NULL; at; at = at->next)
		network_setting_put(setting, "alias", at->text);
	for (const struct node *at = more ? more->first : NULL; at; at = at->next)
		network_setting_put(setting, "link-local", at->text);
}

/* driver_opts of a place on a network. */
static void put_own_options(struct network_setting *setting, const struct node *item)
{
	const struct node *options = node_get(item, "driver_opts");
	size_t mark = path_push(&setting->binder->normaliser, "driver_opts");
	for (const struct node *at = options ? options->first : NULL; at; at = at->next) {
		if (strcmp(at->key, "com.docker.network.endpoint.ifname") != 0)
			settings_refuse_member(setting->binder, at,
				      "a place on a network has no such option: sysctls of the service are "
				      "for all of its devices");
		else if (!node_get(item, "interface_name"))
			network_setting_put(setting, "device", at->text);
	}
	path_pop(&setting->binder->normaliser, mark);
}

/* `mac`: of the service, for the first of its networks. */
static void bind_attachment(struct binder *binder, const struct node *item, const char *mac)
{
	struct network_setting setting = {.binder = binder, .whole = item};
	size_t mark = path_push(&binder->normaliser, item->key);
	if (binder->replicas > 1 && (mac || node_get(item, "mac_address") ||
				     node_get(item, "ipv4_address") || node_get(item, "ipv6_address") ||
				     node_get(item, "link_local_ips")))
		settings_refuse(binder, item,
				"a fixed address is for one container, and the service has several");
	network_setting_put(&setting, "", item->key);
	put_members(&setting, item);
	put_own_options(&setting, item);
	if (mac && !node_get(item, "mac_address"))
		network_setting_put(&setting, "mac", mac);
	settings_add(binder, item, NULL, "service.network", setting.out);
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
		const char *mode = network_docker_mode(binder, at->key);
		if (!mode)
			continue;
		if (networks->count > 1)
			settings_refuse_member(binder, at, "who is on the machine's own network, on none or on "
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
		const struct node *network = document_network(binder, at->key);
		if (!network || network_docker_mode(binder, at->key) || is_set(network, "internal", false) ||
		    !(six ? is_set(network, "enable_ipv6", false) : is_set(network, "enable_ipv4", true)))
			continue;
		if (!best || gateway_priority(at) > gateway_priority(best) ||
		    (gateway_priority(at) == gateway_priority(best) && comes_before(at, best)))
			best = at;
	}
	return best ? document_network(binder, best->key) : NULL;
}

const char *settings_host_binding(const struct binder *binder, const struct node *service)
{
	const struct node *network = settings_way_out(binder, service, false);
	return node_get_text(node_get(network, "driver_opts"), network_host_binding);
}

static bool all_internal(const struct binder *binder, const struct node *networks)
{
	for (const struct node *at = networks->first; at; at = at->next) {
		const struct node *internal = node_get(document_network(binder, at->key), "internal");
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
		settings_refuse_member(binder, ports,
			      "a port is published to those outside, and the service is only on internal "
			      "networks, which they do not reach");
}

/* Who is on a network of the document has a hardware address of its own. */
static void check_mac(struct binder *binder, const struct node *service, bool attached)
{
	const struct node *mac = node_get(service, "mac_address");
	if (mac && !attached)
		settings_refuse_member(binder, mac, "it is for a service on a network of the document");
}

static void check_shared(struct binder *binder, const struct node *service)
{
	static const char *const keys[] = {"network_mode", "pid", "ipc"};
	const struct node *services = node_get(binder->document->root, "services");
	for (size_t i = 0; i < countof(keys); i++) {
		const struct node *mode = node_get(service, keys[i]);
		const char *other = mode ? settings_shared(binder, mode) : NULL;
		if (other && settings_replicas(node_get(services, other)) == 0)
			settings_refuse_member(binder, mode, "that service has no container: it says scale: 0");
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
