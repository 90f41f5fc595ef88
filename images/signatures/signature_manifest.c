// SPDX-License-Identifier: Apache-2.0
#include "images/signatures/signature_manifest.h"

#include "lib/cleanup.h"
#include "lib/json.h"

#include <stdio.h>
#include <string.h>

enum { JSON_MEMORY_MAX = 64 * 1024 * 1024 };

const char signature_bundle_type[] = "application/vnd.dev.sigstore.bundle.v0.3+json";
static const char payload_type[] = "application/vnd.dev.cosign.simplesigning.v1+json";

/* Versions before 0.3 have it as a parameter. */
static bool is_bundle_type(const char *type)
{
	static const char old[] = "application/vnd.dev.sigstore.bundle+json;version=0.";
	return strcmp(type, signature_bundle_type) == 0 || strncmp(type, old, sizeof old - 1) == 0;
}

static bool parse_descriptor(yyjson_val *object, struct descriptor *out)
{
	const char *digest = json_text(object, "digest");
	return digest && digest_parse(digest, &out->digest, NULL) == 0 &&
	       json_u64(object, "size", &out->size) && out->size <= DOCUMENT_SIZE_MAX;
}

/* True when the layer is a signature. */
static bool parse_layer(yyjson_val *object, struct arena *arena, struct signature_layer *out)
{
	const char *type = json_text_or_empty(object, "mediaType");
	yyjson_val *annotations = json_object(object, "annotations");
	const char *signature = json_text(annotations, "dev.cosignproject.cosign/signature");
	if (is_bundle_type(type)) {
		out->form = SIGNATURE_BUNDLE;
		out->signature = "";
	} else if (strcmp(type, payload_type) == 0 && signature) {
		out->form = SIGNATURE_PAYLOAD;
		out->signature = arena_strdup(arena, signature);
	} else {
		return false;
	}
	return out->signature && parse_descriptor(object, &out->blob);
}

int signature_manifest_parse(const char *body, size_t size, struct arena *arena,
			     struct signature_manifest *out, struct error *err)
{
	struct json json;
	out->count = 0;
	out->subject.text[0] = 0;
	int result = json_open(&json, "signature manifest", body, size, JSON_MEMORY_MAX, err);
	yyjson_val *root = result == 0 ? json_root(&json) : NULL;
	yyjson_val *subject = yyjson_obj_get(root, "subject"), *layer;
	if (subject && digest_parse(json_text_or_empty(subject, "digest"), &out->subject, err) < 0)
		result = error_context(err, "signature manifest: subject");
	size_t i, max;
	yyjson_arr_foreach(json_array(root, "layers"), i, max, layer) {
		if (out->count < SIGNATURES_MAX &&
		    parse_layer(layer, arena, &out->layers[out->count]))
			out->count++;
	}
	json_close(&json);
	return result;
}

/* cosign's own layouts mark the manifest; other tools state the type of the artifact. */
static bool is_attached(yyjson_val *object, yyjson_val *annotations)
{
	const char *kind = json_text_or_empty(annotations, "kind");
	return strcmp(kind, "dev.cosignproject.cosign/sigs") == 0 ||
	       *json_text_or_empty(object, "artifactType");
}

/* Leaves out what says that it is something else, such as a bill of materials: there may be many of
 * them. cosign's fallback tags state the type of the empty configuration. */
static bool may_be_signature(yyjson_val *object, yyjson_val *annotations)
{
	const char *type = json_text_or_empty(object, "artifactType");
	const char *about = json_text_or_empty(annotations, "dev.sigstore.bundle.predicateType");
	if (*about && strcmp(about, "https://sigstore.dev/cosign/sign/v1") != 0)
		return false;
	return !*type || strstr(type, "sigstore") || strstr(type, "cosign") ||
	       strncmp(type, "application/vnd.oci.", 20) == 0;
}

static bool parse_entry(yyjson_val *object, struct signature_entry *out)
{
	yyjson_val *annotations = json_object(object, "annotations");
	const char *name = json_text_or_empty(annotations, "org.opencontainers.image.ref.name");
	const char *type = json_text_or_empty(object, "mediaType");
	if (digest_parse(json_text_or_empty(object, "digest"), &out->digest, NULL) < 0 ||
	    !may_be_signature(object, annotations))
		return false;
	out->index = strcmp(type, "application/vnd.oci.image.index.v1+json") == 0;
	out->attached = is_attached(object, annotations);
	snprintf(out->ref_name, sizeof out->ref_name, "%s",
		 strlen(name) < sizeof out->ref_name ? name : "");
	return true;
}

/* "sha256-HEX" or "sha256-HEX.sig", possibly behind a repository's name. */
static bool is_named_after(const char *ref_name, const struct digest *subject)
{
	const char *hex = strstr(ref_name, "sha256-");
	return hex && strncmp(hex + 7, subject->text + 7, strlen(subject->text + 7)) == 0;
}

int signature_list_parse(const char *body, size_t size, const struct digest *subject, bool layout,
			 struct signature_list *out, struct error *err)
{
	struct json json;
	out->count = 0;
	int result = json_open(&json, "list of signatures", body, size, JSON_MEMORY_MAX, err);
	yyjson_val *root = result == 0 ? json_root(&json) : NULL, *item;
	size_t i, max;
	yyjson_arr_foreach(json_array(root, "manifests"), i, max, item) {
		struct signature_entry entry;
		if (out->count == SIGNATURES_MAX)
			break;
		if (!parse_entry(item, &entry))
			continue;
		bool named = is_named_after(entry.ref_name, subject);
		if (layout ? named || (entry.attached && !entry.index) : !entry.index)
			out->entries[out->count++] = entry;
	}
	json_close(&json);
	return result;
}
