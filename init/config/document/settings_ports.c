// SPDX-License-Identifier: Apache-2.0
/*
 * Published ports. Which one of the machine's it is must be known before the machine starts, since nobody
 * can ask it: what the document leaves open is the first one that nobody else of it publishes.
 */
#include "init/config/document/settings.h"

#include "init/net/network.h"

#include <stdlib.h>
#include <string.h>

/* Where Linux and Docker begin to give ports to those who ask for none. */
enum { FREE_FIRST = 32768, PORT_MOST = 65535 };

struct port_numbers {
	unsigned first, last; /* both 0: any */
};

/* By protocol: those that are published by number, and those that have been chosen. Of the document that
 * settings are being made of. */
static uint8_t taken[2][(PORT_MOST + 1) / 8];

static bool is_udp(const struct node *port)
{
	return strcmp(node_get_text(port, "protocol"), "udp") == 0;
}

static struct port_numbers numbers_of(const struct node *port)
{
	const char *text = node_get_text(port, "published");
	char *end = NULL;
	struct port_numbers numbers = {0, 0};
	if (!text)
		return numbers;
	numbers.first = numbers.last = (unsigned)strtoul(text, &end, 10);
	if (*end == '-')
		numbers.last = (unsigned)strtoul(end + 1, NULL, 10);
	return numbers;
}

static bool take(bool udp, unsigned number)
{
	uint8_t *at = &taken[udp][number / 8], bit = (uint8_t)(1 << number % 8);
	bool free = !(*at & bit);
	*at |= bit;
	return free;
}

/* What several containers of a service share out among themselves is theirs, too. */
void settings_known_ports(const struct binder *binder)
{
	const struct node *services = node_get(binder->document->root, "services");
	memset(taken, 0, sizeof taken);
	for (const struct node *service = services->first; service; service = service->next) {
		const struct node *ports = node_get(service, "ports");
		bool several = settings_replicas(service) > 1;
		for (const struct node *port = ports ? ports->first : NULL; port; port = port->next) {
			struct port_numbers numbers = numbers_of(port);
			for (unsigned number = numbers.first;
			     numbers.first && number <= numbers.last &&
			     (several || numbers.first == numbers.last);
			     number++)
				take(is_udp(port), number);
		}
	}
}

/* The first free one, said with its place; 0 when there is none. */
static unsigned choose_free(struct binder *binder, const struct node *port, struct port_numbers numbers)
{
	unsigned number = numbers.first ? numbers.first : FREE_FIRST;
	unsigned last = numbers.first ? numbers.last : PORT_MOST;
	while (number <= last && !take(is_udp(port), number))
		number++;
	if (number > last) {
		settings_refuse(binder, port, "no port of the machine is left for it");
		return 0;
	}
	problem_add(&binder->document->problems, PROBLEM_WARNING, port->at, binder->normaliser.path, NULL,
		    "answers at the machine's port %u, the first that nobody else has", number);
	return number;
}

/* Of each container of a service another one. */
static unsigned choose(struct binder *binder, const struct node *port)
{
	struct port_numbers numbers = numbers_of(port);
	if (!numbers.first || (binder->replicas == 1 && numbers.first != numbers.last))
		return choose_free(binder, port, numbers);
	if (numbers.first + binder->replicas - 1 <= numbers.last)
		return numbers.first + binder->replica;
	settings_refuse(binder, port,
			"the containers of the service cannot have one port of the machine: "
			"write a range with one for each");
	return 0;
}

static void add(struct binder *binder, const struct node *port, const struct schema_key *row,
		const char *address, unsigned number)
{
	char text[PORT_MAPPING_TEXT];
	bool six = address && strchr(address, ':');
	snprintf(text, sizeof text, "%s%.50s%s%s%u:%lld/%s", six ? "[" : "", address ? address : "",
		 six ? "]" : "", address ? ":" : "", number,
		 (long long)node_get(port, "target")->integer, node_get_text(port, "protocol"));
	settings_add(binder, port, row, row->setting, text);
}

/* Without an address of its own it has what the network's driver_opts say for IPv4. */
static void add_port(struct binder *binder, const struct node *port, const struct schema_key *row,
		     const struct node *service)
{
	const struct node *own = node_get(port, "host_ip");
	const char *address = own && *own->text ? own->text : NULL;
	const char *standard = settings_host_binding(binder, service);
	bool six = settings_way_out(binder, service, true) ||
		   (binder->plain_network && settings_ipv6_alone(binder));
	size_t mark = path_push(&binder->normaliser, "host_ip");
	bool refused = address && strchr(address, ':') && !six && !node_get(service, "network_mode");
	if (refused)
		settings_refuse(binder, own, "the service has no IPv6: its network needs enable_ipv6: true");
	path_pop(&binder->normaliser, mark);
	unsigned number = refused ? 0 : choose(binder, port);
	if (!number)
		return;
	add(binder, port, row, address ? address : standard, number);
	if (!address && standard && six)
		add(binder, port, row, "::", number);
}

void settings_ports(struct binder *binder, const struct node *node, const struct schema_key *row,
		    const struct node *parent)
{
	unsigned index = 0;
	for (const struct node *port = node->first; port; port = port->next) {
		size_t mark = path_push_index(&binder->normaliser, index++);
		add_port(binder, port, row, parent);
		path_pop(&binder->normaliser, mark);
	}
}
