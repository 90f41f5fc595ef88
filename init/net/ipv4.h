// SPDX-License-Identifier: Apache-2.0
/* IPv4 addresses as text and as numbers, and what makes one usable for a host. */
#ifndef BERTH_INIT_NET_IPV4_H
#define BERTH_INIT_NET_IPV4_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { IPV4_TEXT = 16 };

/* Exactly four decimal numbers 0..255 without leading zeros. */
bool ipv4_parse(const char *text, struct in_addr *out);
void ipv4_format(struct in_addr address, char out[IPV4_TEXT]);
/* "255.255.255.0" or "24" → 24. False for masks with holes and lengths above 32. */
bool ipv4_parse_mask(const char *text, uint8_t *prefix);
uint32_t ipv4_mask(uint8_t prefix); /* host byte order */
/* An address that one host can have: not 0/8, 127/8, multicast, reserved. */
bool ipv4_is_unicast(struct in_addr address);
/* False for the network and the broadcast address of a subnet (which /31 and /32 do not have). */
bool ipv4_is_host(struct in_addr address, uint8_t prefix);
bool ipv4_same_subnet(struct in_addr a, struct in_addr b, uint8_t prefix);
/* An unsigned decimal number without sign, blanks or leading zeros, at most `most`. */
bool decimal_parse(const char *text, uint32_t most, uint32_t *out);

#endif
