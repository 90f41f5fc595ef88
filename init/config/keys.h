// SPDX-License-Identifier: Apache-2.0
/* The table of configuration keys: parsed, checked and documented from the same rows. */
#ifndef BERTH_INIT_CONFIG_KEYS_H
#define BERTH_INIT_CONFIG_KEYS_H

#include "init/config/machine.h"

#include <stdbool.h>
#include <stddef.h>

enum key_flag {
	KEY_REPEATS = 1,   /* may be given several times; otherwise twice is an error */
	KEY_CONTAINER = 2, /* is about a container and not about the machine */
};

struct config_key {
	const char *name;     /* "berth.image" */
	unsigned flags;       /* a set of enum key_flag */
	const char *value;    /* what the value looks like, for the documentation */
	const char *standard; /* what holds when the key is absent */
	const char *help;
	int (*apply)(struct machine *machine, const char *value, struct error *err);
};

enum { CONFIG_KEYS_MAX = 160 };

extern const struct config_key config_keys[];
extern const size_t config_key_count;

/* What only a document says, in the same form; their names begin with "service." or "machine.". */
extern const struct config_key service_keys[];
extern const size_t service_key_count;
/* A key of either table, or NULL. */
const struct config_key *setting_key_find(const char *name);

/* The row of `name`, or NULL. */
const struct config_key *config_key_find(const char *name);
/* The nearest known name, or NULL when none is near. */
const char *config_key_suggest(const char *name);

/* Value parsers that other sources share. */
int parse_size(const char *text, uint64_t *out, struct error *err);   /* "128M", powers of 1,024 */
/* A whole number of seconds, at most `most`. */
int parse_duration(const char *text, uint64_t most, uint64_t *out, struct error *err);
/* "500ms", "30s", "1m", "2h", or seconds alone. */
int parse_milliseconds(const char *text, uint64_t most, uint64_t *out, struct error *err);
int parse_cpus(const char *text, uint64_t *millis, struct error *err); /* "1.5" */
int parse_restart(const char *text, enum restart_policy *policy, unsigned *max,
		  struct error *err);
/* The index of `text` among the names, which NULL ends; or -1 with an error that lists them. */
int parse_choice(const char *text, const char *const *names, struct error *err);
/* A copy that lives as long as the description. */
int keep_text(struct machine *machine, const char *text, const char **out, struct error *err);

#endif
