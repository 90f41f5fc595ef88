// SPDX-License-Identifier: Apache-2.0
/* `logging` of a service: Docker's drivers and their options. */
#include "init/config/document/settings.h"

#include <string.h>

enum outcome { SETS, NO_EFFECT, REFUSED };

/* It would put TLS, its keys and its clock into one more process of the machine. */
static const char tls[] = "syslog is spoken by UDP and TCP: for TLS let a service pass it on, whose port is published "
			  "at 127.0.0.1, and name that as syslog-address";

static const struct log_option {
	const char *name, *driver; /* NULL: of any */
	enum outcome outcome;
	const char *key; /* of the command line, or why it is refused */
} log_options[] = {
	{"max-size", "json-file", SETS, "berth.log.max-size"},
	{"max-file", "json-file", SETS, "berth.log.max-file"},
	{"max-size", "local", SETS, "berth.log.max-size"},
	{"max-file", "local", SETS, "berth.log.max-file"},
	{"syslog-address", "syslog", SETS, "berth.log.syslog"},
	{"syslog-facility", "syslog", SETS, "berth.log.facility"},
	{"tag", "syslog", SETS, "berth.log.tag"},
	{"max-buffer-size", NULL, NO_EFFECT, NULL},
	{"labels", NULL, REFUSED, "labels are not kept with the lines"},
	{"labels-regex", NULL, REFUSED, "labels are not kept with the lines"},
	{"env", NULL, REFUSED, "variables are not kept with the lines"},
	{"env-regex", NULL, REFUSED, "variables are not kept with the lines"},
	{"syslog-tls-ca-cert", "syslog", REFUSED, tls},
	{"syslog-tls-cert", "syslog", REFUSED, tls},
	{"syslog-tls-key", "syslog", REFUSED, tls},
	{"syslog-tls-skip-verify", "syslog", REFUSED, tls},
};

static const struct log_option *find_option(const char *driver, const char *name)
{
	for (size_t i = 0; i < sizeof log_options / sizeof *log_options; i++)
		if (strcmp(log_options[i].name, name) == 0 &&
		    (!log_options[i].driver || strcmp(log_options[i].driver, driver) == 0))
			return &log_options[i];
	return NULL;
}

/* Options one of whose values is what the machine does anyway. True: that was it. */
static bool take_fixed(struct binder *binder, const struct node *option)
{
	static const struct {
		const char *name, *value, *other, *why;
	} fixed[] = {
		{"mode", "non-blocking", NULL,
		 "a container never waits for its output to be kept: only non-blocking"},
		{"compress", "false", NULL, "files are not compressed"},
		{"syslog-format", "rfc5424", "rfc5424micro", "the format is that of RFC 5424"},
		{"tag", "{{.Name}}", NULL, NULL},
	};
	for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++) {
		if (strcmp(fixed[i].name, option->key) != 0)
			continue;
		bool same = strcmp(option->text, fixed[i].value) == 0 ||
			    (fixed[i].other && strcmp(option->text, fixed[i].other) == 0);
		if (!same && fixed[i].why)
			settings_refuse(binder, option, fixed[i].why);
		return same || fixed[i].why;
	}
	return false;
}

static void bind_option(struct binder *binder, const char *driver, const struct node *option)
{
	const struct log_option *row = find_option(driver, option->key);
	char why[160];
	if (take_fixed(binder, option))
		return;
	if (row && row->outcome == NO_EFFECT)
		return;
	if (row && row->outcome == SETS) {
		settings_add(binder, option, NULL, row->key, option->text);
		return;
	}
	snprintf(why, sizeof why, "is no option of the driver %.40s here", driver);
	settings_refuse(binder, option, row ? row->key : why);
}

static bool is_driver(const char *name)
{
	return schema_is_choice("json-file|local|syslog|none", name);
}

void settings_logging(struct binder *binder, const struct node *logging)
{
	const struct node *driver = node_get(logging, "driver");
	const struct node *options = node_get(logging, "options");
	const char *name = driver ? driver->text : "json-file"; /* as Docker has it */
	char near[40];
	size_t mark = path_push(&binder->normaliser, "driver");
	if (is_driver(name) && (driver || (options && options->count)))
		settings_add(binder, driver ? driver : logging, NULL, "berth.log.driver", name);
	else if (driver)
		problem_add(&binder->document->problems, PROBLEM_UNSUPPORTED, driver->at, binder->normaliser.path,
			    schema_suggest_choice("json-file|local|syslog|none", name, near),
			    "output is kept by json-file, local, syslog or none");
	path_pop(&binder->normaliser, mark);
	size_t outer = path_push(&binder->normaliser, "options");
	for (const struct node *item = options && is_driver(name) ? options->first : NULL; item;
	     item = item->next) {
		mark = path_push(&binder->normaliser, item->key);
		bind_option(binder, name, item);
		path_pop(&binder->normaliser, mark);
	}
	path_pop(&binder->normaliser, outer);
}
