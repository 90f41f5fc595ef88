// SPDX-License-Identifier: Apache-2.0
/*
 * Proving who we are to a registry: Basic, and Bearer tokens from a token service (distribution's
 * token and OAuth2 specifications), with credentials from a Docker config.json.
 */
#ifndef BERTH_IMAGES_REGISTRY_AUTH_H
#define BERTH_IMAGES_REGISTRY_AUTH_H

#include "images/http/http.h"
#include "images/reference.h"
#include "images/registry/challenge.h"

enum {
	CREDENTIALS_FILE_MAX = 256 * 1024,
	CREDENTIAL_MAX = 4096,
	AUTHORIZATION_MAX = 16 * 1024, /* "Bearer " and the token */
};

struct credentials {
	char user[CREDENTIAL_MAX];
	char password[CREDENTIAL_MAX];
	char identity_token[CREDENTIAL_MAX]; /* to be exchanged for tokens; "" when there is none */
	char registry_token[CREDENTIAL_MAX]; /* a token as it is; "" when there is none */
	char helper[64]; /* the program that keeps them instead ("credHelpers"), or "" */
};

/* Finds the entry of a config.json ("auths") for a reference: by registry, or by registry and the
 * start of the repository's path, the longest match first. 1: found; 0: none, and out->helper says
 * who has them; -1: broken file. */
int credentials_find(const char *json, size_t size, const struct reference *reference,
		     struct credentials *out, struct error *err);

/* Whether every entry of such a file can be read. -1: one cannot; the error names it. */
int credentials_check(const char *json, size_t size, struct error *err);

struct auth_request {
	struct http *http;
	const struct http_settings *settings;
	const char *origin_url; /* address of the registry that asked */
	const char *challenges; /* of its 401 */
	const struct credentials *credentials;
	bool has_credentials;   /* there are some for this registry */
	const struct reference *reference;
};

/* Answers the challenges of a 401: fills authorization[AUTHORIZATION_MAX] with the header's value,
 * fetching a token where one is asked for; *lifetime is what the token service says of it, in
 * seconds, 0: nothing. A registry marked insecure gets the password only for a token service on its
 * own host or on one that the user has listed as well. */
int auth_answer(const struct auth_request *request, char *authorization, unsigned *lifetime,
		struct error *err);

/* "Basic …" into out[AUTHORIZATION_MAX]. */
int auth_basic(const struct credentials *credentials, char *out, struct error *err);
/* The error that credentials are needed and missing, and why they are. */
int auth_no_credentials(const struct auth_request *request, long status, struct error *err);

#endif
