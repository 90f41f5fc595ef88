// SPDX-License-Identifier: Apache-2.0
/*
 * A machine's document: Compose YAML or JSON, with the machine's own settings under x-berth. Read,
 * checked, brought into one normal form with the place of every value, and mapped onto settings.
 * For confined workers and the workstation; PID 1 only takes the settings.
 */
#ifndef BERTH_INIT_CONFIG_DOCUMENT_DOCUMENT_H
#define BERTH_INIT_CONFIG_DOCUMENT_DOCUMENT_H

#include "init/config/document/interpolate.h"
#include "init/config/document/problem.h"

#include <sys/types.h>

/* A value of the normal form; `place` is "" for one that is made up. */
typedef void document_value(void *context, const char *key, const char *value, const char *place);

enum {
	DOCUMENT_MEMORY = 16 * 1024 * 1024,
	DOCUMENT_BYTES_MAX = 512 * 1024, /* of one layer */
	SETTINGS_MAX = 4096,
};

struct document_layer {
	const char *name; /* for messages and sources: "compose.yaml", "fw_cfg" */
	const char *text;
	size_t size;
	bool untrusted; /* it must not take away what an earlier one says of the machine */
};

struct document_options {
	struct variables variables; /* for ${NAME} */
	/* Reads a file that the document names into out, NUL-terminated: the length or -1. `layer`
	 * is the position's file of whoever names it. NULL: it may name none. */
	ssize_t (*read_file)(void *context, unsigned layer, const char *path, char *out,
			     size_t capacity, struct error *err);
	/* The value of an external one of "secrets" or "configs", likewise; `layers` has a bit for each file
	 * that says something of it. NULL: the machine will find it. */
	ssize_t (*read_external)(void *context, uint32_t layers, const char *kind, const char *name,
				 char *out, size_t capacity, struct error *err);
	void *context;
	const char *folder; /* that relative paths start from; NULL: there are none */
	const struct string_list *profiles; /* that are asked for, or NULL; "*" is all */
	bool kept; /* the machine is known to have a data disk */
};

struct machine_document {
	struct arena arena;
	struct node_pool pool;
	struct node *root; /* the normal form; NULL after a failure */
	struct problems problems;
	struct document_options options;          /* as it was read with */
	const char *folders[DOCUMENT_LAYERS_MAX]; /* of the files that it includes; else NULL */
};

/* Reads up to DOCUMENT_LAYERS_MAX documents, of which later ones override earlier ones. The names
 * of the layers are borrowed. All memory is in `block`, which the caller keeps; DOCUMENT_MEMORY
 * suffices. -1 when there is a mistake in them: document->problems names each. Warnings can be
 * there also after success. */
int document_read(struct machine_document *document, void *block, size_t size,
		  const struct document_layer *layers, size_t count,
		  const struct document_options *options);

/* One step of setting the machine up: what the kernel command line would say. */
struct setting {
	const char *key; /* "berth.image" */
	const char *value;
	const char *path; /* "services.web.image" */
	struct position at;
	bool dangerous;   /* only for sources that are trusted with it */
	uint32_t layers;  /* a bit for each file that the value is made from */
	unsigned service; /* the number of the one it is about; the machine's own have 0 */
};

struct setting_list {
	size_t count;
	struct setting items[SETTINGS_MAX];
};

/* The settings that a document that was read stands for, in the order of their use. What this
 * version of the machine cannot do is added to document->problems (PROBLEM_UNSUPPORTED), and -1
 * returned. */
int document_settings(struct machine_document *document, struct setting_list *out);

/* Where a value came from, "compose.yaml:12:5". */
const char *document_place(const struct machine_document *document, struct position at,
			   char out[160]);

/* The normal form on one file: JSON, or YAML with the source of each value behind it. */
void document_print_json(const struct node *root, FILE *out);
void document_print_yaml(const struct machine_document *document, FILE *out);
/* For a machine, as one of its sources: JSON in one line that reads as the same description without
 * variables, files and profiles. */
void document_print_machine(const struct node *root, FILE *out);
/* Each scalar of the normal form, in its order; what is secret has "…" as its value. */
void document_each_value(const struct machine_document *document, document_value *value,
			 void *context);
/* "KEY = VALUE" and source of every scalar, as JSON lines in one array. */
void document_print_sources(const struct machine_document *document, FILE *out);

#endif
