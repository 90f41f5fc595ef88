// SPDX-License-Identifier: Apache-2.0
/* The options of `docker run`: what each does with the service of the document, or why it is refused. */
#ifndef BERTH_INIT_CONFIG_DOCUMENT_DOCKER_OPTIONS_H
#define BERTH_INIT_CONFIG_DOCUMENT_DOCKER_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>


enum docker_shape {
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

struct docker_option {
	const char *name;
	char letter;
	enum docker_shape shape;
	const char *key; /* below the service; or why it is refused */
};

/* That of a letter, or with 0 the one whose name is the `length` bytes at `name`; or NULL. */
const struct docker_option *docker_option_find(const char *name, size_t length, char letter);
/* Whether a value follows, in the same word or in the next. */
bool docker_option_takes_value(const struct docker_option *option);
/* The nearest known name, or NULL when none is near. */
const char *docker_option_suggest(const char *name);

#endif
