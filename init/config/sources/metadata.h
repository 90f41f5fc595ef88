// SPDX-License-Identifier: Apache-2.0
/* Asking a cloud's metadata service. */
#ifndef BERTH_INIT_CONFIG_SOURCES_METADATA_H
#define BERTH_INIT_CONFIG_SOURCES_METADATA_H

#include "init/config/sources/source.h"

/* Where nearly all of them are. */
#define METADATA_HOST "http://169.254.169.254"

enum { METADATA_HEADERS_MAX = 4, METADATA_TEXT = 1024 };

struct metadata_question {
	const char *url;
	const char *method;                        /* NULL: GET, or POST with a body */
	const char *headers[METADATA_HEADERS_MAX]; /* "Name: value", ends with NULL */
	const char *body;
	bool low_port;
};

/* Asks; waits and asks again while nobody answers, until the deadline. Returns the HTTP
 * status and the body in out[capacity], NUL-terminated; -1 when there is no use in asking again. */
long metadata_ask(struct config_search *search, const struct metadata_question *question, char *out,
		  size_t capacity, size_t *size, struct error *err);

/* A small text that must be there, such as a token; blanks at its end are dropped. */
int metadata_text(struct config_search *search, const struct metadata_question *question,
		  char out[METADATA_TEXT], struct error *err);
/* The document: FOUND for 200 with a body, NOTHING for 404 and an empty body, else FAILED. */
enum config_outcome metadata_document(struct config_search *search,
				      const struct metadata_question *question,
				      struct config_answer *answer, struct error *err);
/* The host name, if that answers; errors do not count. */
void metadata_hostname(struct config_search *search, const struct metadata_question *question,
		       struct config_answer *answer);

/* Whether two texts are the same, capitals aside. */
bool metadata_is(const char *text, const char *wanted);

#endif
