// SPDX-License-Identifier: Apache-2.0
#include "init/net/plan.h"

#include "init/net/ipv4.h"
#include "lib/cleanup.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { TEXT_MAX = 512, MIIMON_STANDARD_MS = 100, MIIMON_MOST_MS = 60000, VLAN_MOST = 4094 };

static const char *const modes[] = {"balance-rr",   "active-backup", "balance-xor", "broadcast",
				    "802.3ad",	    "balance-tlb",   "balance-alb"};

/* Of either family, without a prefix. */
static bool read_address(const char *text, struct plan_address *out)
{
	if (ipv4_parse(text, &out->v4))
		out->family = AF_INET;
	else if (inet_pton(AF_INET6, text, &out->v6) == 1)
		out->family = AF_INET6;
	else
		return false;
	out->prefix = out->family == AF_INET ? 32 : 128;
	return true;
}

static int read_network(const char *text, struct plan_address *out, struct error *err)
{
	char address[INET6_ADDRSTRLEN];
	size_t length = strcspn(text, "/");
	uint32_t prefix;
	*out = (struct plan_address){0};
	if (!text[length] || length >= sizeof address)
		return error_set(err, "\"%.60s\" is not ADDRESS/PREFIX, such as 10.0.0.5/24 or fd00::5/64",
				 text);
	memcpy(address, text, length);
	address[length] = 0;
	if (!read_address(address, out) || !decimal_parse(text + length + 1, out->prefix, &prefix))
		return error_set(err, "\"%.60s\" is not ADDRESS/PREFIX, such as 10.0.0.5/24 or fd00::5/64",
				 text);
	out->prefix = (uint8_t)prefix;
	return 0;
}

int plan_address_parse(const char *text, struct plan_address *out, struct error *err)
{
	if (read_network(text, out, err) < 0)
		return -1;
	if (out->family == AF_INET && out->prefix && ipv4_is_unicast(out->v4) &&
	    !ipv4_is_host(out->v4, out->prefix))
		return error_set(err, "\"%.60s\" is the network or broadcast address", text);
	bool good = out->family == AF_INET
			    ? ipv4_is_unicast(out->v4) && ipv4_is_host(out->v4, out->prefix)
			    : !IN6_IS_ADDR_UNSPECIFIED(&out->v6) && !IN6_IS_ADDR_MULTICAST(&out->v6) &&
				      !IN6_IS_ADDR_LOOPBACK(&out->v6);
	return good && out->prefix ? 0
				   : error_set(err, "\"%.60s\" is not an address that a machine can have",
					       text);
}

int plan_route_parse(const char *text, struct plan_route *out, struct error *err)
{
	char to[INET6_ADDRSTRLEN + 5];
	size_t length = strcspn(text, "=");
	if (!text[length] || length >= sizeof to)
		return error_set(err, "\"%.60s\" is not NETWORK/PREFIX=GATEWAY", text);
	memcpy(to, text, length);
	to[length] = 0;
	if (read_network(to, &out->to, err) < 0)
		return -1;
	if (!read_address(text + length + 1, &out->via) || out->via.family != out->to.family)
		return error_set(err, "\"%.60s\": the gateway is no address of that kind", text);
	return 0;
}

static int copy_name(const char *value, char out[IFNAMSIZ], struct error *err)
{
	size_t length = strlen(value);
	for (const char *c = value; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("._-", *c))
			length = 0;
	if (length == 0 || length >= IFNAMSIZ || *value == '.' || strcmp(value, "lo") == 0 ||
	    strcmp(value, "berth0") == 0)
		return error_set(err, "\"%.40s\" is not a device: 1 to 15 letters, digits, . _ and -, and "
				      "neither lo nor berth0", value);
	memcpy(out, value, length + 1);
	return 0;
}

static int set_number(const char *value, uint32_t least, uint32_t most, uint32_t *out,
		      struct error *err)
{
	return decimal_parse(value, most, out) && *out >= least
		       ? 0
		       : error_set(err, "\"%.40s\" is not a number from %u to %u", value, least, most);
}

static int set_vlan(struct plan_link *link, const char *value, struct error *err)
{
	uint32_t id = 0;
	link->kind = LINK_VLAN;
	if (set_number(value, 1, VLAN_MOST, &id, err) < 0)
		return -1;
	link->vlan = (uint16_t)id;
	return 0;
}

static int set_below(struct plan_link *link, const char *value, struct error *err)
{
	return copy_name(value, link->below, err);
}

static int set_bond(struct plan_link *link, const char *value, struct error *err)
{
	link->kind = LINK_BOND;
	for (size_t i = 0; i < countof(modes); i++)
		if (strcmp(value, modes[i]) == 0) {
			link->mode = (uint8_t)i;
			return 0;
		}
	return error_set(err, "\"%.40s\" is none of balance-rr, active-backup, balance-xor, broadcast, "
			      "802.3ad, balance-tlb, balance-alb", value);
}

static int add_member(struct plan_link *link, const char *value, struct error *err)
{
	if (link->member_count == PLAN_MEMBERS_MAX)
		return error_set(err, "more than %d members", PLAN_MEMBERS_MAX);
	return copy_name(value, link->members[link->member_count], err) < 0
		       ? -1
		       : (link->member_count++, 0);
}

static int set_miimon(struct plan_link *link, const char *value, struct error *err)
{
	return set_number(value, 0, MIIMON_MOST_MS, &link->miimon_ms, err);
}

static int set_mtu(struct plan_link *link, const char *value, struct error *err)
{
	return set_number(value, PLAN_MTU_LEAST, PLAN_MTU_MOST, &link->mtu, err);
}

static int add_address(struct plan_link *link, const char *value, struct error *err)
{
	if (link->address_count == PLAN_ADDRESSES_MAX)
		return error_set(err, "more than %d addresses", PLAN_ADDRESSES_MAX);
	return plan_address_parse(value, &link->addresses[link->address_count], err) < 0
		       ? -1
		       : (link->address_count++, 0);
}

static int set_field(struct plan_link *link, const char *word, struct error *err)
{
	static const struct {
		const char *name;
		int (*set)(struct plan_link *link, const char *value, struct error *err);
	} fields[] = {
		{"vlan", set_vlan},	{"on", set_below}, {"bond", set_bond},	    {"member", add_member},
		{"miimon", set_miimon}, {"mtu", set_mtu},  {"address", add_address},
	};
	size_t length = strcspn(word, "=");
	for (size_t i = 0; i < countof(fields); i++)
		if (word[length] && strlen(fields[i].name) == length &&
		    strncmp(word, fields[i].name, length) == 0)
			return fields[i].set(link, word + length + 1, err) < 0
				       ? error_context(err, "%s", fields[i].name)
				       : 0;
	return error_set(err, "\"%.60s\" is none of vlan=, on=, bond=, member=, miimon=, mtu=, address=",
			 word);
}

static int check_whole(const struct plan_link *link, struct error *err)
{
	bool bond = link->kind == LINK_BOND;
	if ((link->kind == LINK_VLAN) != (*link->below != 0) || (link->vlan && bond))
		return error_set(err, "%s: a VLAN needs vlan=ID and on=DEVICE, and nothing else has them",
				 link->name);
	if (bond != (link->member_count > 0))
		return error_set(err, "%s: a bond needs bond=MODE and member=DEVICE, and nothing else has "
				      "them", link->name);
	return 0;
}

int plan_link_parse(const char *text, struct plan_link *out, struct error *err)
{
	char copy[TEXT_MAX];
	*out = (struct plan_link){.miimon_ms = MIIMON_STANDARD_MS};
	size_t length = strlen(text);
	if (length >= sizeof copy)
		return error_set(err, "more than %zu characters", sizeof copy - 1);
	memcpy(copy, text, length + 1);
	char *rest = copy, *word = strsep(&rest, ",");
	if (copy_name(word, out->name, err) < 0)
		return -1;
	while ((word = strsep(&rest, ",")))
		if (set_field(out, word, err) < 0)
			return error_context(err, "%s", out->name);
	return check_whole(out, err);
}

int plan_dns_check(const char *text, struct error *err)
{
	struct plan_address address;
	return read_address(text, &address)
		       ? 0
		       : error_set(err, "\"%.60s\" is not an address of a name server", text);
}

int plan_search_check(const char *text, struct error *err)
{
	size_t length = strlen(text);
	for (const char *c = text; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr(".-_", *c))
			length = 0;
	return length && length < 64 && *text != '.'
		       ? 0
		       : error_set(err, "\"%.70s\" is not a domain of at most 63 characters", text);
}

void plan_resolver(const struct network_plan *plan, char *text, size_t capacity)
{
	char old[512];
	size_t used = 0;
	if (plan->dns_count + plan->search_count == 0)
		return;
	snprintf(old, sizeof old, "%s", text);
	for (unsigned i = 0; i < plan->search_count && used < capacity; i++)
		used += (size_t)snprintf(text + used, capacity - used, "%s%s%s", i ? " " : "search ",
					 plan->search[i], i + 1 == plan->search_count ? "\n" : "");
	for (unsigned i = 0; i < plan->dns_count && used < capacity; i++)
		used += (size_t)snprintf(text + used, capacity - used, "nameserver %s\n", plan->dns[i]);
	/* Whatever of the two the plan does not have stays as the network's own says it. */
	for (char *rest = old, *line; (line = strsep(&rest, "\n")) && used < capacity;) {
		bool server = strncmp(line, "nameserver", 10) == 0;
		if (*line && (server ? plan->dns_count : plan->search_count) == 0)
			used += (size_t)snprintf(text + used, capacity - used, "%s\n", line);
	}
}
