// SPDX-License-Identifier: Apache-2.0
#include "init/net/links.h"

#include "lib/log.h"

#include <net/if_arp.h>
#include <stdio.h>
#include <string.h>

bool links_is_usable(const struct rtnetlink_link *link)
{
	bool pair = strcmp(link->kind, "veth") == 0;
	return link->type == ARPHRD_ETHER && !link->master && (!link->kind[0] || pair);
}

struct collection {
	const char *wanted;
	struct links *out;
};

static void collect(const struct rtnetlink_link *link, void *context)
{
	struct collection *into = context;
	if (into->wanted[0] ? strcmp(into->wanted, link->name) != 0 : !links_is_usable(link))
		return;
	if (into->out->count < LINKS_MAX)
		into->out->link[into->out->count++] = *link;
}

static int list(int fd, const char *wanted, struct links *out, struct error *err)
{
	struct collection into = {wanted, out};
	out->count = 0;
	return rtnetlink_links(fd, collect, &into, err);
}

int links_raise(int fd, const char *wanted, struct links *out, struct error *err)
{
	bool raised = false;
	if (list(fd, wanted, out, err) < 0)
		return -1;
	for (unsigned i = 0; i < out->count; i++) {
		struct error cause = ERROR_INIT;
		if (out->link[i].up)
			continue;
		if (rtnetlink_link_up(fd, out->link[i].name, &cause) < 0)
			log_warning("berth", "7 network: %s", cause.text);
		raised = true;
	}
	return raised ? list(fd, wanted, out, err) : 0;
}

const struct rtnetlink_link *links_choose(const struct links *links)
{
	for (unsigned i = 0; i < links->count; i++)
		if (links->link[i].carrier)
			return &links->link[i];
	return NULL;
}

void links_names(const struct links *links, char *out, size_t capacity)
{
	size_t used = 0;
	out[0] = 0;
	for (unsigned i = 0; i < links->count && used < capacity; i++)
		used += (size_t)snprintf(out + used, capacity - used, "%s%s", i ? ", " : "",
					 links->link[i].name);
}
