// SPDX-License-Identifier: Apache-2.0
/*
 * Image references in Docker's notation: [REGISTRY[:PORT]/]REPOSITORY[:TAG][@DIGEST]. Without a
 * registry it is docker.io, with `library/` before a single name; without tag and digest it is
 * `latest`.
 */
#ifndef BERTH_IMAGES_REFERENCE_H
#define BERTH_IMAGES_REFERENCE_H

#include "images/digest.h"
#include "lib/error.h"

enum {
	REFERENCE_NAME_MAX = 255 + 1, /* registry and repository together, as the registries limit it */
	REFERENCE_TAG_MAX = 128 + 1,
	REFERENCE_TEXT_MAX = 2 * REFERENCE_NAME_MAX + REFERENCE_TAG_MAX + DIGEST_TEXT + 4,
};

struct reference {
	char registry[REFERENCE_NAME_MAX];   /* "docker.io", "localhost:5000", "[::1]:5000" */
	char repository[REFERENCE_NAME_MAX]; /* "library/nginx" */
	char tag[REFERENCE_TAG_MAX];         /* "" when only a digest was given */
	struct digest digest;                /* text is "" when none was given; wins over the tag */
};

/* Parses and fills in the defaults. Errors quote the reference and say which part is wrong. */
int reference_parse(const char *text, struct reference *out, struct error *err);
/* The normalised form, "docker.io/library/nginx:latest"; out has REFERENCE_TEXT_MAX bytes. */
void reference_format(const struct reference *reference, char *out);
/* What follows /manifests/ in a request: the digest when there is one, else the tag. */
const char *reference_target(const struct reference *reference);

#endif
