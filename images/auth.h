// SPDX-License-Identifier: Apache-2.0
/*
 * Proving who we are to a registry: Basic, and Bearer tokens from a token service (distribution's
 * token and OAuth2 specifications), with credentials from a Docker config.json.
 */
#ifndef BERTH_IMAGES_AUTH_H
#define BERTH_IMAGES_AUTH_H

#include "images/challenge.h"
#include "images/http.h"
#include "images/reference.h"

enum {
	CREDENTIALS_FILE_MAX = 256 * 1024,
	CREDENTIAL_MAX = 4096,
	AUTHORIZATION_MAX = 16 * 1024, /* "Bearer " and the token */
};

struct credentials {
	char user[CREDENTIAL_MAX];
	char password[CREDENTIAL_MAX];
	char identity_token[CREDENTIAL_MAX]; /* "" when there is none */
};

/* Finds the entry of a config.json ("auths") for a reference: by registry, or by registry and the
 * start of the repository's path, the longest match first. 1: found; 0: none; -1: broken file. */
int credentials_find(const char *json, size_t size, const struct reference *reference,
		     struct credentials *out, struct error *err);

/* Answers the challenges of a 401: fills authorization[AUTHORIZATION_MAX] with the header's value,
 * fetching a token where one is asked for. `credentials` may be NULL. `origin_url` is an address of
 * the registry that asked; a registry marked insecure gets the password only for a token service
 * on its own host or on one that the user has listed as well. */
int auth_answer(struct http *http, const struct http_settings *settings, const char *origin_url,
		const char *challenges, const struct credentials *credentials,
		const struct reference *reference, char *authorization, struct error *err);

#endif
