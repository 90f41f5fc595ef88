// SPDX-License-Identifier: Apache-2.0
/* cosign's signatures against rules. */
#include "images/signatures/signature.h"

#include "images/signatures/signature_record.h"
#include "images/tests/signature_vectors.h"
#include "lib/cleanup.h"
#include "lib/tap.h"

#include <stdlib.h>
#include <unistd.h>

static struct signature_rule rule;
static struct error err;
static struct arena arena;
static const struct public_key *used;

static const struct signature p256_payload = {SIGNATURE_PAYLOAD, PAYLOAD, sizeof PAYLOAD - 1,
					      P256_SIGNATURE};
static const struct signature rsa_payload = {SIGNATURE_PAYLOAD, PAYLOAD, sizeof PAYLOAD - 1,
					     RSA_SIGNATURE};
static const struct signature p256_bundle = {SIGNATURE_BUNDLE, P256_BUNDLE, sizeof P256_BUNDLE - 1,
					     ""};
static const struct signature rsa_bundle = {SIGNATURE_BUNDLE, RSA_BUNDLE, sizeof RSA_BUNDLE - 1, ""};
static const struct signature attestation = {SIGNATURE_BUNDLE, ATTESTATION_BUNDLE,
					     sizeof ATTESTATION_BUNDLE - 1, ""};

static enum signature_stage check(const struct signature *signature, const char *digest)
{
	struct digest subject;
	err = (struct error)ERROR_INIT;
	digest_parse(digest, &subject, NULL);
	return signature_check(signature, &subject, &rule, &arena, &used, &err);
}

static void set_rule(const char *first, const char *second, const char *identity)
{
	signature_rule_close(&rule);
	rule = (struct signature_rule){.action = SIGNATURE_REQUIRE, .any_identity = !identity};
	public_key_parse(first, &rule.keys[rule.key_count++], NULL);
	if (second)
		public_key_parse(second, &rule.keys[rule.key_count++], NULL);
	snprintf(rule.identity, sizeof rule.identity, "%s", identity ? identity : "");
}

static void require(const char *name, const char *value)
{
	string_list_add(&rule.names, &arena, name, NULL);
	string_list_add(&rule.values, &arena, value, NULL);
}

#define OTHER_HEX "0000000000000000000000000000000000000000000000000000000000000000"
#define OTHER "sha256:" OTHER_HEX
#define APP "registry.example/team/app"

static void test_valid(void)
{
	set_rule(P256_PUBLIC, NULL, APP);
	ok(check(&p256_payload, SUBJECT) == SIGNATURE_VALID, "payload, P-256 %s", err.text);
	ok(used == &rule.keys[0], "the key is told");
	ok(check(&p256_bundle, SUBJECT) == SIGNATURE_VALID, "bundle, P-256 %s", err.text);
	set_rule(RSA_PUBLIC, NULL, NULL);
	ok(check(&rsa_payload, SUBJECT) == SIGNATURE_VALID, "payload, RSA %s", err.text);
	ok(check(&rsa_bundle, SUBJECT) == SIGNATURE_VALID, "bundle, RSA %s", err.text);
	set_rule(P256_PUBLIC, RSA_PUBLIC, APP);
	ok(check(&rsa_payload, SUBJECT) == SIGNATURE_VALID && used == &rule.keys[1],
	   "the second key of a rule");
	require("env", "prod");
	ok(check(&p256_payload, SUBJECT) == SIGNATURE_VALID, "payload with the annotation");
	ok(check(&p256_bundle, SUBJECT) == SIGNATURE_VALID, "bundle with the annotation");
}

static void test_refused(void)
{
	set_rule(RSA_PUBLIC, NULL, APP);
	ok(check(&p256_payload, SUBJECT) == SIGNATURE_UNTRUSTED, "payload, other key: %s", err.text);
	ok(check(&p256_bundle, SUBJECT) == SIGNATURE_UNTRUSTED, "bundle, other key: %s", err.text);
	ok(check(&rsa_bundle, SUBJECT) == SIGNATURE_OTHER_NAME, "no repository: %s", err.text);
	set_rule(P256_PUBLIC, RSA_PUBLIC, APP);
	ok(check(&p256_payload, OTHER) == SIGNATURE_OTHER_IMAGE,
	   "GHSA-whqx-f9j3-ch6m: payload of another image: %s", err.text);
	ok(check(&p256_bundle, OTHER) == SIGNATURE_OTHER_IMAGE,
	   "GHSA-whqx-f9j3-ch6m: bundle of another image: %s", err.text);
	ok(check(&attestation, SUBJECT) == SIGNATURE_OTHER_IMAGE, "attestation: %s", err.text);
	set_rule(P256_PUBLIC, NULL, APP "2");
	ok(check(&p256_payload, SUBJECT) == SIGNATURE_OTHER_NAME, "payload: %s", err.text);
	ok(check(&p256_bundle, SUBJECT) == SIGNATURE_OTHER_NAME, "bundle: %s", err.text);
	set_rule(P256_PUBLIC, NULL, APP);
	require("env", "test");
	ok(check(&p256_payload, SUBJECT) == SIGNATURE_UNANNOTATED, "payload: %s", err.text);
	ok(check(&p256_bundle, SUBJECT) == SIGNATURE_UNANNOTATED, "bundle: %s", err.text);
	set_rule(P256_PUBLIC, NULL, APP);
	require("absent", "");
	ok(check(&p256_payload, SUBJECT) == SIGNATURE_UNANNOTATED, "payload: %s", err.text);
}

/* Every byte of what is signed, and of the signature. */
static void test_changed(void)
{
	static char payload[] = PAYLOAD, signature[] = P256_SIGNATURE;
	const struct signature changed = {SIGNATURE_PAYLOAD, payload, sizeof payload - 1, signature};
	size_t taken = 0;
	set_rule(P256_PUBLIC, NULL, NULL);
	for (size_t i = 0; i < sizeof payload - 1; i++) {
		payload[i] ^= 4;
		taken += check(&changed, SUBJECT) == SIGNATURE_VALID;
		payload[i] ^= 4;
	}
	for (size_t i = 0; i < sizeof signature - 3; i++) {
		signature[i] = signature[i] == 'A' ? 'B' : 'A';
		taken += check(&changed, SUBJECT) == SIGNATURE_VALID;
		signature[i] = P256_SIGNATURE[i];
	}
	ok(taken == 0, "%zu changed payloads and signatures are taken", taken);
	ok(check(&changed, SUBJECT) == SIGNATURE_VALID, "unchanged it is valid");
}

/* The bundle outside its payload and signature is not signed; what is valid must be the same. */
static void test_changed_bundle(void)
{
	static char bundle[] = P256_BUNDLE;
	const struct signature changed = {SIGNATURE_BUNDLE, bundle, sizeof bundle - 1, ""};
	const char *payload = strstr(bundle, "\"payload\":\"") + 11;
	size_t taken = 0, first = (size_t)(payload - bundle), end = first + strcspn(payload, "\"");
	set_rule(P256_PUBLIC, NULL, NULL);
	for (size_t i = first; i < end; i++) {
		bundle[i] = bundle[i] == 'A' ? 'B' : 'A';
		taken += check(&changed, SUBJECT) == SIGNATURE_VALID;
		bundle[i] = P256_BUNDLE[i];
	}
	ok(end - first > 200 && taken == 0, "%zu changed bundles are taken", taken);
}

#define IN_TOTO "application/vnd.in-toto+json"
#define BUNDLE(type, payload, signatures)                                                  \
	("{\"mediaType\":\"application/vnd.dev.sigstore.bundle.v0.3+json\",\"dsseEnvelope\":{" \
	 "\"payloadType\":\"" type "\",\"payload\":\"" payload "\",\"signatures\":["        \
	 signatures "]}}")

static void test_malformed(void)
{
	static const char *const bundles[] = {
		"",
		"{}",
		"[]",
		"{\"mediaType\":\"application/vnd.dev.sigstore.bundle.v0.3+json\"}",
		BUNDLE(IN_TOTO, "e30=", ""),
		BUNDLE(IN_TOTO, "e30=", "{\"sig\":\"AAAA\"},{\"sig\":\"AAAA\"}"),
		BUNDLE(IN_TOTO, "!", "{\"sig\":\"AAAA\"}"),
		BUNDLE(IN_TOTO, "e30=", "{\"sig\":\"\"}"),
		BUNDLE("text/plain", "e30=", "{\"sig\":\"AAAA\"}"),
	};
	for (size_t i = 0; i < countof(bundles); i++) {
		const struct signature bad = {SIGNATURE_BUNDLE, bundles[i], strlen(bundles[i]), ""};
		ok(check(&bad, SUBJECT) == SIGNATURE_UNREAD, "%s", err.text);
	}
	struct signature_claim claim;
	static const char capital[] = "{\"critical\":{\"type\":\"cosign container image signature\","
				      "\"image\":{\"Docker-manifest-digest\":\"" SUBJECT "\"}}}";
	ok(signature_payload_parse(capital, sizeof capital - 1, &arena, &claim, &err) < 0,
	   "a digest under another name: %s", err.text);
#define STATEMENT(predicate, subjects) "{\"_type\":\"https://in-toto.io/Statement/v1\",\"subject\":[" \
	subjects "],\"predicateType\":\"" predicate "\"}"
#define ONE "{\"digest\":{\"sha256\":\"" OTHER_HEX "\"}}"
	static const char *const statements[] = {
		STATEMENT("https://slsa.dev/provenance/v1", ONE),
		STATEMENT("https://sigstore.dev/cosign/sign/v1", ONE "," ONE),
		STATEMENT("https://sigstore.dev/cosign/sign/v1", ""),
		STATEMENT("https://sigstore.dev/cosign/sign/v1", "{\"digest\":{\"sha512\":\"\"}}"),
	};
	for (size_t i = 0; i < countof(statements); i++)
		ok(signature_statement_parse(statements[i], strlen(statements[i]), &arena, &claim,
					     &err) < 0, "statement: %s", err.text);
	static const char good[] = STATEMENT("https://sigstore.dev/cosign/sign/v1", ONE);
	ok(signature_statement_parse(good, sizeof good - 1, &arena, &claim, &err) == 0,
	   "the statement that these are made from");
	static const char atomic[] = "{\"critical\":{\"type\":\"atomic container signature\","
				     "\"image\":{\"docker-manifest-digest\":\"" SUBJECT "\"}}}";
	ok(signature_payload_parse(atomic, sizeof atomic - 1, &arena, &claim, &err) < 0,
	   "another type: %s", err.text);
}

static void test_record(void)
{
	static unsigned char storage[FRAME_MAX];
	char store[] = "/tmp/berth-test-XXXXXX";
	struct signature_record record = {.signature = rsa_payload}, got;
	struct digest manifest;
	struct frame frame;
	digest_parse(SUBJECT, &record.subject, NULL);
	digest_parse(OTHER, &manifest, NULL);
	record.manifest = manifest;
	ok(mkdtemp(store) != NULL, "a store");
	int folder = signature_record_folder(store);
	ok(folder < 0 && signature_record_read(folder, &manifest, &arena, &got) == 0,
	   "nothing is kept yet");
	signature_record_encode(&frame, 1, storage, sizeof storage, &record);
	err = (struct error)ERROR_INIT;
	for (int i = 0; i < 2; i++)
		ok(signature_record_write(store, &manifest, frame.data, frame.size, &err) == 0,
		   "kept %s", err.text);
	folder = signature_record_folder(store);
	ok(signature_record_read(folder, &manifest, &arena, &got) == 1, "read again");
	ok(got.signature.size == sizeof PAYLOAD - 1 && strcmp(got.signature.body, PAYLOAD) == 0 &&
	   strcmp(got.signature.text, RSA_SIGNATURE) == 0 && strcmp(got.subject.text, SUBJECT) == 0,
	   "the same");
	set_rule(RSA_PUBLIC, NULL, APP);
	ok(check(&got.signature, got.subject.text) == SIGNATURE_VALID, "and valid");
	ok(signature_record_write(store, &record.subject, frame.data, frame.size, &err) == 0 &&
	   signature_record_read(folder, &record.subject, &arena, &got) == 0,
	   "under another manifest's name it is none");
	ok(signature_record_write(store, &manifest, frame.data, frame.size - 1, &err) == 0 &&
	   signature_record_read(folder, &manifest, &arena, &got) == 0, "one that is cut short is none");
	close(folder);
	char path[sizeof store + DIGEST_TEXT + 16];
	snprintf(path, sizeof path, "%s/signatures/%s", store, manifest.text + 7);
	unlink(path);
	snprintf(path, sizeof path, "%s/signatures/%s", store, record.subject.text + 7);
	unlink(path);
	snprintf(path, sizeof path, "%s/signatures", store);
	rmdir(path);
	ok(rmdir(store) == 0, "nothing else is left");
}

int main(void)
{
	static char block[256 * 1024];
	arena_init(&arena, block, sizeof block);
	test_valid();
	test_refused();
	test_changed();
	test_changed_bundle();
	test_malformed();
	test_record();
	signature_rule_close(&rule);
	return tap_end();
}
