// SPDX-License-Identifier: Apache-2.0
/* The WWW-Authenticate header (RFC 9110, section 11; distribution's token specification). */
#ifndef BERTH_IMAGES_REGISTRY_CHALLENGE_H
#define BERTH_IMAGES_REGISTRY_CHALLENGE_H

#include "lib/error.h"

#include <stddef.h>

enum challenge_scheme { CHALLENGE_OTHER, CHALLENGE_BASIC, CHALLENGE_BEARER };

struct challenge {
	enum challenge_scheme scheme;
	char realm[1024]; /* Bearer: URL of the token service */
	char service[256];
	char scope[1024]; /* "repository:library/nginx:pull" */
	char error[64];   /* "insufficient_scope", … */
};

enum { CHALLENGES_MAX = 4, CHALLENGE_HEADER_MAX = 8192 };

/* Parses one or several challenges, also of several headers joined with ", ". Unknown schemes and
 * parameters are passed over; a value too long for its field or broken quoting is an error. Returns
 * how many of `out` were filled, at most CHALLENGES_MAX. */
int challenge_parse(const char *header, struct challenge out[CHALLENGES_MAX], struct error *err);

#endif
