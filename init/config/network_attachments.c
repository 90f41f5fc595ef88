// SPDX-License-Identifier: Apache-2.0
/* The places of containers on networks, as texts say them. */
#include "init/config/networks.h"

#include "init/config/network_words.h"
#include "init/config/services.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int parse_mac(const char *text, uint8_t out[6], struct error *err)
{
	static const uint8_t none[6];
	int end = 0;
	if (strlen(text) != 17 ||
	    sscanf(text, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx%n", out, out + 1, out + 2, out + 3,
		   out + 4, out + 5, &end) != 6 ||
	    end != 17 || (out[0] & 1) || memcmp(out, none, sizeof none) == 0)
		return error_set(err, "\"%.40s\" is not a MAC address of a host such as 02:00:00:00:00:01",
				 text);
	return 0;
}

static int parse_priority(const char *text, int *out, struct error *err)
{
	char *end;
	long value = strtol(text, &end, 10);
	if (!*text || *end || value < -1000000 || value > 1000000)
		return error_set(err, "\"%.40s\" is not a priority from -1000000 to 1000000", text);
	*out = (int)value;
	return 0;
}

/* With the length that their networks have (RFC 3927, RFC 4291), as Docker gives them. */
static int add_link_local(struct network_attachment *attachment, const char *text, struct error *err)
{
	struct network_endpoint *endpoint = &attachment->endpoint;
	struct plan_address *address = &attachment->link_local[endpoint->more_count];
	if (endpoint->more_count == NETWORK_LINK_LOCAL_MAX)
		return error_set(err, "more than %d link-local addresses", NETWORK_LINK_LOCAL_MAX);
	if (network_parse_any(text, address, err) < 0)
		return -1;
	bool four = address->family == AF_INET;
	if (four ? ntohl(address->v4.s_addr) >> 16 != 0xa9fe : !IN6_IS_ADDR_LINKLOCAL(&address->v6))
		return error_set(err, "%.60s is not a link-local address: of 169.254.0.0/16 or fe80::/10",
				 text);
	address->prefix = four ? 16 : 64;
	endpoint->more = attachment->link_local;
	endpoint->more_count++;
	return 0;
}

static int take_attachment_word(struct machine *machine, struct network_attachment *attachment,
				const struct network_word *word, struct error *err)
{
	struct network_endpoint *endpoint = &attachment->endpoint;
	if (strcmp(word->key, "address") == 0)
		return network_parse_address(word->value, &endpoint->address, err);
	if (strcmp(word->key, "address6") == 0)
		return network_parse_address6(word->value, &endpoint->address6, err);
	if (strcmp(word->key, "link-local") == 0)
		return add_link_local(attachment, word->value, err);
	if (strcmp(word->key, "mac") == 0)
		return parse_mac(word->value, endpoint->mac, err);
	if (strcmp(word->key, "device") == 0)
		return network_parse_device(word->value, endpoint->device, err);
	if (strcmp(word->key, "gateway-priority") == 0)
		return parse_priority(word->value, &attachment->gateway_priority, err);
	if (strcmp(word->key, "alias") == 0)
		return service_name_check(word->value, err) < 0
			       ? -1
			       : string_list_add(&attachment->aliases, &machine->arena, word->value,
						 err);
	return error_set(err, "a place on a network has no \"%.40s\"", word->key);
}

/* Somebody else's address, on the same network. */
static const struct container_config *who_has(const struct machine *machine,
					      const struct network_attachment *wanted)
{
	const struct network_endpoint *own = &wanted->endpoint;
	for (unsigned i = 0; i < machine->container_count; i++) {
		const struct network_attachment *at = machine->containers[i]->attachments;
		for (; at; at = at->next) {
			const struct network_endpoint *other = &at->endpoint;
			bool same = own->address.s_addr &&
				    own->address.s_addr == other->address.s_addr;
			bool same6 = !IN6_IS_ADDR_UNSPECIFIED(&own->address6) &&
				     IN6_ARE_ADDR_EQUAL(&own->address6, &other->address6);
			if (at->network == wanted->network && (same || same6))
				return machine->containers[i];
		}
	}
	return NULL;
}

static int check_addresses(const struct machine *machine, const struct network_attachment *wanted,
			   struct error *err)
{
	const struct network_endpoint *own = &wanted->endpoint;
	const struct network_bridge *bridge = &wanted->network->bridge;
	const struct container_config *other = who_has(machine, wanted);
	bool v4 = own->address.s_addr, v6 = !IN6_IS_ADDR_UNSPECIFIED(&own->address6);
	if ((v4 && !bridge->prefix) || (v6 && !bridge->prefix6))
		return error_set(err, "a fixed address needs a network with ipam.config: [{subnet: …}]");
	if (v4 && !network_has_host(bridge, own->address))
		return error_set(err, "the address is none of a host in the network's subnet");
	if (v6 && !network_has6(bridge, &own->address6))
		return error_set(err, "the IPv6 address is not in the network's subnet");
	if ((v4 && own->address.s_addr == bridge->gateway.s_addr) ||
	    (v6 && IN6_ARE_ADDR_EQUAL(&own->address6, &bridge->gateway6)))
		return error_set(err, "the address is the machine's own, the network's gateway");
	if (other)
		return error_set(err, "the address is that of %.60s",
				 other->service ? other->service : other->name ? other->name : "another");
	return 0;
}

/* Behind those that came before, if it is on another network and another device. */
static int append(struct container_config *container, struct network_attachment *attachment,
		  struct error *err)
{
	struct network_attachment **at = &container->attachments;
	for (; *at; at = &(*at)->next) {
		if ((*at)->network == attachment->network)
			return error_set(err, "it is on network %.60s twice",
					 attachment->network->name);
		if (attachment->endpoint.device[0] &&
		    strcmp((*at)->endpoint.device, attachment->endpoint.device) == 0)
			return error_set(err, "its device on two networks is %s",
					 attachment->endpoint.device);
	}
	*at = attachment;
	return 0;
}

int add_attachment(struct machine *machine, const char *value, struct error *err)
{
	struct network_attachment *attachment = arena_alloc(&machine->arena, sizeof *attachment);
	struct network_word word;
	char *rest;
	if (!attachment)
		return error_set(err, "too many settings");
	if (network_keep_text(machine, value, &attachment->text, &rest, err) < 0)
		return -1;
	const char *name = strsep(&rest, ",");
	attachment->network = network_find(machine, name);
	if (!attachment->network)
		return error_set(err, "there is no network %.60s", name);
	while (network_word_next(&rest, &word))
		if (take_attachment_word(machine, attachment, &word, err) < 0)
			return -1;
	if (check_addresses(machine, attachment, err) < 0)
		return -1;
	return append(machine->container, attachment, err);
}
