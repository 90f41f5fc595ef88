// SPDX-License-Identifier: Apache-2.0
/*
 * The configuration worker: asks sources one after the other until one has a document, makes the
 * machine's description of it, and sends that to PID 1. It opens files and devices first, then
 * confines itself, and only then looks at bytes from outside.
 */
#ifndef BERTH_INIT_CONFIG_SEARCH_H
#define BERTH_INIT_CONFIG_SEARCH_H

#include "init/config/machine.h"
#include "init/config/sources/source.h"
#include "lib/frame.h"

enum { CONFIG_SOURCES_MAX = 24 };

/* Frames from the worker. */
enum {
	CONFIG_TRIED = 1, /* name, in which words it has no document */
	CONFIG_PROBLEM,   /* one line: something is wrong with the document */
	CONFIG_REFUSED,   /* name, why the document that was found cannot be used; the last frame */
	CONFIG_RESULT,    /* name, place, bytes, the machine (machine_codec.h) */
	CONFIG_NOTE,      /* one line for the console, after the result */
};

struct config_job {
	const struct config_source *sources[CONFIG_SOURCES_MAX];
	size_t count;
	bool local; /* all of them are */
	struct config_search *search;
	const struct machine *machine; /* as the command line describes it */
	const char *line;              /* the command line itself: its keys win over the document */
};

/* In a child that PID 1 has forked for it. Frames go to `fd`. */
_Noreturn void config_job_run(struct config_job *job, int fd);

/* The description that a document and, over it, the command line make. What is wrong with the
 * document goes to `problems`, a line each. 0, or -1 with err filled. */
struct config_text {
	const char *text;
	size_t size;
	const char *name;     /* of the document, for messages */
	const char *source;   /* the name of the source */
	const char *hostname; /* when neither says one; or "" */
	enum config_trust trust, least;
};

typedef void config_problem(void *context, const char *line);

int config_describe(const struct config_text *document, const char *line, struct machine *out,
		    config_problem *problem, void *context, struct error *err);

#endif
