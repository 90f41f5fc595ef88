// SPDX-License-Identifier: Apache-2.0
#include "init/net/ipv4.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

bool decimal_parse(const char *text, uint32_t most, uint32_t *out)
{
	uint64_t value = 0;
	if (!*text || (text[0] == '0' && text[1]))
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return false;
		value = value * 10 + (uint64_t)(*text - '0');
		if (value > most)
			return false;
	}
	*out = (uint32_t)value;
	return true;
}

bool ipv4_parse(const char *text, struct in_addr *out)
{
	uint32_t value = 0;
	for (int part = 0; part < 4; part++) {
		const char *end = part < 3 ? strchr(text, '.') : text + strlen(text);
		char digits[4];
		if (!end || (size_t)(end - text) >= sizeof digits)
			return false;
		memcpy(digits, text, (size_t)(end - text));
		digits[end - text] = 0;
		uint32_t number;
		if (!decimal_parse(digits, 255, &number))
			return false;
		value = value << 8 | number;
		text = end + 1;
	}
	out->s_addr = htonl(value);
	return true;
}

void ipv4_format(struct in_addr address, char out[IPV4_TEXT])
{
	uint32_t value = ntohl(address.s_addr);
	snprintf(out, IPV4_TEXT, "%u.%u.%u.%u", value >> 24, value >> 16 & 255, value >> 8 & 255,
		 value & 255);
}

uint32_t ipv4_mask(uint8_t prefix)
{
	return prefix == 0 ? 0 : 0xffffffffu << (32 - prefix);
}

bool ipv4_parse_mask(const char *text, uint8_t *prefix)
{
	uint32_t number;
	struct in_addr mask;
	if (decimal_parse(text, 32, &number)) {
		*prefix = (uint8_t)number;
		return true;
	}
	if (!ipv4_parse(text, &mask))
		return false;
	for (uint8_t bits = 0; bits <= 32; bits++) {
		if (ipv4_mask(bits) != ntohl(mask.s_addr))
			continue;
		*prefix = bits;
		return true;
	}
	return false;
}

bool ipv4_is_unicast(struct in_addr address)
{
	uint32_t first = ntohl(address.s_addr) >> 24;
	return first != 0 && first != 127 && first < 224;
}

bool ipv4_is_host(struct in_addr address, uint8_t prefix)
{
	uint32_t host = ntohl(address.s_addr) & ~ipv4_mask(prefix);
	return prefix >= 31 || (host != 0 && host != ~ipv4_mask(prefix));
}

bool ipv4_same_subnet(struct in_addr a, struct in_addr b, uint8_t prefix)
{
	return ((ntohl(a.s_addr) ^ ntohl(b.s_addr)) & ipv4_mask(prefix)) == 0;
}
