// SPDX-License-Identifier: Apache-2.0
#include "init/config/document/declaration.h"

#include "init/config/words.h"
#include "lib/suggest.h"
#include "lib/text.h"

#include <ctype.h>
#include <string.h>

enum shape {
	TAKES_NOTHING, /* a flag without a meaning here */
	SETS_TRUE,     /* a flag */
	SETS_TEXT,
	ADDS_TEXT, /* to a list */
	SETS_SECONDS,
	IS_REFUSED,
};

static const struct run_option {
	const char *name;
	char letter;
	enum shape shape;
	const char *key; /* below the service; or why it is refused */
} run_options[] = {
	{"add-host", 0, ADDS_TEXT, "extra_hosts"},
	{"cap-add", 0, ADDS_TEXT, "cap_add"},
	{"cap-drop", 0, ADDS_TEXT, "cap_drop"},
	{"cgroupns", 0, SETS_TEXT, "cgroup"},
	{"cpu-shares", 'c', SETS_TEXT, "cpu_shares"},
	{"cpus", 0, SETS_TEXT, "cpus"},
	{"cpuset-cpus", 0, SETS_TEXT, "cpuset"},
	{"detach", 'd', TAKES_NOTHING, NULL},
	{"device", 0, ADDS_TEXT, "devices"},
	{"device-cgroup-rule", 0, ADDS_TEXT, "device_cgroup_rules"},
	{"dns", 0, ADDS_TEXT, "dns"},
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
	{"health-start-period", 0, SETS_TEXT, "healthcheck.start_period"},
	{"health-start-interval", 0, SETS_TEXT, "healthcheck.start_interval"},
	{"health-timeout", 0, SETS_TEXT, "healthcheck.timeout"},
	{"hostname", 'h', SETS_TEXT, "hostname"},
	{"init", 0, SETS_TRUE, "init"},
	{"interactive", 'i', SETS_TRUE, "stdin_open"},
	{"ipc", 0, SETS_TEXT, "ipc"},
	{"label", 'l', ADDS_TEXT, "labels"},
	{"link", 0, IS_REFUSED, "there are no other containers"},
	{"log-driver", 0, SETS_TEXT, "logging.driver"},
	{"log-opt", 0, ADDS_TEXT, "logging.options"},
	{"mac-address", 0, SETS_TEXT, "mac_address"},
	{"memory", 'm', SETS_TEXT, "mem_limit"},
	{"memory-reservation", 0, SETS_TEXT, "mem_reservation"},
	{"memory-swap", 0, SETS_TEXT, "memswap_limit"},
	{"mount", 0, IS_REFUSED, "say it with --volume or --tmpfs"},
	{"name", 0, SETS_TEXT, "container_name"},
	{"net", 0, SETS_TEXT, "network_mode"},
	{"network", 0, SETS_TEXT, "network_mode"},
	{"no-healthcheck", 0, SETS_TRUE, "healthcheck.disable"},
	{"oom-score-adj", 0, SETS_TEXT, "oom_score_adj"},
	{"pid", 0, SETS_TEXT, "pid"},
	{"pids-limit", 0, SETS_TEXT, "pids_limit"},
	{"platform", 0, SETS_TEXT, "platform"},
	{"privileged", 0, SETS_TRUE, "privileged"},
	{"publish", 'p', ADDS_TEXT, "ports"},
	{"publish-all", 'P', IS_REFUSED, "name each port with --publish"},
	{"pull", 0, SETS_TEXT, "pull_policy"},
	{"quiet", 'q', TAKES_NOTHING, NULL},
	{"read-only", 0, SETS_TRUE, "read_only"},
	{"restart", 0, SETS_TEXT, "restart"},
	{"rm", 0, TAKES_NOTHING, NULL},
	{"runtime", 0, IS_REFUSED, "there is one runtime, and it is built in"},
	{"security-opt", 0, ADDS_TEXT, "security_opt"},
	{"shm-size", 0, SETS_TEXT, "shm_size"},
	{"stop-signal", 0, SETS_TEXT, "stop_signal"},
	{"stop-timeout", 0, SETS_SECONDS, "stop_grace_period"},
	{"sysctl", 0, ADDS_TEXT, "sysctls"},
	{"tmpfs", 0, ADDS_TEXT, "tmpfs"},
	{"tty", 't', SETS_TRUE, "tty"},
	{"ulimit", 0, ADDS_TEXT, "ulimits"},
	{"user", 'u', SETS_TEXT, "user"},
	{"uts", 0, SETS_TEXT, "uts"},
	{"userns", 0, SETS_TEXT, "userns_mode"},
	{"volume", 'v', ADDS_TEXT, "volumes"},
	{"volumes-from", 0, IS_REFUSED, "there are no other containers"},
	{"workdir", 'w', SETS_TEXT, "working_dir"},
};

struct run {
	struct normaliser *normaliser;
	const char *at, *line_start;
	struct position place; /* of the last word */
	unsigned line;
	struct node *service, *root;
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

static void apply(struct run *run, const struct run_option *option, const char *value)
{
	struct node_pool *pool = run->normaliser->pool;
	const char *name;
	if (option->shape == TAKES_NOTHING)
		return;
	if (strcmp(option->key, "ulimits") == 0) {
		add_ulimit(run, value);
		return;
	}
	if (strcmp(option->key, "volumes") == 0)
		declare_volume(run, value);
	struct node *parent = find_parent(run, option->key, &name);
	struct node *into =
		parent && option->shape == ADDS_TEXT ? list_of(run, parent, name) : parent;
	const char *text =
		option->shape == SETS_SECONDS ? arena_printf(pool->arena, "%ss", value) : value;
	if (into && option->shape == SETS_TRUE)
		add(run, into, name, node_bool(pool, true, run->place));
	else if (into && text)
		add(run, into, name, node_text(pool, text, run->place));
	/* An entry point is one word, whatever is in it. */
	struct node *entry = node_get(run->service, "entrypoint");
	if (entry && entry->kind == NODE_TEXT) {
		struct node list = {.kind = NODE_LIST, .text = "", .at = entry->at};
		struct node *word = node_copy(pool, entry);
		if (word)
			node_append(&list, word);
		node_become(entry, &list);
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
	return option->shape != TAKES_NOTHING && option->shape != SETS_TRUE;
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
	if (option->shape == IS_REFUSED) {
		complain_suggesting(run->normaliser, place, NULL, "--%s is not supported: %s",
				    option->name, option->key);
		if (!value)
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
