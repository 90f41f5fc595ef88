// SPDX-License-Identifier: Apache-2.0
#include "init/config/document/declaration.h"

#include "init/config/document/docker_mount.h"
#include "init/config/words.h"
#include "lib/suggest.h"
#include "lib/text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum shape {
	TAKES_NOTHING, /* a flag without a meaning here */
	TAKES_TEXT,    /* likewise, with a value */
	SETS_TRUE,     /* a flag */
	SETS_TEXT,
	ADDS_TEXT, /* to a list */
	SETS_SECONDS,
	ADDS_LIMIT,    /* NAME=SOFT[:HARD] */
	ADDS_RATE,     /* DEVICE:RATE */
	ADDS_MOUNT,
	SETS_NETWORK,
	SETS_QUOTA,    /* of the CPU's time, beside a period */
	IS_REFUSED,      /* with its value */
	IS_REFUSED_FLAG, /* which has none */
};

#define WINDOWS "it is for Windows"
#define ALONE "there are no other containers"

static const struct run_option {
	const char *name;
	char letter;
	enum shape shape;
	const char *key; /* below the service; or why it is refused */
} run_options[] = {
	{"add-host", 0, ADDS_TEXT, "extra_hosts"},
	{"annotation", 0, ADDS_TEXT, "annotations"},
	{"attach", 'a', TAKES_TEXT, NULL},
	{"blkio-weight", 0, IS_REFUSED, "the kernel has no weights of disks: --device-read-bps limits a rate"},
	{"blkio-weight-device", 0, IS_REFUSED,
	 "the kernel has no weights of disks: --device-read-bps limits a rate"},
	{"cap-add", 0, ADDS_TEXT, "cap_add"},
	{"cap-drop", 0, ADDS_TEXT, "cap_drop"},
	{"cgroup-parent", 0, IS_REFUSED, "the machine decides where its cgroups are"},
	{"cgroupns", 0, SETS_TEXT, "cgroup"},
	{"cidfile", 0, IS_REFUSED, "there is nobody in a machine who would read the file"},
	{"cpu-count", 0, IS_REFUSED, WINDOWS},
	{"cpu-percent", 0, IS_REFUSED, WINDOWS},
	{"cpu-period", 0, SETS_QUOTA, "period"},
	{"cpu-quota", 0, SETS_QUOTA, "quota"},
	{"cpu-rt-period", 0, IS_REFUSED, "containers have no real-time scheduling"},
	{"cpu-rt-runtime", 0, IS_REFUSED, "containers have no real-time scheduling"},
	{"cpu-shares", 'c', SETS_TEXT, "cpu_shares"},
	{"cpus", 0, SETS_TEXT, "cpus"},
	{"cpuset-cpus", 0, SETS_TEXT, "cpuset"},
	{"cpuset-mems", 0, IS_REFUSED, "the kernel knows one memory and no nodes of it"},
	{"detach", 'd', TAKES_NOTHING, NULL},
	{"detach-keys", 0, TAKES_TEXT, NULL},
	{"device", 0, ADDS_TEXT, "devices"},
	{"device-cgroup-rule", 0, ADDS_TEXT, "device_cgroup_rules"},
	{"device-read-bps", 0, ADDS_RATE, "device_read_bps"},
	{"device-read-iops", 0, ADDS_RATE, "device_read_iops"},
	{"device-write-bps", 0, ADDS_RATE, "device_write_bps"},
	{"device-write-iops", 0, ADDS_RATE, "device_write_iops"},
	{"disable-content-trust", 0, TAKES_NOTHING, NULL},
	{"dns", 0, ADDS_TEXT, "dns"},
	{"dns-opt", 0, ADDS_TEXT, "dns_opt"},
	{"dns-option", 0, ADDS_TEXT, "dns_opt"},
	{"dns-search", 0, ADDS_TEXT, "dns_search"},
	{"domainname", 0, SETS_TEXT, "domainname"},
	{"entrypoint", 0, SETS_TEXT, "entrypoint"},
	{"env", 'e', ADDS_TEXT, "environment"},
	{"env-file", 0, ADDS_TEXT, "env_file"},
	{"expose", 0, ADDS_TEXT, "expose"},
	{"gpus", 0, IS_REFUSED, "the kernel has no GPU drivers"},
	{"group-add", 0, ADDS_TEXT, "group_add"},
	{"health-cmd", 0, SETS_TEXT, "healthcheck.test"},
	{"health-interval", 0, SETS_TEXT, "healthcheck.interval"},
	{"health-retries", 0, SETS_TEXT, "healthcheck.retries"},
	{"health-start-interval", 0, SETS_TEXT, "healthcheck.start_interval"},
	{"health-start-period", 0, SETS_TEXT, "healthcheck.start_period"},
	{"health-timeout", 0, SETS_TEXT, "healthcheck.timeout"},
	{"help", 0, IS_REFUSED_FLAG, "a machine runs the container"},
	{"hostname", 'h', SETS_TEXT, "hostname"},
	{"init", 0, SETS_TRUE, "init"},
	{"interactive", 'i', SETS_TRUE, "stdin_open"},
	{"io-maxbandwidth", 0, IS_REFUSED, WINDOWS},
	{"io-maxiops", 0, IS_REFUSED, WINDOWS},
	{"ip", 0, IS_REFUSED, "the network would need a subnet: write networks in Compose YAML"},
	{"ip6", 0, IS_REFUSED, "the network would need a subnet: write networks in Compose YAML"},
	{"ipc", 0, SETS_TEXT, "ipc"},
	{"isolation", 0, IS_REFUSED, WINDOWS},
	{"kernel-memory", 0, IS_REFUSED, "cgroup v2 has no such limit"},
	{"label", 'l', ADDS_TEXT, "labels"},
	{"label-file", 0, IS_REFUSED, "write the labels with --label"},
	{"link", 0, IS_REFUSED, ALONE},
	{"link-local-ip", 0, IS_REFUSED, "Docker itself does nothing with it"},
	{"log-driver", 0, SETS_TEXT, "logging.driver"},
	{"log-opt", 0, ADDS_TEXT, "logging.options"},
	{"mac-address", 0, SETS_TEXT, "mac_address"},
	{"memory", 'm', SETS_TEXT, "mem_limit"},
	{"memory-reservation", 0, SETS_TEXT, "mem_reservation"},
	{"memory-swap", 0, SETS_TEXT, "memswap_limit"},
	{"memory-swappiness", 0, IS_REFUSED, "cgroup v2 has no such switch"},
	{"mount", 0, ADDS_MOUNT, "volumes"},
	{"name", 0, SETS_TEXT, "container_name"},
	{"net", 0, SETS_NETWORK, "network_mode"},
	{"net-alias", 0, ADDS_TEXT, "aliases"},
	{"network", 0, SETS_NETWORK, "network_mode"},
	{"network-alias", 0, ADDS_TEXT, "aliases"},
	{"no-healthcheck", 0, SETS_TRUE, "healthcheck.disable"},
	{"oom-kill-disable", 0, IS_REFUSED_FLAG, "cgroup v2 has no such switch"},
	{"oom-score-adj", 0, SETS_TEXT, "oom_score_adj"},
	{"pid", 0, SETS_TEXT, "pid"},
	{"pids-limit", 0, SETS_TEXT, "pids_limit"},
	{"platform", 0, SETS_TEXT, "platform"},
	{"privileged", 0, SETS_TRUE, "privileged"},
	{"publish", 'p', ADDS_TEXT, "ports"},
	{"publish-all", 'P', IS_REFUSED_FLAG, "nobody would know the machine's ports: name each with --publish"},
	{"pull", 0, SETS_TEXT, "pull_policy"},
	{"quiet", 'q', TAKES_NOTHING, NULL},
	{"read-only", 0, SETS_TRUE, "read_only"},
	{"restart", 0, SETS_TEXT, "restart"},
	{"rm", 0, TAKES_NOTHING, NULL},
	{"runtime", 0, IS_REFUSED, "there is one runtime, and it is built in"},
	{"security-opt", 0, ADDS_TEXT, "security_opt"},
	{"shm-size", 0, SETS_TEXT, "shm_size"},
	{"sig-proxy", 0, TAKES_NOTHING, NULL},
	{"stop-signal", 0, SETS_TEXT, "stop_signal"},
	{"stop-timeout", 0, SETS_SECONDS, "stop_grace_period"},
	{"storage-opt", 0, IS_REFUSED, "there is one kind of storage"},
	{"sysctl", 0, ADDS_TEXT, "sysctls"},
	{"tmpfs", 0, ADDS_TEXT, "tmpfs"},
	{"tty", 't', SETS_TRUE, "tty"},
	{"ulimit", 0, ADDS_LIMIT, "ulimits"},
	{"use-api-socket", 0, IS_REFUSED_FLAG, "there is no Docker Engine in the machine"},
	{"user", 'u', SETS_TEXT, "user"},
	{"userns", 0, SETS_TEXT, "userns_mode"},
	{"uts", 0, SETS_TEXT, "uts"},
	{"volume", 'v', ADDS_TEXT, "volumes"},
	{"volume-driver", 0, IS_REFUSED, "say it of the one volume: --mount volume-driver="},
	{"volumes-from", 0, IS_REFUSED, ALONE},
	{"workdir", 'w', SETS_TEXT, "working_dir"},
};

struct run {
	struct normaliser *normaliser;
	const char *at, *line_start;
	struct position place; /* of the last word */
	unsigned line;
	struct node *service, *root;
	struct node *network;       /* the attachment to a network with a name, or NULL */
	struct position aliased;    /* where an alias was given */
	long long quota, period;    /* of the CPU's time, in microseconds; 0: not said */
};

static const char *const heads[] = {"docker container run", "docker run", "podman run"};

/* Behind "docker run", or NULL. Blanks may be any, also at the beginning. */
static const char *behind_head(const char *text)
{
	while (isspace((unsigned char)*text))
		text++;
	for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
		const char *at = text, *head = heads[i];
		while (*head && *at) {
			if (*head == ' ' && isblank((unsigned char)*at)) {
				at += strspn(at, " \t");
				head++;
			} else if (*head == *at) {
				head++, at++;
			} else {
				break;
			}
		}
		if (!*head && (isspace((unsigned char)*at) || *at == '\\'))
			return at;
	}
	return NULL;
}

bool declaration_is_docker_run(const struct document_layer *layer)
{
	char start[200];
	size_t length = layer->size < sizeof start - 1 ? layer->size : sizeof start - 1;
	memcpy(start, layer->text, length);
	start[length] = 0;
	return strlen(start) == length && behind_head(start);
}

/* Blanks, line ends, and line ends behind a backslash. */
static void skip_blanks(struct run *run)
{
	for (;;) {
		if (*run->at == '\\' && run->at[1] == '\n')
			run->at++;
		if (!isspace((unsigned char)*run->at))
			return;
		if (*run->at++ == '\n') {
			run->line++;
			run->line_start = run->at;
		}
	}
}

/* Where the word at `at` ends: blanks in quotes and behind a backslash do not end it. */
static const char *word_end(const char *at)
{
	char quote = 0;
	for (; *at && (quote || !isspace((unsigned char)*at)); at++) {
		if (*at == '\\' && quote != '\'' && at[1])
			at++;
		else if (quote ? *at == quote : *at == '\'' || *at == '"')
			quote = quote ? 0 : *at;
	}
	return at;
}

/* The next word without its quotes, or NULL at the end or after a problem. */
static const char *next_word(struct run *run)
{
	struct error err = ERROR_INIT;
	struct string_list words = {0};
	struct arena *arena = run->normaliser->pool->arena;
	skip_blanks(run);
	if (!*run->at)
		return NULL;
	run->place.line = run->line;
	run->place.column = (unsigned)(run->at - run->line_start) + 1;
	const char *end = word_end(run->at);
	const char *raw = arena_strndup(arena, run->at, (size_t)(end - run->at));
	for (const char *c = run->at; c < end; c++)
		if (*c == '\n') {
			run->line++;
			run->line_start = c + 1;
		}
	run->at = end;
	if (!raw || split_words(raw, arena, &words, &err) < 0) {
		complain_suggesting(run->normaliser, run->place, NULL, "%s",
				    raw ? err.text : "the document is too large");
		return NULL;
	}
	return words.count ? words.items[0] : "";
}

static struct node *add(struct run *run, struct node *parent, const char *key, struct node *value)
{
	if (!value) {
		complain_no_room(run->normaliser, run->root);
		return NULL;
	}
	if (parent->kind == NODE_LIST)
		node_append(parent, value);
	else if (node_get(parent, key))
		node_become(node_get(parent, key), value); /* the last one counts */
	else
		node_put(parent, key, run->place, value);
	return value;
}

/* The map and the last name that "healthcheck.test" stands for. */
static struct node *find_parent(struct run *run, const char *key, const char **name)
{
	const char *dot = strchr(key, '.');
	*name = dot ? dot + 1 : key;
	if (!dot)
		return run->service;
	const char *outer = arena_strndup(run->normaliser->pool->arena, key, (size_t)(dot - key));
	struct node *map = outer ? node_get(run->service, outer) : NULL;
	if (!map && outer)
		map = add(run, run->service, outer,
			  node_new(run->normaliser->pool, NODE_MAP, run->place));
	return map;
}

static struct node *list_of(struct run *run, struct node *parent, const char *name)
{
	struct node *list = node_get(parent, name);
	return list ? list
		    : add(run, parent, name,
			  node_new(run->normaliser->pool, NODE_LIST, run->place));
}

/* "nofile=1024:2048". */
static void add_ulimit(struct run *run, const char *value)
{
	struct node_pool *pool = run->normaliser->pool;
	const char *equals = strchr(value, '='), *colon = equals ? strchr(equals, ':') : NULL;
	struct node *map = node_get(run->service, "ulimits");
	if (!map)
		map = add(run, run->service, "ulimits", node_new(pool, NODE_MAP, run->place));
	if (!equals || !map) {
		complain_suggesting(run->normaliser, run->place, NULL,
				    "\"%.40s\" is not of the form NAME=SOFT[:HARD]", value);
		return;
	}
	const char *name = arena_strndup(pool->arena, value, (size_t)(equals - value));
	if (!colon) {
		add(run, map, name ? name : "", node_text(pool, equals + 1, run->place));
		return;
	}
	struct node *limits = add(run, map, name ? name : "", node_new(pool, NODE_MAP, run->place));
	const char *soft = arena_strndup(pool->arena, equals + 1, (size_t)(colon - equals - 1));
	if (limits && soft) {
		add(run, limits, "soft", node_text(pool, soft, run->place));
		add(run, limits, "hard", node_text(pool, colon + 1, run->place));
	}
}

/* A volume with a name must be under volumes too. */
static void declare_volume(struct run *run, const char *value)
{
	struct node_pool *pool = run->normaliser->pool;
	size_t length = strcspn(value, ":");
	struct node *map = node_get(run->root, "volumes");
	const char *name = arena_strndup(pool->arena, value, length);
	if (!value[length] || !name || !length || strchr("/.~", *value))
		return;
	if (!map)
		map = add(run, run->root, "volumes", node_new(pool, NODE_MAP, run->place));
	if (map && !node_get(map, name))
		add(run, map, name, node_new(pool, NODE_NULL, run->place));
}

/* "/dev/vda:1m". */
static void add_rate(struct run *run, const char *key, const char *value)
{
	struct node_pool *pool = run->normaliser->pool;
	const char *colon = strrchr(value, ':'), *name;
	const char *path = colon ? arena_strndup(pool->arena, value, (size_t)(colon - value)) : NULL;
	const char *where = arena_printf(pool->arena, "blkio_config.%s", key);
	if (!colon) {
		complain_suggesting(run->normaliser, run->place, NULL,
				    "\"%.60s\" is not of the form DEVICE:RATE", value);
		return;
	}
	struct node *parent = where ? find_parent(run, where, &name) : NULL;
	struct node *list = parent ? list_of(run, parent, name) : NULL;
	struct node *item = list ? add(run, list, NULL, node_new(pool, NODE_MAP, run->place)) : NULL;
	if (item && path) {
		add(run, item, "path", node_text(pool, path, run->place));
		add(run, item, "rate", node_text(pool, colon + 1, run->place));
	}
}

/* The CPU's time in a period, which may be said before or behind it. */
static void set_quota(struct run *run, const char *key, const char *value)
{
	char *end, text[40];
	long long number = strtoll(value, &end, 10);
	if (!*value || *end || number < 1000 || number > 1000000000) {
		complain_suggesting(run->normaliser, run->place, NULL,
				    "\"%.40s\" is not a number of microseconds from 1000 on", value);
		return;
	}
	*(*key == 'q' ? &run->quota : &run->period) = number;
	if (!run->quota)
		return;
	snprintf(text, sizeof text, "%.3f", (double)run->quota / (double)(run->period ? run->period : 100000));
	add(run, run->service, "cpus", node_text(run->normaliser->pool, text, run->place));
}

/* A network with a name, which is made. */
static void attach(struct run *run, const char *name)
{
	struct node_pool *pool = run->normaliser->pool;
	struct node *known = node_get(run->root, "networks"), *own = node_get(run->service, "networks");
	if (!known)
		known = add(run, run->root, "networks", node_new(pool, NODE_MAP, run->place));
	if (!own)
		own = add(run, run->service, "networks", node_new(pool, NODE_MAP, run->place));
	if (known && own) {
		add(run, known, name, node_new(pool, NODE_MAP, run->place));
		run->network = add(run, own, name, node_new(pool, NODE_MAP, run->place));
	}
}

/* "alias=x" of the long form, behind its name. */
static void take_network_part(struct run *run, const char *part)
{
	static const struct {
		const char *name, *key;
	} parts[] = {{"alias=", "aliases"}, {"mac-address=", "mac_address"}, {"gw-priority=", "gw_priority"}};
	struct node_pool *pool = run->normaliser->pool;
	for (size_t i = 0; run->network && i < sizeof parts / sizeof *parts; i++) {
		size_t length = strlen(parts[i].name);
		if (strncmp(part, parts[i].name, length) != 0)
			continue;
		struct node *value = node_text(pool, part + length, run->place);
		struct node *list = i == 0 ? list_of(run, run->network, parts[i].key) : NULL;
		add(run, list ? list : run->network, parts[i].key, value);
		return;
	}
	if (run->network)
		complain_suggesting(run->normaliser, run->place, NULL,
				    "\"%.60s\" is no part of --network here: name (at first), alias, "
				    "mac-address, gw-priority; for the rest write networks in Compose YAML",
				    part);
}

/* A mode, a name, or name=NAME,alias=…. */
static void set_network(struct run *run, const char *value)
{
	struct node_pool *pool = run->normaliser->pool;
	char *copy = arena_strdup(pool->arena, value), *part;
	if (schema_is_choice("bridge|host|none|default", value) || strchr(value, ':')) {
		add(run, run->service, "network_mode", node_text(pool, value, run->place));
		return;
	}
	char *name = copy ? strsep(&copy, ",") : NULL;
	if (!name)
		return;
	attach(run, strncmp(name, "name=", 5) == 0 ? name + 5 : name);
	while ((part = strsep(&copy, ",")))
		take_network_part(run, part);
}

/* Aliases are of the last network; without one of its own there is nobody who would ask for them. */
static void move_aliases(struct run *run)
{
	struct node *aliases = node_get(run->service, "aliases");
	if (!aliases)
		return;
	node_remove(run->service, aliases);
	run->place = run->aliased;
	struct node *list = run->network ? list_of(run, run->network, "aliases") : NULL;
	for (const struct node *at = list ? aliases->first : NULL; at; at = at->next)
		add(run, list, NULL, node_text(run->normaliser->pool, at->text, at->at));
	if (!run->network)
		complain_suggesting(run->normaliser, run->place, NULL,
				    "--network-alias needs a network with a name: --network NAME");
}

/* An entry point is one word, whatever is in it. */
static void keep_entrypoint_whole(struct run *run)
{
	struct node *entry = node_get(run->service, "entrypoint");
	if (!entry || entry->kind != NODE_TEXT)
		return;
	struct node list = {.kind = NODE_LIST, .text = "", .at = entry->at};
	struct node *word = node_copy(run->normaliser->pool, entry);
	if (word)
		node_append(&list, word);
	node_become(entry, &list);
}

static void add_text(struct run *run, const struct run_option *option, const char *value)
{
	struct node_pool *pool = run->normaliser->pool;
	const char *name;
	if (strcmp(option->key, "volumes") == 0)
		declare_volume(run, value);
	if (strcmp(option->key, "aliases") == 0)
		run->aliased = run->place;
	struct node *parent = find_parent(run, option->key, &name);
	struct node *into =
		parent && option->shape == ADDS_TEXT ? list_of(run, parent, name) : parent;
	const char *text =
		option->shape == SETS_SECONDS ? arena_printf(pool->arena, "%ss", value) : value;
	if (into && option->shape == SETS_TRUE)
		add(run, into, name, node_bool(pool, true, run->place));
	else if (into && text)
		add(run, into, name, node_text(pool, text, run->place));
	keep_entrypoint_whole(run);
}

static void add_mount(struct run *run, const char *value)
{
	struct node *list = list_of(run, run->service, "volumes");
	struct node *item = docker_mount_read(run->normaliser, run->place, value, run->root);
	if (list && item)
		node_append(list, item);
}

static void apply(struct run *run, const struct run_option *option, const char *value)
{
	switch (option->shape) {
	case TAKES_NOTHING:
	case TAKES_TEXT:
	case IS_REFUSED:
	case IS_REFUSED_FLAG:
		break;
	case ADDS_LIMIT:
		add_ulimit(run, value);
		break;
	case ADDS_RATE:
		add_rate(run, option->key, value);
		break;
	case ADDS_MOUNT:
		add_mount(run, value);
		break;
	case SETS_NETWORK:
		set_network(run, value);
		break;
	case SETS_QUOTA:
		set_quota(run, option->key, value);
		break;
	case SETS_TRUE:
	case SETS_TEXT:
	case SETS_SECONDS:
	case ADDS_TEXT:
		add_text(run, option, value);
		break;
	}
}

static const char *nth_option(const void *context, size_t i)
{
	(void)context;
	return i < sizeof run_options / sizeof *run_options ? run_options[i].name : NULL;
}

static const struct run_option *find_option(const char *name, size_t length, char letter)
{
	for (size_t i = 0; i < sizeof run_options / sizeof *run_options; i++) {
		const struct run_option *option = &run_options[i];
		if (letter ? option->letter == letter
			   : strlen(option->name) == length &&
				     strncmp(option->name, name, length) == 0)
			return option;
	}
	return NULL;
}

static bool takes_value(const struct run_option *option)
{
	return option->shape != TAKES_NOTHING && option->shape != SETS_TRUE &&
	       option->shape != IS_REFUSED_FLAG;
}

static void unknown(struct run *run, const char *word, const char *name)
{
	complain_suggesting(run->normaliser, run->place, suggest(name, nth_option, NULL),
			    "docker run has no option %.60s", word);
}

/* One option with its value, which may be the next word. */
static void take_option(struct run *run, const struct run_option *option, const char *value)
{
	struct position place = run->place;
	if (option->shape == IS_REFUSED || option->shape == IS_REFUSED_FLAG) {
		complain_suggesting(run->normaliser, place, NULL, "--%s is not supported: %s",
				    option->name, option->key);
		if (!value && option->shape == IS_REFUSED)
			next_word(run);
		return;
	}
	if (takes_value(option) && !value && !(value = next_word(run))) {
		complain_suggesting(run->normaliser, place, NULL, "--%s needs a value",
				    option->name);
		return;
	}
	if (!takes_value(option) && value && strcmp(value, "true") != 0) {
		if (strcmp(value, "false") != 0)
			complain_suggesting(run->normaliser, place, NULL, "--%s is true or false",
					    option->name);
		return;
	}
	apply(run, option, value);
}

/* "-it", "-p80:80", "-p 80:80". */
static void take_letters(struct run *run, const char *word)
{
	for (const char *letter = word + 1; *letter; letter++) {
		const struct run_option *option = find_option(NULL, 0, *letter);
		if (!option) {
			unknown(run, word, letter);
			return;
		}
		if (takes_value(option)) {
			const char *rest = letter + 1 + (letter[1] == '=');
			take_option(run, option, *rest ? rest : NULL);
			return;
		}
		take_option(run, option, NULL);
	}
}

static void take_long(struct run *run, const char *word)
{
	size_t length = strcspn(word + 2, "=");
	const struct run_option *option = find_option(word + 2, length, 0);
	const char *name = arena_strndup(run->normaliser->pool->arena, word + 2, length);
	if (option)
		take_option(run, option, word[2 + length] ? word + 2 + length + 1 : NULL);
	else
		unknown(run, word, name ? name : "");
}

/* The last part of the image's name, or what --name says. */
static const char *service_name(struct run *run, const char *image)
{
	char name[64];
	const char *given = node_get_text(run->service, "container_name");
	const char *slash = strrchr(image, '/');
	const char *start = slash ? slash + 1 : image;
	snprintf(name, sizeof name, "%.*s",
		 (int)(strcspn(start, ":@") < 60 ? strcspn(start, ":@") : 60), start);
	return given ? given : arena_strdup(run->normaliser->pool->arena, *name ? name : "app");
}

static void take_words(struct run *run)
{
	struct node_pool *pool = run->normaliser->pool;
	const char *word;
	while ((word = next_word(run)) && *word == '-' && word[1]) {
		if (strcmp(word, "--") == 0) {
			word = next_word(run);
			break;
		}
		if (word[1] == '-')
			take_long(run, word);
		else
			take_letters(run, word);
	}
	struct position at = run->place;
	if (!word) {
		if (run->normaliser->problems->count[PROBLEM_ERROR] == 0)
			complain_suggesting(run->normaliser, at, NULL,
					    "there is no image behind docker run");
		return;
	}
	move_aliases(run);
	add(run, run->service, "image", node_text(pool, word, at));
	const char *name = service_name(run, word);
	while ((word = next_word(run))) {
		struct node *list = list_of(run, run->service, "command");
		if (list)
			add(run, list, NULL, node_text(pool, word, run->place));
	}
	struct node *services = node_new(pool, NODE_MAP, at);
	run->place = at;
	if (services && name && add(run, run->root, "services", services))
		add(run, services, name, run->service);
}

/* UTF-8 without control characters, as YAML has it. */
static bool is_text(const char *text, size_t size)
{
	for (size_t at = 0; at < size;) {
		size_t length = text_utf8_length(text + at, size - at);
		unsigned char c = (unsigned char)text[at];
		if (!length || (c < 0x20 && c != '\n' && c != '\t' && c != '\r') || c == 0x7f)
			return false;
		at += length;
	}
	return true;
}

struct node *docker_run_read(struct normaliser *normaliser, const struct document_layer *layer,
			     unsigned file)
{
	struct position start = {file, 1, 1};
	struct run run = {.normaliser = normaliser, .place = start, .line = 1};
	const char *text = arena_strndup(normaliser->pool->arena, layer->text, layer->size);
	run.root = node_new(normaliser->pool, NODE_MAP, start);
	run.service = node_new(normaliser->pool, NODE_MAP, start);
	if (!text || !run.root || !run.service || !is_text(layer->text, layer->size)) {
		complain_suggesting(normaliser, start, NULL,
				    text && run.service ? "is not a text in UTF-8"
							: "the document is too large");
		return NULL;
	}
	run.line_start = run.at = text;
	skip_blanks(&run);
	run.at = behind_head(run.at);
	take_words(&run);
	return normaliser->problems->count[PROBLEM_ERROR] ? NULL : run.root;
}
