// SPDX-License-Identifier: Apache-2.0
/* Ports: "127.0.0.1:8080-8081:80-81/udp". */
#include "init/config/document/forms.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct port_range {
	unsigned first, last;
};

struct port_text {
	char address[64], published[24], target[24], protocol[8];
};

/* "80" or "80-90". */
static int parse_range(const char *text, struct port_range *out)
{
	char *end;
	if (!isdigit((unsigned char)*text))
		return -1;
	unsigned long first = strtoul(text, &end, 10), last = first;
	if (*end == '-' && isdigit((unsigned char)end[1]))
		last = strtoul(end + 1, &end, 10);
	if (*end || first > 65535 || last > 65535 || first > last)
		return -1;
	*out = (struct port_range){(unsigned)first, (unsigned)last};
	return 0;
}

static int copy(char *out, size_t capacity, const char *from, size_t length)
{
	if (length >= capacity)
		return -1;
	memcpy(out, from, length);
	out[length] = 0;
	return 0;
}

static int split(const char *text, struct port_text *out)
{
	const char *slash = strchr(text, '/');
	size_t length = slash ? (size_t)(slash - text) : strlen(text);
	memset(out, 0, sizeof *out);
	if (copy(out->protocol, sizeof out->protocol, slash ? slash + 1 : "tcp",
		 slash ? strlen(slash + 1) : 3) < 0)
		return -1;
	size_t target = length, published;
	while (target > 0 && text[target - 1] != ':')
		target--;
	if (copy(out->target, sizeof out->target, text + target, length - target) < 0)
		return -1;
	if (!target)
		return 0;
	for (published = target - 1; published > 0 && text[published - 1] != ':';)
		published--;
	if (copy(out->published, sizeof out->published, text + published, target - 1 - published) <
	    0)
		return -1;
	if (!published)
		return 0;
	bool bracket = *text == '[' && text[published - 2] == ']';
	return copy(out->address, sizeof out->address, text + bracket,
		    published - 1 - 2 * (size_t)bracket);
}

static struct node *make(struct normaliser *normaliser, const struct node *item,
			 const struct port_text *text, unsigned target, const char *published)
{
	struct node *map = form_map(
		normaliser, item, "host_ip", *text->address ? text->address : NULL, "published",
		*published ? published : NULL, "protocol", text->protocol, NULL);
	struct node *number = node_integer(normaliser->pool, target, item->at);
	if (!map || !number)
		return NULL;
	node_put(map, "target", item->at, number);
	return map;
}

/* "080" is 80. */
static size_t leading_zeros(const char *number)
{
	size_t zeros = strspn(number, "0");
	return number[zeros] >= '1' && number[zeros] <= '9' ? zeros : 0;
}

/* As many ports as the target's range has. A range of published ports for one target stays one. */
static void add_ports(struct normaliser *normaliser, struct node *list, const struct node *item,
		      const struct port_text *text, struct port_range target,
		      struct port_range published)
{
	bool ranged = target.first != target.last;
	for (unsigned port = target.first; port <= target.last; port++) {
		char number[24] = "";
		if (*text->published && ranged)
			snprintf(number, sizeof number, "%u",
				 published.first + port - target.first);
		else
			snprintf(number, sizeof number, "%s",
				 text->published + leading_zeros(text->published));
		struct node *map = make(normaliser, item, text, port, number);
		if (!map)
			return;
		node_append(list, map);
	}
}

static void expand(struct normaliser *normaliser, struct node *list, const struct node *item)
{
	struct port_text text;
	struct port_range target, published = {0, 0};
	if (split(item->text, &text) < 0 || parse_range(text.target, &target) < 0 ||
	    target.first == 0 || (*text.published && parse_range(text.published, &published) < 0)) {
		complain(normaliser, item,
			 "\"%.60s\" is not a port: [ADDRESS:][PORT:]PORT[/tcp|/udp], each 1 to "
			 "65535",
			 item->text);
		return;
	}
	if (*text.published && target.first != target.last &&
	    published.last - published.first != target.last - target.first) {
		complain(normaliser, item, "the ranges %s and %s are not equally long",
			 text.published, text.target);
		return;
	}
	add_ports(normaliser, list, item, &text, target, published);
}

enum form_result form_ports(struct normaliser *normaliser, struct node *node)
{
	struct node list = {.kind = NODE_LIST, .at = node->at, .text = "", .tag = node->tag};
	struct node *next;
	unsigned index = 0;
	if (node->kind != NODE_LIST)
		return FORM_CHECK;
	for (struct node *item = node->first; item; item = next) {
		next = item->next;
		size_t mark = path_push_index(normaliser, index++);
		if (item->tag != NODE_RESET && (item->kind == NODE_TEXT || item->kind == NODE_INTEGER))
			expand(normaliser, &list, item);
		else
			node_append(&list, item);
		path_pop(normaliser, mark);
	}
	node_become(node, &list);
	return FORM_CHECK;
}

enum form_result check_port_range(struct normaliser *normaliser, struct node *node)
{
	struct port_range range;
	if (parse_range(node->text, &range) < 0)
		complain(normaliser, node, "\"%.40s\" is neither a port nor a range like 8000-8010",
			 node->text);
	return FORM_DONE;
}

enum form_result check_expose(struct normaliser *normaliser, struct node *node)
{
	for (struct node *item = node->first; item; item = item->next) {
		char text[32];
		struct port_range range;
		size_t length = strcspn(item->text, "/");
		const char *protocol = item->text + length;
		if (copy(text, sizeof text, item->text, length) < 0 ||
		    parse_range(text, &range) < 0 ||
		    (*protocol && strcmp(protocol, "/tcp") != 0 && strcmp(protocol, "/udp") != 0))
			complain(normaliser, item, "\"%.40s\" is not a port: PORT[/tcp|/udp]",
				 item->text);
	}
	return FORM_DONE;
}
