// SPDX-License-Identifier: Apache-2.0
/*
 * The configuration worker: asks sources one after the other until one has a document, or all that were
 * asked for, makes the machine's description of it, and sends that to PID 1. It opens files and devices first, then
 * confines itself, and only then looks at bytes from outside.
 */
#ifndef BERTH_INIT_CONFIG_SEARCH_H
#define BERTH_INIT_CONFIG_SEARCH_H

#include "init/config/document/document.h"
#include "init/config/machine.h"
#include "init/config/sources/source.h"
#include "lib/frame.h"

enum { CONFIG_SOURCES_MAX = 24 };

/* Bytes of what is told of a value, NULs included; longer ones are cut. */
enum { CONFIG_KEY_MAX = 200, CONFIG_VALUE_MAX = 400, CONFIG_PLACE_MAX = 160 };

/* Frames from the worker. */
enum {
	CONFIG_TRIED = 1, /* name, in which words it has no document */
	CONFIG_PROBLEM,   /* one line: something is wrong with the document */
	CONFIG_REFUSED,   /* name, why the document that was found cannot be used; the last frame */
	CONFIG_RESULT,    /* name, place, bytes, the machine (machine_codec.h) */
	CONFIG_VALUES,    /* key, value, place, and so on, before the result: docs/report.md, config */
	CONFIG_NOTE,      /* one line for the console: a warning */
};

struct config_job {
	struct config_choice choices[CONFIG_SOURCES_MAX];
	size_t count;
	bool local; /* all of them are */
	bool all;   /* each has a part of the description; otherwise the first document is it */
	struct config_search *search;
	const struct machine *machine; /* as the command line describes it */
	const char *line;              /* the command line itself: its keys win over the document */
};

/* In a child that PID 1 has forked for it. Frames go to `fd`. */
_Noreturn void config_job_run(struct config_job *job, int fd);

/* One document. */
struct config_text {
	const char *text;
	size_t size;
	const char *name;   /* for messages */
	const char *source; /* the name of the source */
	enum config_trust trust;
	int folder; /* that it lies in with other files, or -1 */
};

struct external_values;

/* Documents, of which later ones override earlier ones. */
struct config_texts {
	const struct config_text *items;
	size_t count;
	enum config_trust least;
	const char *hostname; /* when nobody says one; or "" */
	const struct string_list *profiles;
	/* On the workstation, in the place of the machine's files below CARRIED_FOLDER; or NULL. */
	ssize_t (*read_carried)(const void *carried, const char *path, char *out, size_t capacity,
				struct error *err);
	const void *carried;
	const struct external_values *external; /* of the firmware, or NULL */
};

struct config_listener {
	/* A line: of what the document cannot be used for, or a warning. */
	void (*problem)(void *context, bool is_warning, const char *line);
	document_value *value; /* of the whole, once it is good; may be NULL */
	void *context;
};

/* The description that the documents and, over them, the command line make. 0, or -1 with err
 * filled. */
int config_describe(const struct config_texts *texts, const char *line, struct machine *out,
		    const struct config_listener *listener, struct error *err);

#endif
