// SPDX-License-Identifier: Apache-2.0
/* What is signed, and the envelope around it: parsers only. */
#include "images/signatures/signature.h"

#include <mbedtls/base64.h>
#include <stdio.h>
#include <string.h>

enum { JSON_MEMORY_MAX = 32 * 1024 * 1024, CLAIM_ANNOTATIONS_MAX = 256 };

static int copy_annotations(yyjson_val *object, struct arena *arena, struct signature_claim *out,
			    struct error *err)
{
	yyjson_val *key, *value;
	size_t i, max;
	if (yyjson_obj_size(object) > CLAIM_ANNOTATIONS_MAX)
		return error_set(err, "more than %d annotations", CLAIM_ANNOTATIONS_MAX);
	yyjson_obj_foreach(object, i, max, key, value) {
		const char *name = json_value_text(key), *text = json_value_text(value);
		if (name && text &&
		    (string_list_add(&out->names, arena, name, err) < 0 ||
		     string_list_add(&out->values, arena, text, err) < 0))
			return -1;
	}
	return 0;
}

static int read_payload(yyjson_val *root, struct arena *arena, struct signature_claim *out,
			struct error *err)
{
	yyjson_val *critical = json_object(root, "critical");
	yyjson_val *image = json_object(critical, "image");
	yyjson_val *identity = json_object(critical, "identity");
	const char *type = json_text_or_empty(critical, "type");
	if (strcmp(type, "cosign container image signature") != 0)
		return error_set(err, "payload is of the type \"%.60s\", not a container image "
				 "signature", type);
	if (digest_parse(json_text_or_empty(image, "docker-manifest-digest"), &out->digest, err) < 0)
		return error_context(err, "payload");
	out->reference = arena_strdup(arena, json_text_or_empty(identity, "docker-reference"));
	if (!out->reference)
		return error_set(err, "payload: the docker-reference is too long");
	return copy_annotations(json_object(root, "optional"), arena, out, err);
}

int signature_payload_parse(const char *body, size_t size, struct arena *arena,
			    struct signature_claim *out, struct error *err)
{
	struct json json;
	*out = (struct signature_claim){.reference = ""};
	int result = json_open(&json, "payload", body, size, JSON_MEMORY_MAX, err);
	if (result == 0)
		result = read_payload(json_root(&json), arena, out, err);
	json_close(&json);
	return result;
}

static int read_statement(yyjson_val *root, struct arena *arena, struct signature_claim *out,
			  struct error *err)
{
	const char *type = json_text_or_empty(root, "_type");
	const char *predicate = json_text_or_empty(root, "predicateType");
	yyjson_val *subjects = json_array(root, "subject");
	yyjson_val *subject = yyjson_arr_get_first(subjects);
	char text[DIGEST_TEXT + 1];
	if (strcmp(type, "https://in-toto.io/Statement/v1") != 0)
		return error_set(err, "bundle holds a \"%.60s\", not an in-toto statement", type);
	if (strcmp(predicate, "https://sigstore.dev/cosign/sign/v1") != 0)
		return error_set(err, "bundle states \"%.80s\" about the image, which is no "
				 "signature of it", predicate);
	if (yyjson_arr_size(subjects) != 1)
		return error_set(err, "bundle is about %zu things, not one",
				 yyjson_arr_size(subjects));
	snprintf(text, sizeof text, "sha256:%s",
		 json_text_or_empty(json_object(subject, "digest"), "sha256"));
	if (digest_parse(text, &out->digest, err) < 0)
		return error_context(err, "bundle");
	return copy_annotations(json_object(subject, "annotations"), arena, out, err);
}

int signature_statement_parse(const char *body, size_t size, struct arena *arena,
			      struct signature_claim *out, struct error *err)
{
	struct json json;
	*out = (struct signature_claim){.reference = ""};
	int result = json_open(&json, "statement in the bundle", body, size, JSON_MEMORY_MAX, err);
	if (result == 0)
		result = read_statement(json_root(&json), arena, out, err);
	json_close(&json);
	for (size_t i = 0; result == 0 && i < out->names.count; i++)
		if (!*out->reference && strcmp(out->names.items[i], "docker-reference") == 0)
			out->reference = out->values.items[i];
	return result;
}

/* Decodes base64 behind `before` bytes that are left free; NULL when it is not valid. */
static unsigned char *decode(const char *text, size_t before, struct arena *arena, size_t *size)
{
	const unsigned char *in = (const unsigned char *)text;
	size_t length = strlen(text), needed = 0;
	int probe = mbedtls_base64_decode(NULL, 0, &needed, in, length);
	if (probe != MBEDTLS_ERR_BASE64_BUFFER_TOO_SMALL || needed == 0)
		return NULL;
	unsigned char *out = arena_alloc(arena, before + needed + 1);
	if (!out || mbedtls_base64_decode(out + before, needed, size, in, length) != 0)
		return NULL;
	return out;
}

/* "DSSEv1" SP length SP type SP length SP payload (DSSE protocol.md, "PAE"). */
static int encode(const char *type, const char *payload, struct arena *arena,
		  struct signature_envelope *out, struct error *err)
{
	char header[128];
	enum { HEADER_ROOM = sizeof header };
	size_t size = 0;
	unsigned char *bytes = decode(payload, HEADER_ROOM, arena, &size);
	if (!bytes)
		return error_set(err, "bundle: the payload is not valid base64 of at most %d bytes",
				 DOCUMENT_SIZE_MAX);
	int used = snprintf(header, sizeof header, "DSSEv1 %zu %s %zu ", strlen(type), type, size);
	out->statement = (const char *)bytes + HEADER_ROOM;
	out->statement_size = size;
	out->signed_bytes = memcpy(bytes + HEADER_ROOM - used, header, (size_t)used);
	out->signed_size = (size_t)used + size;
	return 0;
}

static int read_bundle(yyjson_val *root, struct arena *arena, struct signature_envelope *out,
		       struct error *err)
{
	static const char type[] = "application/vnd.in-toto+json";
	static const char old[] = "application/vnd.dev.sigstore.bundle+json;version=0.";
	const char *media = json_text_or_empty(root, "mediaType");
	yyjson_val *envelope = json_object(root, "dsseEnvelope");
	yyjson_val *signatures = json_array(envelope, "signatures");
	if (strcmp(media, signature_bundle_type) != 0 && strncmp(media, old, sizeof old - 1) != 0)
		return error_set(err, "bundle is of the unknown type \"%.80s\"", media);
	if (strcmp(json_text_or_empty(envelope, "payloadType"), type) != 0)
		return error_set(err, "bundle has no envelope with a payload of the type %s", type);
	if (yyjson_arr_size(signatures) != 1)
		return error_set(err, "bundle has %zu signatures, not one",
				 yyjson_arr_size(signatures));
	const char *text = json_text_or_empty(yyjson_arr_get_first(signatures), "sig");
	out->signature = decode(text, 0, arena, &out->signature_size);
	if (!out->signature)
		return error_set(err, "bundle: the signature is not valid base64");
	return encode(type, json_text_or_empty(envelope, "payload"), arena, out, err);
}

int signature_bundle_parse(const char *body, size_t size, struct arena *arena,
			   struct signature_envelope *out, struct error *err)
{
	struct json json;
	*out = (struct signature_envelope){0};
	int result = json_open(&json, "bundle", body, size, JSON_MEMORY_MAX, err);
	if (result == 0)
		result = read_bundle(json_root(&json), arena, out, err);
	json_close(&json);
	return result;
}
