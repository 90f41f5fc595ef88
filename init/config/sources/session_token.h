// SPDX-License-Identifier: Apache-2.0
/* Services that want a token for a session first, as EC2's second version began it. */
#ifndef BERTH_INIT_CONFIG_SOURCES_SESSION_TOKEN_H
#define BERTH_INIT_CONFIG_SOURCES_SESSION_TOKEN_H

#include "init/config/sources/metadata.h"

struct session_token {
	char header[METADATA_TEXT + 64]; /* for the questions that follow; "" without a token */
};

/* PUTs to `url` with `lifetime` and, if not NULL, `accept` ("Name: value"); the answer goes behind
 * `name` into token->header. 1: taken; 0: there is no such thing there (404); -1: err. */
int session_token_get(struct config_search *search, const char *url, const char *lifetime,
		      const char *accept, const char *name, struct session_token *token,
		      struct error *err);

#endif
