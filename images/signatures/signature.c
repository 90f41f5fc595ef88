// SPDX-License-Identifier: Apache-2.0
#include "images/signatures/signature.h"

#include <mbedtls/base64.h>
#include <stdio.h>
#include <string.h>

enum { SIGNATURE_SIZE_MAX = RSA_BITS_MAX / 8 };

/* The key of the rule that made the signature; NULL when none did. */
static const struct public_key *find_key(struct signature_rule *rule, const void *data, size_t size,
					 const void *signature, size_t signature_size)
{
	for (size_t i = 0; i < rule->key_count; i++)
		if (public_key_verify(&rule->keys[i], data, size, signature, signature_size))
			return &rule->keys[i];
	return NULL;
}

static const char *annotation(const struct signature_claim *claim, const char *name)
{
	for (size_t i = 0; i < claim->names.count; i++)
		if (strcmp(claim->names.items[i], name) == 0)
			return claim->values.items[i];
	return NULL;
}

static bool has_identity(const struct signature_claim *claim, const struct signature_rule *rule,
			 struct error *err)
{
	struct reference stated;
	char name[SIGNATURE_SCOPE_MAX] = "";
	if (rule->any_identity)
		return true;
	if (!*claim->reference)
		return error_set(err, "it does not say for which repository it is: sign with "
				 "-a docker-reference=%.120s, or set \"identity\" to \"any\"",
				 rule->identity) == 0;
	if (reference_parse(claim->reference, &stated, NULL) == 0)
		signature_repository(&stated, name);
	if (strcmp(name, rule->identity) == 0)
		return true;
	return error_set(err, "it is for the repository %.120s, not for %.120s", claim->reference,
			 rule->identity) == 0;
}

static bool has_annotations(const struct signature_claim *claim, const struct signature_rule *rule,
			    struct error *err)
{
	for (size_t i = 0; i < rule->names.count; i++) {
		const char *name = rule->names.items[i], *wanted = rule->values.items[i];
		const char *stated = annotation(claim, name);
		if (stated && strcmp(stated, wanted) == 0)
			continue;
		if (!stated)
			return error_set(err, "the annotation %.60s=%.60s is not signed", name,
					 wanted) == 0;
		return error_set(err, "the annotation %.60s is \"%.60s\", not \"%.60s\"", name,
				 stated, wanted) == 0;
	}
	return true;
}

static enum signature_stage check_claim(const struct signature_claim *claim,
					const struct digest *subject,
					const struct signature_rule *rule, struct error *err)
{
	if (strcmp(claim->digest.text, subject->text) != 0) {
		error_set(err, "it is of another image (%s)", claim->digest.text);
		return SIGNATURE_OTHER_IMAGE;
	}
	if (!has_identity(claim, rule, err))
		return SIGNATURE_OTHER_NAME;
	return has_annotations(claim, rule, err) ? SIGNATURE_VALID : SIGNATURE_UNANNOTATED;
}

static enum signature_stage untrusted(struct error *err)
{
	error_set(err, "no key of the rule made it, or it was changed");
	return SIGNATURE_UNTRUSTED;
}

static enum signature_stage check_payload(const struct signature *signature,
					  const struct digest *subject,
					  struct signature_rule *rule, struct arena *arena,
					  const struct public_key **key, struct error *err)
{
	unsigned char bytes[SIGNATURE_SIZE_MAX];
	struct signature_claim claim;
	size_t size = 0;
	if (mbedtls_base64_decode(bytes, sizeof bytes, &size, (const unsigned char *)signature->text,
				  strlen(signature->text)) != 0) {
		error_set(err, "it is not valid base64 of at most %d bytes", SIGNATURE_SIZE_MAX);
		return SIGNATURE_UNREAD;
	}
	*key = find_key(rule, signature->body, signature->size, bytes, size);
	if (!*key)
		return untrusted(err);
	if (signature_payload_parse(signature->body, signature->size, arena, &claim, err) < 0)
		return SIGNATURE_OTHER_IMAGE;
	return check_claim(&claim, subject, rule, err);
}

static enum signature_stage check_bundle(const struct signature *signature,
					 const struct digest *subject, struct signature_rule *rule,
					 struct arena *arena, const struct public_key **key,
					 struct error *err)
{
	struct signature_envelope envelope;
	struct signature_claim claim;
	if (signature_bundle_parse(signature->body, signature->size, arena, &envelope, err) < 0)
		return SIGNATURE_UNREAD;
	*key = find_key(rule, envelope.signed_bytes, envelope.signed_size, envelope.signature,
			envelope.signature_size);
	if (!*key)
		return untrusted(err);
	if (signature_statement_parse(envelope.statement, envelope.statement_size, arena, &claim,
				      err) < 0)
		return SIGNATURE_OTHER_IMAGE;
	return check_claim(&claim, subject, rule, err);
}

enum signature_stage signature_check(const struct signature *signature,
				     const struct digest *subject, struct signature_rule *rule,
				     struct arena *scratch, const struct public_key **key,
				     struct error *err)
{
	struct arena arena = *scratch;
	*key = NULL;
	return signature->form == SIGNATURE_BUNDLE
		       ? check_bundle(signature, subject, rule, &arena, key, err)
		       : check_payload(signature, subject, rule, &arena, key, err);
}
