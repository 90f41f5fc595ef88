// SPDX-License-Identifier: Apache-2.0
#include "init/config/resolver_keys.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

enum { SERVERS_MAX = 3, NAMES_MAX = 6, OPTIONS_MAX = 16, DOMAIN_LONGEST = 64 };

static const char letters[] =
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";

static int keep(struct machine *machine, struct string_list *list, size_t most, const char *value,
		struct error *err)
{
	if (list->count == most)
		return error_set(err, "more than %zu of them", most);
	return string_list_add(list, &machine->arena, value, err);
}

static int copy(struct machine *machine, const char *value, const char **out, struct error *err)
{
	*out = arena_strdup(&machine->arena, value);
	return *out ? 0 : error_set(err, "too many settings");
}

int add_dns(struct machine *machine, const char *value, struct error *err)
{
	unsigned char address[16];
	if (inet_pton(AF_INET, value, address) != 1 && inet_pton(AF_INET6, value, address) != 1)
		return error_set(err, "\"%.60s\" is not an IP address", value);
	return keep(machine, &machine->container->resolver.servers, SERVERS_MAX, value, err);
}

/* "." alone is no domain at all, as Docker has it. */
int add_dns_search(struct machine *machine, const char *value, struct error *err)
{
	size_t length = strlen(value);
	if (!length || length > 253 || strspn(value, letters) != length)
		return error_set(err, "\"%.60s\" is not a domain", value);
	return keep(machine, &machine->container->resolver.search, NAMES_MAX, value, err);
}

int add_dns_option(struct machine *machine, const char *value, struct error *err)
{
	size_t length = strlen(value);
	if (!length || length > 40 ||
	    strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_:") !=
		    length)
		return error_set(err, "\"%.40s\" is not an option of resolv.conf such as ndots:2",
				 value);
	return keep(machine, &machine->container->resolver.options, OPTIONS_MAX, value, err);
}

int set_domainname(struct machine *machine, const char *value, struct error *err)
{
	size_t length = strlen(value);
	if (!length || length > DOMAIN_LONGEST || *value == '-' || *value == '.' ||
	    strspn(value, letters) != length)
		return error_set(err,
				 "\"%.70s\" is not a domain: 1 to %d letters, digits, - _ and .",
				 value, DOMAIN_LONGEST);
	return copy(machine, value, &machine->container->domainname, err);
}

#if defined __aarch64__
#define OWN_PLATFORM "linux/arm64"
static const char *const variants[] = {"", "/v8", NULL};
#else
#define OWN_PLATFORM "linux/amd64"
static const char *const variants[] = {"", "/v1", "/v2", "/v3", "/v4", NULL};
#endif

int set_platform(struct machine *machine, const char *value, struct error *err)
{
	size_t length = strlen(OWN_PLATFORM);
	if (strncmp(value, OWN_PLATFORM, length) == 0)
		for (size_t i = 0; variants[i]; i++)
			if (strcmp(value + length, variants[i]) == 0)
				return copy(machine, value, &machine->container->platform, err);
	return error_set(err, "\"%.40s\" is not a platform that the machine is: " OWN_PLATFORM
			      "%s", value, variants[2] ? ", or with /v1 to /v4 behind it" : "");
}

struct text {
	char *out;
	size_t used;
};

static void add_line(struct text *text, const char *line, size_t length)
{
	if (text->used + length + 2 > RESOLV_CONF_MAX)
		return;
	memcpy(text->out + text->used, line, length);
	text->used += length;
	text->out[text->used++] = '\n';
	text->out[text->used] = 0;
}

/* The machine's own lines that begin with the word. */
static void add_machines(struct text *text, const char *machine, const char *word)
{
	for (const char *at = machine; *at;) {
		size_t length = strcspn(at, "\n");
		if (strncmp(at, word, strlen(word)) == 0 && at[strlen(word)] == ' ')
			add_line(text, at, length);
		at += length + (at[length] == '\n');
	}
}

static void add_words(struct text *text, const char *word, const struct string_list *list)
{
	char line[RESOLV_CONF_MAX];
	size_t used = (size_t)snprintf(line, sizeof line, "%s", word);
	if (list->count == 1 && strcmp(list->items[0], ".") == 0)
		return;
	for (size_t i = 0; i < list->count && used < sizeof line; i++)
		used += (size_t)snprintf(line + used, sizeof line - used, " %s", list->items[i]);
	if (used < sizeof line)
		add_line(text, line, used);
}

static void add_servers(struct text *text, const struct string_list *list)
{
	char line[80];
	for (size_t i = 0; i < list->count; i++)
		add_line(text, line,
			 (size_t)snprintf(line, sizeof line, "nameserver %.60s", list->items[i]));
}

void resolver_compose(const struct resolver_config *own, const char *machine,
		      char out[RESOLV_CONF_MAX])
{
	struct text text = {out, 0};
	out[0] = 0;
	if (own->search.count)
		add_words(&text, "search", &own->search);
	else
		add_machines(&text, machine, "search");
	if (own->servers.count)
		add_servers(&text, &own->servers);
	else
		add_machines(&text, machine, "nameserver");
	if (own->options.count)
		add_words(&text, "options", &own->options);
	else
		add_machines(&text, machine, "options");
}
