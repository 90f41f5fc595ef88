// SPDX-License-Identifier: Apache-2.0
/* x-berth: what of the machine itself becomes a setting of several fields. */
#include "init/config/document/settings.h"
#include "init/net/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void append(char *out, size_t capacity, const char *name, const char *value)
{
	size_t used = strlen(out);
	snprintf(out + used, capacity - used, "%s%s=%s", used ? "," : "", name, value);
}

void settings_data_disk(struct binder *binder, const struct node *node,
			const struct schema_key *row, const struct node *parent)
{
	char text[600] = "";
	(void)parent;
	for (const struct node *member = node->first; member; member = member->next) {
		if (member->kind == NODE_LIST)
			for (const struct node *item = member->first; item; item = item->next)
				append(text, sizeof text, "option", item->text);
		else if (member->kind == NODE_BOOL)
			append(text, sizeof text, member->key, member->integer ? "true" : "false");
		else
			append(text, sizeof text, member->key, member->text);
	}
	settings_add(binder, node, row, row->setting, text);
}

/* "255.255.255.0" of 24. */
static void print_mask(unsigned prefix, char out[16])
{
	unsigned mask = prefix ? 0xffffffffu << (32 - prefix) : 0;
	snprintf(out, 16, "%u.%u.%u.%u", mask >> 24, mask >> 16 & 255, mask >> 8 & 255, mask & 255);
}

static void add_member(struct binder *binder, const struct node *map, const char *member,
		       const char *setting)
{
	const struct node *node = node_get(map, member);
	char text[24];
	size_t mark = path_push(&binder->normaliser, member);
	for (const struct node *item = node ? node->first : NULL; item; item = item->next)
		settings_add(binder, item, NULL, setting, item->text);
	if (node && node->kind == NODE_INTEGER) {
		snprintf(text, sizeof text, "%lld", (long long)node->integer);
		settings_add(binder, node, NULL, setting, text);
	}
	path_pop(&binder->normaliser, mark);
}

static void add_routes(struct binder *binder, const struct node *network)
{
	const struct node *routes = node_get(network, "routes");
	size_t mark = path_push(&binder->normaliser, "routes");
	for (const struct node *item = routes ? routes->first : NULL; item; item = item->next) {
		char text[160] = "";
		snprintf(text, sizeof text, "%.60s=%.60s", node_get_text(item, "to"),
			 node_get_text(item, "via"));
		settings_add(binder, item, NULL, "berth.machine-route", text);
	}
	path_pop(&binder->normaliser, mark);
}

static void append_number(char *out, size_t capacity, const char *name, const struct node *node)
{
	char text[24];
	if (!node)
		return;
	snprintf(text, sizeof text, "%lld", (long long)node->integer);
	append(out, capacity, name, text);
}

static void append_each(char *out, size_t capacity, const char *name, const struct node *list)
{
	for (const struct node *item = list ? list->first : NULL; item; item = item->next)
		append(out, capacity, name, item->text);
}

static void add_link(struct binder *binder, const struct node *link)
{
	const struct node *vlan = node_get(link, "vlan"), *bond = node_get(link, "bond");
	char text[600];
	snprintf(text, sizeof text, "%.40s", link->key);
	if (vlan) {
		append_number(text, sizeof text, "vlan", node_get(vlan, "id"));
		append(text, sizeof text, "on", node_get_text(vlan, "link"));
	}
	if (bond) {
		append(text, sizeof text, "bond", node_get_text(bond, "mode"));
		append_each(text, sizeof text, "member", node_get(bond, "members"));
		append_number(text, sizeof text, "miimon", node_get(bond, "miimon"));
	}
	append_number(text, sizeof text, "mtu", node_get(link, "mtu"));
	append_each(text, sizeof text, "address", node_get(link, "address"));
	settings_add(binder, link, NULL, "berth.machine-link", text);
}

static void add_links(struct binder *binder, const struct node *network)
{
	const struct node *links = node_get(network, "links");
	size_t outer = path_push(&binder->normaliser, "links");
	for (const struct node *link = links ? links->first : NULL; link; link = link->next) {
		size_t mark = path_push(&binder->normaliser, link->key);
		add_link(binder, link);
		path_pop(&binder->normaliser, mark);
	}
	path_pop(&binder->normaliser, outer);
}

static bool is_six(const char *text)
{
	return strchr(text, ':') != NULL;
}

/* The first one of a family. */
static const struct node *first_of(const struct node *list, bool six)
{
	for (const struct node *item = list ? list->first : NULL; item; item = item->next)
		if (is_six(item->text) == six)
			return item;
	return NULL;
}

bool settings_ipv6_alone(const struct binder *binder)
{
	const struct node *network = node_at(binder->document->root, "x-berth.network");
	const struct node *list = node_get(network, "address"), *dhcp = node_get(network, "dhcp");
	return dhcp && !dhcp->integer && !first_of(list, false) && first_of(list, true);
}

/* The first IPv4 address is the machine's, whose card and gateway go with it as ip=; without any, and
 * without DHCP, it is the first one of IPv6. All others come beside it. */
static const struct node *add_addresses(struct binder *binder, const struct node *network)
{
	const struct node *list = node_get(network, "address"), *dhcp = node_get(network, "dhcp");
	const struct node *own = dhcp && dhcp->integer ? NULL : first_of(list, false);
	if (!own && dhcp && !dhcp->integer)
		own = first_of(list, true);
	size_t mark = path_push(&binder->normaliser, "address");
	for (const struct node *item = list ? list->first : NULL; item; item = item->next)
		if (item != own)
			settings_add(binder, item, NULL, "berth.machine-address", item->text);
	path_pop(&binder->normaliser, mark);
	return own;
}

/* One of each family; that of `ip=` is not told here. */
static void add_gateways(struct binder *binder, const struct node *network, const struct node *told)
{
	const struct node *list = node_get(network, "gateway");
	size_t mark = path_push(&binder->normaliser, "gateway");
	for (const struct node *item = list ? list->first : NULL; item; item = item->next) {
		char text[80];
		snprintf(text, sizeof text, "::/0=%.60s", item->text);
		if (item != told && is_six(item->text))
			settings_add(binder, item, NULL, "berth.machine-route", text);
		else if (item != told)
			settings_refuse(binder, item, "one gateway of IPv4, and only with an IPv4 address");
	}
	path_pop(&binder->normaliser, mark);
}

static void add_ip(struct binder *binder, const struct node *network, const struct schema_key *row,
		   const struct node *address)
{
	bool six = address && is_six(address->text);
	const struct node *gateway = first_of(node_get(network, "gateway"), six);
	const char *card = node_get_text(network, "interface");
	const struct node *dhcp = node_get(network, "dhcp");
	char text[300], mask[16] = "", client[64] = "";
	struct plan_address parsed;
	struct error err = ERROR_INIT;
	if (address && plan_address_parse(address->text, &parsed, &err) < 0) {
		size_t mark = path_push(&binder->normaliser, "address");
		complain(&binder->normaliser, address, "%s", err.text);
		path_pop(&binder->normaliser, mark);
		return;
	}
	if (address) {
		size_t length = strcspn(address->text, "/");
		snprintf(client, sizeof client, "%.*s", (int)(length < 63 ? length : 63),
			 address->text);
		snprintf(mask, sizeof mask, "%.3s", address->text[length] ? address->text + length + 1 : "");
		if (!six)
			print_mask((unsigned)strtoul(mask, NULL, 10), mask);
	}
	bool none = dhcp && !dhcp->integer && !address;
	const char *open = six ? "[" : "", *close = six ? "]" : "";
	bool by = gateway && (six || address);
	snprintf(text, sizeof text, "%s%s%s::%s%s%s:%s::%s:%s", open, client, close, by ? open : "",
		 gateway ? gateway->text : "", by ? close : "", mask, card ? card : "",
		 address ? "off" : "dhcp");
	settings_add(binder, network, row, row->setting, none ? "off" : text);
	add_gateways(binder, network, gateway);
}

void settings_machine_network(struct binder *binder, const struct node *node, const struct schema_key *row,
		      const struct node *parent)
{
	(void)parent;
	const struct node *address = add_addresses(binder, node);
	add_ip(binder, node, row, address);
	add_member(binder, node, "dns", "berth.machine-dns");
	add_member(binder, node, "search", "berth.machine-search");
	add_member(binder, node, "ntp", "berth.time.ntp");
	add_member(binder, node, "mtu", "berth.machine-mtu");
	add_routes(binder, node);
	add_links(binder, node);
}
