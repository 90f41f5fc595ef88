// SPDX-License-Identifier: Apache-2.0
#include "init/config/container_options.h"

#include "init/config/keys.h"
#include "lib/suggest.h"
#include "lib/syscalls.h"
#include "runtime/capabilities.h"
#include "runtime/container.h"
#include "runtime/oci/config.h"
#include "runtime/sysctl.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { SHM_LEAST = 4096, LIST_MAX = 64 };

/* Names without "CAP_", as they are written in documents. */
static const char *nth_capability(const void *context, size_t i)
{
	const char *name = capability_name((int)i);
	(void)context;
	return name ? name + 4 : NULL;
}

int parse_capability(const char *text, uint64_t *mask, struct error *err)
{
	char name[40];
	bool prefixed = strncasecmp(text, "CAP_", 4) == 0;
	snprintf(name, sizeof name, "CAP_%.30s", prefixed ? text + 4 : text);
	for (char *c = name; *c; c++)
		*c = (char)toupper((unsigned char)*c);
	if (strcmp(name, "CAP_ALL") == 0) {
		for (int i = 0; capability_name(i); i++)
			*mask |= 1ULL << i;
		return 0;
	}
	int number = capability_number(name);
	if (number >= 0) {
		*mask |= 1ULL << number;
		return 0;
	}
	const char *near = suggest(name + 4, nth_capability, NULL);
	return error_set(err, "\"%.40s\" is not a capability%s%s%s", text,
			 near ? ": did you mean " : "", near ? near : "", near ? "?" : "");
}

static int mask_of(const struct string_list *names, uint64_t *mask, struct error *err)
{
	for (size_t i = 0; i < names->count; i++)
		if (parse_capability(names->items[i], mask, err) < 0)
			return -1;
	return 0;
}

int container_capabilities(const struct string_list *adds, const struct string_list *drops,
			   bool privileged, uint64_t *out, struct error *err)
{
	uint64_t add = 0, drop = 0, all = 0;
	if (mask_of(adds, &add, err) < 0 || mask_of(drops, &drop, err) < 0 ||
	    parse_capability("ALL", &all, err) < 0)
		return -1;
	*out = add == all || privileged ? all & ~drop
	       : drop == all		? add
					: (CAPABILITIES_DEFAULT | add) & ~drop;
	return 0;
}

/* A number, or -1 or "unlimited" for no limit. */
static int take_limit(const char **text, uint64_t *out)
{
	char *end;
	if (strncmp(*text, "unlimited", 9) == 0) {
		*out = UINT64_MAX;
		*text += 9;
		return 0;
	}
	errno = 0;
	long long value = strtoll(*text, &end, 10);
	if (errno || end == *text || value < -1)
		return -1;
	*out = value < 0 ? UINT64_MAX : (uint64_t)value;
	*text = end;
	return 0;
}

int parse_ulimit(const char *text, struct resource_limit *out, struct error *err)
{
	char name[32];
	size_t length = strcspn(text, "=");
	const char *at = text + length + (text[length] == '=');
	*out = (struct resource_limit){0};
	snprintf(name, sizeof name, "RLIMIT_%.*s", (int)(length < 20 ? length : 20), text);
	for (char *c = name; *c; c++)
		*c = (char)toupper((unsigned char)*c);
	out->resource = oci_config_resource_number(name);
	if (out->resource < 0)
		return error_set(err,
				 "\"%.40s\" is not a limit of setrlimit such as nofile=1024:4096",
				 text);
	if (take_limit(&at, &out->soft) == 0) {
		out->hard = out->soft;
		if (*at == ':') {
			at++;
			if (take_limit(&at, &out->hard) < 0)
				at = "?";
		}
		if (!*at && out->soft <= out->hard)
			return 0;
	}
	return error_set(
		err, "\"%.40s\" is not of the form NAME=SOFT[:HARD] with SOFT at most HARD", text);
}

int parse_sysctl(const char *text, struct arena *arena, struct sysctl *out, struct error *err)
{
	const char *equals = strchr(text, '=');
	char *name = equals ? arena_strndup(arena, text, (size_t)(equals - text)) : NULL;
	if (!equals || !equals[1])
		return error_set(err, "\"%.60s\" is not of the form NAME=VALUE", text);
	*out = (struct sysctl){name, arena_strdup(arena, equals + 1)};
	if (!name || !out->value)
		return error_set(err, "no room for \"%.40s\"", text);
	if (sysctl_namespace(name) == NAMESPACE_COUNT)
		return error_set(
			err,
			"\"%.60s\" is not a setting of a container but of the whole machine, "
			"or there is no such thing",
			name);
	return 0;
}

/* One word of the options: what a mount of the file system gets, or an attribute. */
static int take_tmpfs_option(char *word, struct mount_option *options, size_t *count,
			     struct spec_mount *out)
{
	static const struct {
		const char *name;
		uint64_t set, clear;
	} attributes[] = {
		{"ro", MOUNT_ATTR_RDONLY, 0},     {"rw", 0, MOUNT_ATTR_RDONLY},
		{"noexec", MOUNT_ATTR_NOEXEC, 0}, {"exec", 0, MOUNT_ATTR_NOEXEC},
		{"nosuid", MOUNT_ATTR_NOSUID, 0}, {"suid", 0, MOUNT_ATTR_NOSUID},
		{"nodev", MOUNT_ATTR_NODEV, 0},   {"dev", 0, MOUNT_ATTR_NODEV},
	};
	static const char *const values[] = {"size", "mode", "uid", "gid", "nr_inodes"};
	for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++)
		if (strcmp(attributes[i].name, word) == 0) {
			out->set = (out->set | attributes[i].set) & ~attributes[i].clear;
			return 0;
		}
	char *equals = strchr(word, '=');
	if (!equals || !equals[1] || *count + 1 >= TMPFS_OPTIONS_MAX)
		return -1;
	*equals = 0;
	for (size_t i = 0; i < sizeof values / sizeof *values; i++)
		if (strcmp(values[i], word) == 0) {
			options[(*count)++] = (struct mount_option){word, equals + 1};
			return 0;
		}
	return -1;
}

static const char *nth_tmpfs_option(const void *context, size_t i)
{
	static const char *const names[] = {"size", "mode", "uid", "gid", "nr_inodes",
					    "ro",   "exec", "suid", "dev"};
	(void)context;
	return i < sizeof names / sizeof *names ? names[i] : NULL;
}

static int refuse_tmpfs_option(const char *word, struct error *err)
{
	char name[40];
	snprintf(name, sizeof name, "%.*s", (int)strcspn(word, "="), word);
	const char *near = suggest(name, nth_tmpfs_option, NULL);
	return error_set(err, "\"%.40s\" is no option of a tmpfs: size=, mode=, uid=, gid=, "
			      "nr_inodes=, ro, exec, suid, dev%s%s%s", word,
			 near ? " (did you mean " : "", near ? near : "", near ? "?)" : "");
}

int parse_tmpfs(const char *text, struct arena *arena, struct mount_option *options,
		struct spec_mount *out, struct error *err)
{
	size_t length = strcspn(text, ":"), count = 0;
	char *path = arena_strndup(arena, text, length);
	char *rest = arena_strdup(arena, text + length + (text[length] == ':'));
	if (!path || !rest)
		return error_set(err, "no room for \"%.40s\"", text);
	*out = (struct spec_mount){.destination = path,
				   .type = "tmpfs",
				   .options = options,
				   .set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC};
	options[count++] = (struct mount_option){"source", "tmpfs"};
	if (*path != '/' || !path[1])
		return error_set(err, "\"%.60s\" is not an absolute path", path);
	for (char *word = rest; *word;) {
		size_t end = strcspn(word, ",");
		char *next = word + end + (word[end] == ',');
		word[end] = 0;
		if (take_tmpfs_option(word, options, &count, out) < 0)
			return refuse_tmpfs_option(word, err);
		word = next;
	}
	options[count] = (struct mount_option){NULL, NULL};
	return 0;
}

static int keep(struct machine *machine, struct string_list *list, const char *value,
		struct error *err)
{
	if (list->count == LIST_MAX)
		return error_set(err, "more than %d of them", LIST_MAX);
	return string_list_add(list, &machine->arena, value, err);
}

int add_capability(struct machine *machine, const char *value, struct error *err)
{
	uint64_t mask = 0;
	return parse_capability(value, &mask, err) < 0
		       ? -1
		       : keep(machine, &machine->container->cap_add, value, err);
}

int drop_capability(struct machine *machine, const char *value, struct error *err)
{
	uint64_t mask = 0;
	return parse_capability(value, &mask, err) < 0
		       ? -1
		       : keep(machine, &machine->container->cap_drop, value, err);
}

int add_ulimit(struct machine *machine, const char *value, struct error *err)
{
	struct resource_limit limit;
	return parse_ulimit(value, &limit, err) < 0
		       ? -1
		       : keep(machine, &machine->container->ulimits, value, err);
}

/* A parse for the sake of its check: what it copies is given back. */
int add_sysctl(struct machine *machine, const char *value, struct error *err)
{
	struct sysctl sysctl;
	size_t used = machine->arena.used;
	int result = parse_sysctl(value, &machine->arena, &sysctl, err);
	machine->arena.used = used;
	return result < 0 ? -1 : keep(machine, &machine->container->sysctls, value, err);
}

int add_machine_sysctl(struct machine *machine, const char *value, struct error *err)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./";
	size_t name = strspn(value, letters);
	if (!name || value[name] != '=' || !value[name + 1] || strstr(value, ".."))
		return error_set(err, "\"%.60s\" is not of the form NAME=VALUE", value);
	return keep(machine, &machine->sysctls, value, err);
}

int add_tmpfs(struct machine *machine, const char *value, struct error *err)
{
	struct mount_option options[TMPFS_OPTIONS_MAX];
	struct spec_mount mount;
	size_t used = machine->arena.used;
	int result = parse_tmpfs(value, &machine->arena, options, &mount, err);
	machine->arena.used = used;
	return result < 0 ? -1 : keep(machine, &machine->container->tmpfs, value, err);
}

int add_host(struct machine *machine, const char *value, struct error *err)
{
	size_t length =
		strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_");
	unsigned char address[16];
	bool gateway = value[length] == '=' && strcmp(value + length + 1, HOST_GATEWAY) == 0;
	if (!length || value[length] != '=' ||
	    (!gateway && inet_pton(AF_INET, value + length + 1, address) != 1 &&
	     inet_pton(AF_INET6, value + length + 1, address) != 1))
		return error_set(err, "\"%.60s\" is not of the form HOST=ADDRESS", value);
	return keep(machine, &machine->container->hosts, value, err);
}

int set_read_only(struct machine *machine, const char *value, struct error *err)
{
	bool yes = strcmp(value, "true") == 0;
	if (!yes && strcmp(value, "false") != 0)
		return error_set(err, "\"%.20s\" is neither true nor false", value);
	machine->container->read_only = yes;
	return 0;
}

int set_container_hostname(struct machine *machine, const char *value, struct error *err)
{
	size_t length = strlen(value);
	if (length == 0 || length > 64 || *value == '-' ||
	    strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.") !=
		    length)
		return error_set(err,
				 "\"%.70s\" is not a host name: 1 to 64 letters, digits, - and .",
				 value);
	machine->container->hostname = arena_strdup(&machine->arena, value);
	return machine->container->hostname ? 0 : error_set(err, "too many settings");
}

int set_stop_signal(struct machine *machine, const char *value, struct error *err)
{
	if (container_signal_number(value) <= 0)
		return error_set(err, "\"%.20s\" is not a signal such as SIGTERM or 15", value);
	machine->container->stop_signal = arena_strdup(&machine->arena, value);
	return machine->container->stop_signal ? 0 : error_set(err, "too many settings");
}

int set_shm_size(struct machine *machine, const char *value, struct error *err)
{
	uint64_t bytes;
	if (parse_size(value, &bytes, err) < 0)
		return -1;
	if (bytes < SHM_LEAST || bytes > INT64_MAX)
		return error_set(err, "\"%.40s\" is less than a page", value);
	machine->container->shm_bytes = bytes;
	return 0;
}

int set_oom_score_adj(struct machine *machine, const char *value, struct error *err)
{
	char *end;
	long number = strtol(value, &end, 10);
	if (end == value || *end || number < -999 || number > 1000)
		return error_set(err, "\"%.20s\" is not a number from -999 to 1000", value);
	machine->container->oom_score_adj = (int)number;
	return 0;
}
