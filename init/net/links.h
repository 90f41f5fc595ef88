// SPDX-License-Identifier: Apache-2.0
/* Which device becomes the machine's network: the named one, or the first ethernet with a carrier.
 */
#ifndef BERTH_INIT_NET_LINKS_H
#define BERTH_INIT_NET_LINKS_H

#include "init/net/rtnetlink.h"

enum { LINKS_MAX = 16 };

struct links {
	unsigned count;
	struct rtnetlink_link link[LINKS_MAX]; /* in the order of their index */
};

/* Hardware ethernet, or one end of a pair that is no bridge port; never the loopback device. */
bool links_is_usable(const struct rtnetlink_link *link);
/* Brings up every usable device, or only the one called `wanted` ("" = any), and lists them as they
 * are afterwards. A device that cannot be brought up is left out with a warning. */
int links_raise(int fd, const char *wanted, struct links *out, struct error *err);
/* The first one with a carrier, or NULL. */
const struct rtnetlink_link *links_choose(const struct links *links);
/* Their names with ", " between, for a message. */
void links_names(const struct links *links, char *out, size_t capacity);

#endif
