// SPDX-License-Identifier: Apache-2.0
/*
 * Which images must be signed: the member "signatures" of the image settings (images/settings.h).
 * Its members are scopes: "default", a registry, or a registry and the beginning of a repository
 * in whole components; the longest that fits an image is its rule.
 *
 *   {"signatures": {
 *      "default": {"policy": "reject"},
 *      "docker.io/library": {"policy": "accept"},
 *      "registry.example/team": {
 *        "policy": "require",
 *        "keys": ["-----BEGIN PUBLIC KEY-----\n…"],
 *        "identity": "origin.example/team",
 *        "annotations": {"stage": "production"}}}}
 */
#ifndef BERTH_IMAGES_SIGNATURES_SIGNATURE_POLICY_H
#define BERTH_IMAGES_SIGNATURES_SIGNATURE_POLICY_H

#include "images/reference.h"
#include "images/settings.h"
#include "images/signatures/public_key.h"

enum {
	SIGNATURE_RULES_MAX = 256,
	SIGNATURE_KEYS_MAX = 16,
	SIGNATURE_ANNOTATIONS_MAX = 32,
	SIGNATURE_SCOPE_MAX = 2 * REFERENCE_NAME_MAX,
};

enum signature_action { SIGNATURE_ACCEPT, SIGNATURE_REQUIRE, SIGNATURE_REJECT };

/* The rule for one image. */
struct signature_rule {
	char scope[SIGNATURE_SCOPE_MAX]; /* as it is written; "" when no rule fits */
	enum signature_action action;
	struct public_key keys[SIGNATURE_KEYS_MAX]; /* any one of them suffices */
	size_t key_count;
	bool any_identity;
	/* The repository that a signature must name, "docker.io/library/nginx". */
	char identity[SIGNATURE_SCOPE_MAX];
	struct string_list names, values; /* annotations that must be signed too */
};

/* Finds the rule for `reference`; without one every image is accepted. A mistake in any rule is an
 * error. Lists live in `arena`. Release with signature_rule_close, also after failure. */
int signature_rule_find(const struct settings_file *settings, const struct reference *reference,
			struct arena *arena, struct signature_rule *out, struct error *err);
/* The repository as rules and identities name it, "docker.io/library/nginx", whichever way its registry
 * is spelled: no spelling may lead around a rule. */
void signature_repository(const struct reference *reference, char out[SIGNATURE_SCOPE_MAX]);
void signature_rule_close(struct signature_rule *rule);

#endif
