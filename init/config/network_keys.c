// SPDX-License-Identifier: Apache-2.0
#include "init/config/network_keys.h"

#include "init/net/ipv4.h"

#include <stdio.h>
#include <string.h>

static int keep(struct machine *machine, struct string_list *list, size_t most, const char *value,
		struct error *err)
{
	if (list->count == most)
		return error_set(err, "more than %zu of them", most);
	return string_list_add(list, &machine->arena, value, err);
}

int add_link(struct machine *machine, const char *value, struct error *err)
{
	struct plan_link link, other;
	if (plan_link_parse(value, &link, err) < 0)
		return -1;
	for (size_t i = 0; i < machine->links.count; i++)
		if (plan_link_parse(machine->links.items[i], &other, NULL) == 0 &&
		    strcmp(link.name, other.name) == 0)
			return error_set(err, "%s is there twice", link.name);
	return keep(machine, &machine->links, PLAN_LINKS_MAX, value, err);
}

int add_address(struct machine *machine, const char *value, struct error *err)
{
	struct plan_address address;
	return plan_address_parse(value, &address, err) < 0
		       ? -1
		       : keep(machine, &machine->addresses, PLAN_ADDRESSES_MAX, value, err);
}

int add_route(struct machine *machine, const char *value, struct error *err)
{
	struct plan_route route;
	return plan_route_parse(value, &route, err) < 0
		       ? -1
		       : keep(machine, &machine->routes, PLAN_ROUTES_MAX, value, err);
}

int add_name_server(struct machine *machine, const char *value, struct error *err)
{
	return plan_dns_check(value, err) < 0 ? -1
					      : keep(machine, &machine->dns, PLAN_DNS_MAX, value, err);
}

int add_search(struct machine *machine, const char *value, struct error *err)
{
	return plan_search_check(value, err) < 0
		       ? -1
		       : keep(machine, &machine->search, PLAN_SEARCH_MAX, value, err);
}

int set_mtu(struct machine *machine, const char *value, struct error *err)
{
	return decimal_parse(value, PLAN_MTU_MOST, &machine->mtu) && machine->mtu >= PLAN_MTU_LEAST
		       ? 0
		       : error_set(err, "\"%.40s\" is not a number from %d to %d", value,
				   PLAN_MTU_LEAST, PLAN_MTU_MOST);
}

static void copy_texts(const struct string_list *list, char *out, size_t size, unsigned *count)
{
	for (size_t i = 0; i < list->count; i++)
		snprintf(out + size * (*count)++, size, "%s", list->items[i]);
}

void machine_network_plan(const struct machine *machine, struct network_plan *out)
{
	*out = (struct network_plan){.mtu = machine->mtu};
	for (size_t i = 0; i < machine->links.count; i++)
		out->link_count += plan_link_parse(machine->links.items[i],
						   &out->links[out->link_count], NULL) == 0;
	for (size_t i = 0; i < machine->addresses.count; i++)
		out->address_count += plan_address_parse(machine->addresses.items[i],
							 &out->addresses[out->address_count],
							 NULL) == 0;
	for (size_t i = 0; i < machine->routes.count; i++)
		out->route_count += plan_route_parse(machine->routes.items[i],
						     &out->routes[out->route_count], NULL) == 0;
	copy_texts(&machine->dns, out->dns[0], sizeof out->dns[0], &out->dns_count);
	copy_texts(&machine->search, out->search[0], sizeof out->search[0], &out->search_count);
}
