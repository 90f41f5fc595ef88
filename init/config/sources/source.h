// SPDX-License-Identifier: Apache-2.0
/*
 * Where a document may come from: one file and one row of a table for each. PID 1 asks the hints,
 * which only look; a worker opens what is there while it still may, confines itself, and fetches.
 */
#ifndef BERTH_INIT_CONFIG_SOURCES_SOURCE_H
#define BERTH_INIT_CONFIG_SOURCES_SOURCE_H

#include "images/http/http.h"
#include "init/boot/volume.h"
#include "init/config/identity.h"
#include "init/config/smbios.h"
#include "init/config/trust.h"
#include "init/config/user_data.h"
#include "lib/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { CONFIG_TARGET_MAX = 1024, CONFIG_WHERE = 160, CONFIG_HOSTNAME = 65, CONFIG_PLACE_FILES = 2, CONFIG_CHOICES_MAX = 8 };

/* What there is to look at. Texts live on. */
struct config_search {
	struct identity identity;
	const struct volumes *volumes;
	const char *target;   /* what berth.config= names, NULL when it is not given */
	const char *seed;     /* what `ds=` on the command line says, or NULL */
	const char *ca;       /* PEM text that alone may vouch for an https address, or NULL */
	const char *hostname; /* for addresses, or "" */
	const char *device;   /* network device that is up, or "" */
	char table[SMBIOS_TABLE_MAX];
	size_t table_size;    /* of the SMBIOS table, 0 without one */
	struct http *http;    /* of a worker with a network */
	uint64_t deadline_ns; /* when that is to give up, monotonic_ns(); 0: never */
};

/* What a source has opened. */
struct config_place {
	int fds[CONFIG_PLACE_FILES]; /* -1: not there */
	size_t size;                 /* of the first, when the source knows it, else 0 */
	int folder;                  /* where the document lies among other files, or -1 */
	char where[CONFIG_WHERE];
	char url[CONFIG_TARGET_MAX]; /* of a source over the network that was told an address */
};

struct config_answer {
	char bytes[USER_DATA_MAX + 1];
	size_t size;
	bool base64;                    /* the protocol says that the bytes are encoded */
	char where[CONFIG_WHERE];       /* the place, for messages: "vda (iso9660), user-data" */
	char hostname[CONFIG_HOSTNAME]; /* that the source knows beside the document, or "" */
};

enum config_outcome {
	CONFIG_FOUND,
	CONFIG_NOTHING, /* it answered that there is no document; err says in which words */
	CONFIG_FAILED,  /* err says why */
};

struct config_source {
	const char *name; /* as in berth.config=NAME */
	enum config_trust trust;
	bool local; /* needs no network */
	bool disk;  /* is a disk or a CD, which may be behind an IDE controller */
	/* For the documentation. */
	const char *place, *by, *example;
	/* Whether it may be there. Bounded, at once, nothing is parsed. NULL: only by its name. */
	bool (*hint)(const struct config_search *search);
	/* Opens files while there is privilege to do so; -1: err. NULL: nothing to open. */
	int (*open)(const struct config_search *search, struct config_place *place,
		    struct error *err);
	/* In confinement. */
	enum config_outcome (*fetch)(struct config_search *search, struct config_place *place,
				     struct config_answer *answer, struct error *err);
	/* The document is good and the machine will run it: whoever must be told is told. */
	int (*accepted)(struct config_search *search, struct error *err);
	bool low_port;       /* needs a privileged source port */
	const char *on_link; /* an address that is on the link although no route says so, or NULL */
};

/* Local ones first, in the order in which they are asked. */
extern const struct config_source *const config_sources[];
extern const size_t config_source_count;

const struct config_source *config_source_find(const char *name);
/* What berth.config= names: one source, or several, "initramfs,fw_cfg?,https://…", of which those with
 * a ? need not have a document. `address` becomes the data: or http part of it, or NULL. How many
 * there are, or -1 with err. */
struct config_choice {
	const struct config_source *source;
	bool optional;
};
int config_sources_parse(const char *target, struct config_choice *out, size_t capacity,
			 const char **address, struct error *err);
/* The nearest known name, or NULL. */
const char *config_source_suggest(const char *name);
/* Writes the table as Markdown (docs/sources.md). */
void config_sources_document(FILE *out);

/* Reads the SMBIOS table of this machine. */
void config_search_init(struct config_search *search, const struct volumes *volumes);
/* Reads its identity, which sources over the network ask for. */
void config_search_identify(struct config_search *search);

/* Fills the machine's names into an address (init/config/url_template.h). */
int config_fill_url(const struct config_search *search, const char *text, char *out,
		    size_t capacity, struct error *err);

/* The whole of the file, at most USER_DATA_MAX bytes: FOUND, or FAILED. */
enum config_outcome config_read_fd(int fd, const char *where, struct config_answer *answer,
				   struct error *err);
/* The same for a text that is there. */
enum config_outcome config_take_text(const char *text, const char *where,
				     struct config_answer *answer, struct error *err);

#endif
