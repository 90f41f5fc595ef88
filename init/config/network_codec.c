// SPDX-License-Identifier: Apache-2.0
#include "init/config/network_codec.h"

#include "init/config/codec_values.h"
#include "init/config/keys.h"
#include "init/config/networks.h"
#include "lib/cleanup.h"

#include <stddef.h>
#include <string.h>

void networks_encode(struct frame *frame, const struct machine *machine)
{
	for (unsigned i = 0; i < machine->network_count; i++)
		if (machine->networks[i]->text)
			frame_put_string(frame, machine->networks[i]->text);
	frame_put_string(frame, "");
}

/* Up to an empty one. */
static int get_network_texts(struct frame *frame, struct machine *machine, const char *key,
			     struct error *err)
{
	static char text[CODEC_TEXT_MAX];
	for (unsigned i = 0; i <= MACHINE_NETWORKS_MAX; i++) {
		frame_get_text(frame, text, sizeof text);
		if (!*text)
			return 0;
		if (setting_key_find(key)->apply(machine, text, err) < 0)
			return -1;
	}
	return error_set(err, "malformed machine description");
}

int networks_decode(struct frame *frame, struct machine *machine, struct error *err)
{
	return get_network_texts(frame, machine, "machine.network", err);
}

void attachments_encode(struct frame *frame, const struct container_config *container)
{
	const struct network_attachment *at = container->attachments;
	for (; at; at = at->next)
		if (at->text)
			frame_put_string(frame, at->text);
	frame_put_string(frame, "");
}

int attachments_decode(struct frame *frame, struct machine *machine, struct error *err)
{
	return get_network_texts(frame, machine, "service.network", err);
}

static void put_address6(struct frame *frame, const struct in6_addr *address)
{
	uint64_t halves[2];
	memcpy(halves, address, sizeof halves);
	frame_put_u64(frame, halves[0]);
	frame_put_u64(frame, halves[1]);
}

static struct in6_addr get_address6(struct frame *frame)
{
	const uint64_t halves[2] = {frame_get_u64(frame), frame_get_u64(frame)};
	struct in6_addr address;
	memcpy(&address, halves, sizeof address);
	return address;
}

static void encode_ip(struct frame *frame, const struct ip_config *ip)
{
	frame_put_u64(frame, ip->present);
	frame_put_u64(frame, ip->dhcp);
	frame_put_u64(frame, ip->off);
	frame_put_u64(frame, ip->client.s_addr);
	frame_put_u64(frame, ip->gateway.s_addr);
	frame_put_u64(frame, ip->prefix);
	frame_put_string(frame, ip->hostname);
	frame_put_string(frame, ip->device);
	frame_put_string(frame, ip->client_id);
	frame_put_u64(frame, ip->client_id_type);
	frame_put_u64(frame, ip->ntp.s_addr);
	frame_put_u64(frame, ip->dns_count);
	for (unsigned i = 0; i < ip->dns_count; i++)
		frame_put_u64(frame, ip->dns[i].s_addr);
	frame_put_u64(frame, ip->prefix6);
	put_address6(frame, &ip->client6);
	put_address6(frame, &ip->gateway6);
	put_address6(frame, &ip->ntp6);
	frame_put_u64(frame, ip->dns6_count);
	for (unsigned i = 0; i < ip->dns6_count; i++)
		put_address6(frame, &ip->dns6[i]);
}

static struct in_addr get_address(struct frame *frame)
{
	return (struct in_addr){(in_addr_t)codec_get_limited(frame, UINT32_MAX)};
}

static void decode_ip(struct frame *frame, struct ip_config *ip)
{
	ip->present = codec_get_limited(frame, 1);
	ip->dhcp = codec_get_limited(frame, 1);
	ip->off = codec_get_limited(frame, 1);
	ip->client = get_address(frame);
	ip->gateway = get_address(frame);
	ip->prefix = (uint8_t)codec_get_limited(frame, 32);
	frame_get_text(frame, ip->hostname, sizeof ip->hostname);
	frame_get_text(frame, ip->device, sizeof ip->device);
	frame_get_text(frame, ip->client_id, sizeof ip->client_id);
	ip->client_id_type = (uint8_t)codec_get_limited(frame, UINT8_MAX);
	ip->ntp = get_address(frame);
	ip->dns_count = (unsigned)codec_get_limited(frame, NET_DNS_MAX);
	for (unsigned i = 0; i < ip->dns_count; i++)
		ip->dns[i] = get_address(frame);
	ip->prefix6 = (uint8_t)codec_get_limited(frame, 128);
	ip->client6 = get_address6(frame);
	ip->gateway6 = get_address6(frame);
	ip->ntp6 = get_address6(frame);
	ip->dns6_count = (unsigned)codec_get_limited(frame, NET_DNS_MAX);
	for (unsigned i = 0; i < ip->dns6_count; i++)
		ip->dns6[i] = get_address6(frame);
}

/* What the network has beside `ip`, in lists as they are written: the key that each is checked by. */
static const struct {
	const char *key;
	size_t offset;
} network_lists[] = {
	{"berth.machine-link", offsetof(struct machine, links)},
	{"berth.machine-address", offsetof(struct machine, addresses)},
	{"berth.machine-route", offsetof(struct machine, routes)},
	{"berth.machine-dns", offsetof(struct machine, dns)},
	{"berth.machine-search", offsetof(struct machine, search)},
};

void machine_network_encode(struct frame *frame, const struct machine *machine)
{
	encode_ip(frame, &machine->ip);
	for (size_t i = 0; i < countof(network_lists); i++)
		frame_put_list(frame, (const void *)((const char *)machine + network_lists[i].offset));
	frame_put_u64(frame, machine->mtu);
}

int machine_network_decode(struct frame *frame, struct machine *machine, struct error *err)
{
	decode_ip(frame, &machine->ip);
	for (size_t i = 0; i < countof(network_lists); i++)
		if (codec_get_list(frame, machine, network_lists[i].key, err) < 0)
			return -1;
	machine->mtu = (uint32_t)codec_get_limited(frame, PLAN_MTU_MOST);
	return 0;
}
