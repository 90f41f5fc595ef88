// SPDX-License-Identifier: Apache-2.0
#include "init/config/document/settings.h"

#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 32 * 1024 };

/* The key of the row's own setting: what each needs beside its type. */
typedef void convert(struct binder *binder, const struct node *node, const struct schema_key *row,
		     const struct node *parent);

static void add_text(struct binder *binder, const struct node *node, const struct schema_key *row,
		     const struct node *parent)
{
	(void)parent;
	settings_add(binder, node, row, row->setting, node->text);
}

static void add_each(struct binder *binder, const struct node *node, const struct schema_key *row,
		     const struct node *parent)
{
	(void)parent;
	for (const struct node *item = node->first; item; item = item->next)
		settings_add(binder, item, row, row->setting, item->text);
}

/* A shell's quotes around each word, for split_words. */
static void add_words(struct binder *binder, const struct node *node, const struct schema_key *row,
		      const struct node *parent)
{
	static char text[TEXT_MAX];
	size_t used = 0;
	(void)parent;
	text[0] = 0;
	if (node->kind == NODE_NULL)
		return;
	for (const struct node *word = node->first; word; word = word->next) {
		if (used + 4 * strlen(word->text) + 4 > sizeof text) {
			settings_refuse(binder, node, "the command is too long");
			return;
		}
		used += (size_t)snprintf(text + used, sizeof text - used, "%s'", used ? " " : "");
		for (const char *c = word->text; *c; c++)
			used += (size_t)snprintf(text + used, sizeof text - used,
						 *c == '\'' ? "'\\''" : "%c", *c);
		text[used++] = '\'';
		text[used] = 0;
	}
	settings_add(binder, node, row, row->setting, text);
}

static void add_pairs(struct binder *binder, const struct node *node, const struct schema_key *row,
		      const struct node *parent)
{
	static char text[TEXT_MAX];
	(void)parent;
	for (const struct node *item = node->first; item; item = item->next) {
		size_t mark = path_push(&binder->normaliser, item->key);
		int length = snprintf(text, sizeof text, "%s=%s", item->key, item->text);
		if (item->kind == NODE_NULL)
			; /* a variable that has no value anywhere is left out, as Compose does */
		else if ((size_t)length >= sizeof text)
			settings_refuse(binder, item, "the value is too long");
		else
			settings_add(binder, item, row, row->setting, text);
		path_pop(&binder->normaliser, mark);
	}
}

static void add_bool(struct binder *binder, const struct node *node, const struct schema_key *row,
		     const struct node *parent)
{
	(void)parent;
	settings_add(binder, node, row, row->setting, node->integer ? "true" : "false");
}

/* ulimits: {nofile: {soft: 1, hard: 2}, core: -1}. */
static void add_ulimits(struct binder *binder, const struct node *node, const struct schema_key *row,
			const struct node *parent)
{
	char text[100];
	(void)parent;
	for (const struct node *item = node->first; item; item = item->next) {
		const struct node *soft = node_get(item, "soft"), *hard = node_get(item, "hard");
		snprintf(text, sizeof text, "%.40s=%lld:%lld", item->key,
			 (long long)(soft ? soft->integer : item->integer),
			 (long long)(hard ? hard->integer : item->integer));
		settings_add(binder, item, row, row->setting, text);
	}
}

static void add_number(struct binder *binder, const struct node *node, const struct schema_key *row,
		       const struct node *parent)
{
	char text[40];
	(void)parent;
	if (node->kind == NODE_FLOAT)
		snprintf(text, sizeof text, "%.3f", node->number);
	else
		snprintf(text, sizeof text, "%lld",
			 (long long)(row->low == -1 && node->integer < 0 ? 0 : node->integer));
	settings_add(binder, node, row, row->setting, text);
}

/* cpu_quota: microseconds in each cpu_period, as kernels count. */
static void add_quota(struct binder *binder, const struct node *node, const struct schema_key *row,
		      const struct node *parent)
{
	enum { PERIOD_STANDARD = 100000 };
	const struct node *period = node_get(parent, "cpu_period");
	char text[40];
	if (node_get(parent, "cpus")) {
		settings_refuse(binder, node, "cpus says how much CPU it has: leave one of the two out");
		return;
	}
	if (node->integer <= 0)
		return;
	snprintf(text, sizeof text, "%.3f",
		 (double)node->integer / (period ? (double)period->integer : PERIOD_STANDARD));
	settings_add(binder, node, row, row->setting, text);
}

/* Whole seconds, rounded up: a time that is meant is never shortened. */
static void add_seconds(struct binder *binder, const struct node *node,
			const struct schema_key *row, const struct node *parent)
{
	char text[40];
	(void)parent;
	snprintf(text, sizeof text, "%llu",
		 (unsigned long long)((duration_ns(node->text) + 999999999) / 1000000000));
	settings_add(binder, node, row, row->setting, text);
}

static void add_milliseconds(struct binder *binder, const struct node *node,
			     const struct schema_key *row, const struct node *parent)
{
	char text[40];
	(void)parent;
	snprintf(text, sizeof text, "%llums",
		 (unsigned long long)((duration_ns(node->text) + 999999) / 1000000));
	settings_add(binder, node, row, row->setting, text);
}

/* healthcheck: {test: …, disable: true}: the latter wins. */
static void add_health_test(struct binder *binder, const struct node *node,
			    const struct schema_key *row, const struct node *parent)
{
	const struct node *disable = node_get(parent, "disable");
	bool disabled = disable && disable->integer;
	if (node == disable && disabled)
		settings_add(binder, node, row, row->setting, "NONE");
	else if (node != disable && !disabled)
		add_words(binder, node, row, parent);
}

/* blkio_config: {device_read_bps: [{path: /dev/vda, rate: 1m}]}. */
static void add_rates(struct binder *binder, const struct node *node, const struct schema_key *row,
		      const struct node *parent)
{
	char text[400];
	(void)parent;
	for (const struct node *item = node->first; item; item = item->next) {
		snprintf(text, sizeof text, "%.300s:%.40s", node_get_text(item, "path"),
			 node_get_text(item, "rate"));
		settings_add(binder, item, row, row->setting, text);
	}
}

static void add_network_mode(struct binder *binder, const struct node *node,
			     const struct schema_key *row, const struct node *parent)
{
	(void)parent;
	const char *service = settings_shared(binder, node);
	if (service)
		settings_add(binder, node, row, "service.network-of", service);
	else
		settings_add(binder, node, row, row->setting,
			     strcmp(node->text, "default") == 0 ? "bridge" : node->text);
}

static void add_pull_policy(struct binder *binder, const struct node *node,
			    const struct schema_key *row, const struct node *parent)
{
	(void)parent;
	if (strcmp(node->text, "build") == 0)
		settings_refuse(binder, node,
				"images are not built in a machine: build it elsewhere, and write missing, "
				"always or never");
	else
		settings_add(binder, node, row,
			     binder->several && strcmp(row->name, "pull_policy") == 0
				     ? "service.pull-policy"
				     : row->setting,
			     strcmp(node->text, "if_not_present") == 0 ? "missing" : node->text);
}

/* `restart` of the service wins over deploy.restart_policy. */
static void add_restart(struct binder *binder, const struct node *node,
			const struct schema_key *row, const struct node *parent)
{
	char text[40] = "always";
	const char *condition = node_get_text(node, "condition");
	const struct node *attempts = node_get(node, "max_attempts");
	if (node->kind == NODE_TEXT) {
		add_text(binder, node, row, parent);
		return;
	}
	for (const struct node *member = node->first; member; member = member->next) {
		const struct schema_key *below = schema_find(row->members, member->key);
		if (below && below->setting)
			add_milliseconds(binder, member, below, node);
	}
	if (condition && strcmp(condition, "none") == 0)
		strcpy(text, "no");
	else if (condition && strcmp(condition, "on-failure") == 0 && attempts)
		snprintf(text, sizeof text, "on-failure:%lld", (long long)attempts->integer);
	else if (condition && strcmp(condition, "on-failure") == 0)
		strcpy(text, "on-failure");
	else if (attempts)
		settings_refuse(binder, attempts, "only on-failure has a number of attempts");
	settings_add(binder, node, row, row->setting, text);
}

/* registries: {HOST: {insecure: true, connect: ADDRESS}}. */
static void add_insecure(struct binder *binder, const struct node *node,
			 const struct schema_key *row, const struct node *parent)
{
	if (node->integer)
		settings_add(binder, node, row, row->setting, parent->key);
}

static void add_connect(struct binder *binder, const struct node *node,
			const struct schema_key *row, const struct node *parent)
{
	char text[600];
	snprintf(text, sizeof text, "%.250s=%.300s", parent->key, node->text);
	settings_add(binder, node, row, row->setting, text);
}

static convert *convert_of(const struct schema_key *row)
{
	static const struct {
		const char *setting;
		convert *convert;
	} own[] = {
		{"berth.port", settings_ports},
		{"berth.device", settings_devices},
		{"berth.pid", settings_share},
		{"berth.ipc", settings_share},
		{"berth.uts", settings_share},
		{"berth.cgroup", settings_share},
		{"berth.privileged", settings_privileged},
		{"berth.security-opt", settings_security},
		{"berth.ulimit", add_ulimits},
		{"berth.device-read-bps", add_rates},
		{"berth.device-write-bps", add_rates},
		{"berth.device-read-iops", add_rates},
		{"berth.device-write-iops", add_rates},
		{"berth.network", add_network_mode},
		{"berth.health.test", add_health_test},
		{"berth.health.interval", add_milliseconds},
		{"berth.health.timeout", add_milliseconds},
		{"berth.health.start-period", add_milliseconds},
		{"berth.health.start-interval", add_milliseconds},
		{"berth.health.delay", add_milliseconds},
		{"berth.restart", add_restart},
		{"berth.registry.insecure", add_insecure},
		{"berth.registry.connect", add_connect},
		{"berth.pull.policy", add_pull_policy},
		{"ip", settings_machine_network},
		{"berth.data", settings_data_disk},
	};
	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		if (strcmp(own[i].setting, row->setting) == 0)
			return own[i].convert;
	if (strcmp(row->name, "cpu_quota") == 0)
		return add_quota;
	switch (row->type) {
	case SCHEMA_WORDS:
		return add_words;
	case SCHEMA_PAIRS:
		return add_pairs;
	case SCHEMA_BOOL:
		return add_bool;
	case SCHEMA_INTEGER:
	case SCHEMA_NUMBER:
		return add_number;
	case SCHEMA_DURATION:
		return add_seconds;
	case SCHEMA_TEXTS:
	case SCHEMA_TEXT_OR_TEXTS:
		return add_each;
	default:
		return add_text;
	}
}

void settings_value(struct binder *binder, const struct node *node, const struct schema_key *row,
		    const struct node *parent)
{
	convert_of(row)(binder, node, row, parent);
}
