// SPDX-License-Identifier: Apache-2.0
#include "init/net/dhcp_lease.h"

#include "init/net/ipv4.h"
#include "lib/cleanup.h"

#include <stdio.h>
#include <string.h>

enum { VALUE_MAX = 512, LIFETIME_LEAST = 30 };

static const char *variable(char *const *environment, const char *name)
{
	size_t length = strlen(name);
	for (; *environment; environment++)
		if (strncmp(*environment, name, length) == 0 && (*environment)[length] == '=')
			return *environment + length + 1;
	return NULL;
}

static bool is_device_name(const char *text)
{
	size_t length = strlen(text);
	for (size_t i = 0; i < length; i++)
		if (text[i] <= ' ' || text[i] == '/' || text[i] == 0x7f)
			return false;
	return length > 0 && length < 16;
}

/* One or more names of letters, digits, '-', '_' and '.', one blank between two (RFC 1035). */
static bool is_domain_list(const char *text)
{
	bool begin = true;
	for (; *text; text++) {
		bool letter = (*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z') ||
			      (*text >= '0' && *text <= '9');
		if (!letter && *text != '-' && *text != '_' &&
		    (begin || (*text != '.' && *text != ' ')))
			return false;
		begin = *text == ' ' || *text == '.';
	}
	return true;
}

static int check(const struct dhcp_lease *lease, struct error *err)
{
	char text[IPV4_TEXT];
	if (!is_device_name(lease->device))
		return error_set(err, "DHCP lease: \"%.20s\" is not a device name", lease->device);
	if (lease->event != DHCP_BOUND)
		return 0;
	ipv4_format(lease->address, text);
	if (!ipv4_is_unicast(lease->address))
		return error_set(err, "DHCP lease: %s is not an address that a host can have",
				 text);
	if (lease->prefix < 1 || lease->prefix > 32 || !ipv4_is_host(lease->address, lease->prefix))
		return error_set(err, "DHCP lease: %s/%u is not a host in a subnet", text,
				 lease->prefix);
	if (lease->router.s_addr && !ipv4_is_unicast(lease->router)) {
		ipv4_format(lease->router, text);
		return error_set(
			err, "DHCP lease: router %s is not an address that a host can have", text);
	}
	if (lease->router.s_addr == lease->address.s_addr)
		return error_set(err, "DHCP lease: router %s is the leased address itself", text);
	for (unsigned i = 0; i < lease->dns_count; i++)
		if (!ipv4_is_unicast(lease->dns[i]))
			return error_set(err,
					 "DHCP lease: name server %u is not an address that a host "
					 "can have",
					 i + 1);
	if (lease->ntp.s_addr && !ipv4_is_unicast(lease->ntp))
		return error_set(
			err, "DHCP lease: the time server is not an address that a host can have");
	if (!is_domain_list(lease->domain))
		return error_set(err, "DHCP lease: bad domain \"%.80s\"", lease->domain);
	return 0;
}

/* The usable addresses of a blank-separated list, at most `most`. A server that names its own
 * loopback as resolver is common enough; such an entry is left out instead of losing the lease. */
static unsigned address_list(const char *text, struct in_addr *out, unsigned most)
{
	unsigned count = 0;
	while (text && *text && count < most) {
		size_t length = strcspn(text, " ");
		char word[IPV4_TEXT];
		if (length < sizeof word) {
			memcpy(word, text, length);
			word[length] = 0;
			if (ipv4_parse(word, &out[count]) && ipv4_is_unicast(out[count]))
				count++;
			else
				out[count].s_addr = 0;
		}
		text += length;
		text += strspn(text, " ");
	}
	return count;
}

static int event_number(const char *event)
{
	static const struct {
		const char *name;
		enum dhcp_event event;
	} events[] = {
		{"deconfig", DHCP_DECONFIG}, {"bound", DHCP_BOUND}, {"renew", DHCP_BOUND},
		{"leasefail", DHCP_FAILED},  {"nak", DHCP_FAILED},
	};
	for (size_t i = 0; i < countof(events); i++)
		if (strcmp(event, events[i].name) == 0)
			return (int)events[i].event;
	return 0;
}

/* udhcpc gives the mask dotted in `subnet` and as a length in `mask`. */
static int read_lease(char *const *environment, struct dhcp_lease *out, struct error *err)
{
	const char *ip = variable(environment, "ip"), *mask = variable(environment, "subnet");
	const char *lifetime = variable(environment, "lease"), *domain;
	if (!ip || !ipv4_parse(ip, &out->address))
		return error_set(err, "DHCP lease: bad address \"%.40s\"", ip ? ip : "(none)");
	if (!mask)
		mask = variable(environment, "mask");
	if (!mask || !ipv4_parse_mask(mask, &out->prefix))
		return error_set(err, "DHCP lease: bad netmask \"%.40s\"", mask ? mask : "(none)");
	if (lifetime && !decimal_parse(lifetime, UINT32_MAX, &out->lifetime))
		return error_set(err, "DHCP lease: bad lease time \"%.40s\"", lifetime);
	if (out->lifetime == UINT32_MAX) /* RFC 2131 section 3.3: infinity */
		out->lifetime = 0;
	else if (lifetime && out->lifetime < LIFETIME_LEAST)
		out->lifetime = LIFETIME_LEAST;
	address_list(variable(environment, "router"), &out->router, 1);
	address_list(variable(environment, "ntpsrv"), &out->ntp, 1);
	out->dns_count = address_list(variable(environment, "dns"), out->dns, NET_DNS_MAX);
	domain = variable(environment, "domain");
	if (domain && strlen(domain) < sizeof out->domain && is_domain_list(domain))
		memcpy(out->domain, domain, strlen(domain) + 1);
	return 0;
}

int dhcp_lease_from_environment(const char *event, char *const *environment, struct dhcp_lease *out,
				struct error *err)
{
	*out = (struct dhcp_lease){0};
	int number = event_number(event);
	if (number == 0)
		return 0;
	out->event = (enum dhcp_event)number;
	const char *device = variable(environment, "interface");
	if (!device || strlen(device) >= sizeof out->device)
		return error_set(err, "DHCP lease: no usable device name");
	memcpy(out->device, device, strlen(device) + 1);
	if (out->event == DHCP_BOUND && read_lease(environment, out, err) < 0)
		return -1;
	return check(out, err) < 0 ? -1 : 1;
}

void dhcp_lease_encode(const struct dhcp_lease *lease, struct frame *frame, void *storage,
		       size_t capacity)
{
	frame_begin(frame, (uint8_t)lease->event, storage, capacity);
	frame_put_string(frame, lease->device);
	if (lease->event != DHCP_BOUND)
		return;
	frame_put_u64(frame, lease->address.s_addr);
	frame_put_u64(frame, lease->prefix);
	frame_put_u64(frame, lease->router.s_addr);
	frame_put_u64(frame, lease->ntp.s_addr);
	frame_put_u64(frame, lease->lifetime);
	frame_put_string(frame, lease->domain);
	frame_put_u64(frame, lease->dns_count);
	for (unsigned i = 0; i < lease->dns_count; i++)
		frame_put_u64(frame, lease->dns[i].s_addr);
}

/* A number of at most `most`; a larger one makes the frame bad. */
static uint32_t get_number(struct frame *frame, uint32_t most)
{
	uint64_t value = frame_get_u64(frame);
	if (value > most)
		frame->bad = true;
	return frame->bad ? 0 : (uint32_t)value;
}

int dhcp_lease_decode(struct frame *frame, struct dhcp_lease *out, struct error *err)
{
	*out = (struct dhcp_lease){0};
	if (frame->type < DHCP_DECONFIG || frame->type > DHCP_FAILED)
		return error_set(err, "DHCP lease: unknown message type %u", frame->type);
	out->event = (enum dhcp_event)frame->type;
	frame_get_text(frame, out->device, sizeof out->device);
	if (out->event == DHCP_BOUND) {
		out->address.s_addr = get_number(frame, UINT32_MAX);
		out->prefix = (uint8_t)get_number(frame, 32);
		out->router.s_addr = get_number(frame, UINT32_MAX);
		out->ntp.s_addr = get_number(frame, UINT32_MAX);
		out->lifetime = get_number(frame, UINT32_MAX - 1);
		frame_get_text(frame, out->domain, sizeof out->domain);
		out->dns_count = get_number(frame, NET_DNS_MAX);
		for (unsigned i = 0; i < out->dns_count; i++)
			out->dns[i].s_addr = get_number(frame, UINT32_MAX);
	}
	if (!frame_done(frame))
		return error_set(err, "DHCP lease: malformed message of %zu bytes", frame->size);
	return check(out, err);
}

void resolv_conf_format(const char *domain, const struct in_addr *dns, unsigned dns_count,
			char *out, size_t capacity)
{
	size_t used = 0;
	out[0] = 0;
	if (*domain) {
		int length = snprintf(out, capacity, "search %s\n", domain);
		if (length < 0 || (size_t)length >= capacity)
			out[0] = 0;
		else
			used = (size_t)length;
	}
	for (unsigned i = 0; i < dns_count; i++) {
		char text[IPV4_TEXT];
		ipv4_format(dns[i], text);
		if (used + strlen("nameserver \n") + strlen(text) >= capacity)
			return;
		used += (size_t)snprintf(out + used, capacity - used, "nameserver %s\n", text);
	}
}
