// SPDX-License-Identifier: Apache-2.0
/* What the readers of the parts of a `docker run …` share (docker_run.c, docker_words.c,
 * docker_values.c, docker_network.c). */
#ifndef BERTH_INIT_CONFIG_DOCUMENT_DOCKER_RUN_H
#define BERTH_INIT_CONFIG_DOCUMENT_DOCKER_RUN_H

#include "init/config/document/docker_options.h"
#include "init/config/document/normalise.h"

struct docker_run {
	struct normaliser *normaliser;
	const char *at, *line_start;
	struct position place; /* of the last word */
	unsigned line;
	struct node *service, *root;
	struct node *network;       /* the attachment to a network with a name, or NULL */
	struct position aliased;    /* where an alias was given */
	long long quota, period;    /* of the CPU's time, in microseconds; 0: not said */
};

/* docker_words.c: goes to what stands behind "docker run" in a text that begins with it. */
void docker_skip_head(struct docker_run *run);
/* The next word without its quotes, or NULL at the end or after a problem. */
const char *docker_next_word(struct docker_run *run);

/* docker_values.c: an item of a list, or a member of a map, where the last one counts. Returns the value,
 * or NULL, reported, when there was no room for it. */
struct node *docker_add(struct docker_run *run, struct node *parent, const char *key,
			struct node *value);
/* The list below a map, made when it is not there; or NULL, reported. */
struct node *docker_list(struct docker_run *run, struct node *parent, const char *name);
/* Does what an option that is not refused says, with its value. */
void docker_apply(struct docker_run *run, const struct docker_option *option, const char *value);

/* docker_network.c: --network: a mode, a name, or name=NAME,alias=…. */
void docker_set_network(struct docker_run *run, const char *value);
/* Aliases are of the last network; without one of its own there is nobody who would ask for them. */
void docker_move_aliases(struct docker_run *run);

#endif
