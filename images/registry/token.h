// SPDX-License-Identifier: Apache-2.0
/* Token services (distribution's token specification, and its OAuth2 form). */
#ifndef BERTH_IMAGES_REGISTRY_TOKEN_H
#define BERTH_IMAGES_REGISTRY_TOKEN_H

#include "images/registry/auth.h"

enum { TOKEN_LIFETIME_DEFAULT_S = 60 }; /* when the service does not say */

struct token_request {
	const struct auth_request *auth;
	const struct challenge *challenge;
	const struct credentials *credentials; /* NULL: anonymous */
};

/* Fetches a token for the challenge: with GET, or with POST for an identity token and from services
 * that do not know GET. Results as those of auth_answer(). */
int token_fetch(const struct token_request *request, char *authorization, unsigned *lifetime,
		struct error *err);
/* Reads a service's answer. */
int token_parse(const char *body, size_t size, char *authorization, unsigned *lifetime,
		struct error *err);
/* REALM?service=…&scope=…&scope=…, with out[HTTP_URL_MAX]; one scope each for the words of `scope`. */
int token_query(const struct challenge *challenge, const char *scope, char *out, struct error *err);

#endif
