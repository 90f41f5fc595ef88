// SPDX-License-Identifier: Apache-2.0
#include "images/signatures/signature_manifest.h"

#include "images/tests/signature_vectors.h"
#include "lib/tap.h"

static struct signature_manifest manifest;
static struct signature_list list;
static struct arena arena;
static struct error err;

static int parse(const char *text)
{
	err = (struct error)ERROR_INIT;
	return signature_manifest_parse(text, strlen(text), &arena, &manifest, &err);
}

static int parse_list(const char *text, bool layout)
{
	struct digest subject;
	digest_parse(SUBJECT, &subject, NULL);
	err = (struct error)ERROR_INIT;
	return signature_list_parse(text, strlen(text), &subject, layout, &list, &err);
}

static void test_manifests(void)
{
	ok(parse(SIGNATURE_MANIFEST) == 0 && manifest.count == 2, "two signatures under a tag");
	ok(manifest.layers[0].form == SIGNATURE_PAYLOAD, "payloads");
	is(manifest.layers[0].signature, P256_SIGNATURE, "the first");
	is(manifest.layers[1].signature, RSA_SIGNATURE, "the second");
	is(manifest.subject.text, "", "no subject");
	ok(parse(BUNDLE_MANIFEST) == 0 && manifest.count == 1 &&
	   manifest.layers[0].form == SIGNATURE_BUNDLE, "a bundle");
	ok(manifest.layers[0].blob.size == sizeof P256_BUNDLE - 1, "its size");
	is(manifest.subject.text, SUBJECT, "its subject");
}

/* What is no signature is passed over, and the rest is kept. */
static void test_odd_manifests(void)
{
#define PAYLOAD_LAYER(digest, size) \
	"{\"mediaType\":\"application/vnd.dev.cosign.simplesigning.v1+json\",\"size\":" size \
	",\"digest\":\"" digest "\",\"annotations\":{\"dev.cosignproject.cosign/signature\":\"AA==\"}}"
	static const char mixed[] =
		"{\"layers\":[{},1,{\"mediaType\":\"text/plain\",\"size\":1,\"digest\":\"" SUBJECT "\"},"
		"{\"mediaType\":\"application/vnd.dev.cosign.simplesigning.v1+json\",\"size\":1,"
		"\"digest\":\"" SUBJECT "\"},"
		PAYLOAD_LAYER("sha256:zz", "1") "," PAYLOAD_LAYER(SUBJECT, "4194305") ","
		PAYLOAD_LAYER(SUBJECT, "7") ","
		"{\"mediaType\":\"application/vnd.dev.sigstore.bundle+json;version=0.1\",\"size\":8,"
		"\"digest\":\"" SUBJECT "\"}]}";
	ok(parse(mixed) == 0 && manifest.count == 2, "%zu of eight layers", manifest.count);
	ok(manifest.layers[0].blob.size == 7 && manifest.layers[1].blob.size == 8, "the right ones");
	ok(parse("{}") == 0 && manifest.count == 0, "no layers, no signatures");
	ok(parse("{\"subject\":{\"digest\":\"sha256:1\"},\"layers\":[]}") < 0, "%s", err.text);
	ok(parse("[") < 0, "%s", err.text);
	static char many[64 * 1024] = "{\"layers\":[";
	for (int i = 0; i < 60; i++)
		strcat(many, i ? "," PAYLOAD_LAYER(SUBJECT, "7") : PAYLOAD_LAYER(SUBJECT, "7"));
	strcat(many, "]}");
	ok(parse(many) == 0 && manifest.count == SIGNATURES_MAX, "fifty of sixty signatures");
}

static void test_lists(void)
{
	ok(parse_list(REFERRERS, false) == 0 && list.count == 3, "cosign's fallback tag");
	ok(parse_list(REFERRERS, true) == 0 && list.count == 3, "the same entries in a layout");
#define ENTRY(type, more) "{\"mediaType\":\"application/vnd.oci.image." type ".v1+json\",\"size\":1," \
	"\"digest\":\"" SUBJECT "\"" more "}"
#define NAMED(type, name) ENTRY(type, ",\"annotations\":{\"org.opencontainers.image.ref.name\":\"" name "\"}")
	static const char layout[] =
		"{\"manifests\":[" ENTRY("manifest", "") "," NAMED("manifest", "latest") ","
		NAMED("index", "sha256-c7c746130e773d9b0aef3ca7fdf50b1fe4079c3bf4357d26e4c91dc38c571c50")
		"," NAMED("manifest", "app:sha256-c7c746130e773d9b0aef3ca7fdf50b1fe4079c3bf4357d26e4c91d"
				      "c38c571c50.sig") ","
		NAMED("manifest", "sha256-0000000000773d9b0aef3ca7fdf50b1fe4079c3bf4357d26e4c91dc38c571c50")
		"," ENTRY("manifest", ",\"annotations\":{\"kind\":\"dev.cosignproject.cosign/sigs\"}")
		"," ENTRY("manifest", ",\"annotations\":{\"kind\":\"dev.cosignproject.cosign/image\"}")
		"]}";
	ok(parse_list(layout, true) == 0 && list.count == 3, "%zu of a layout's entries", list.count);
	ok(list.entries[0].index && !list.entries[1].index && list.entries[2].attached,
	   "the fallback tag, cosign's tag, cosign's mark");
	static const char types[] =
		"{\"manifests\":[" ENTRY("manifest", ",\"artifactType\":\"application/spdx+json\"") ","
		ENTRY("manifest", ",\"artifactType\":\"application/vnd.dev.sigstore.bundle.v0.3+json\","
		      "\"annotations\":{\"dev.sigstore.bundle.predicateType\":\"https://slsa.dev/x\"}") ","
		ENTRY("manifest", ",\"artifactType\":\"application/vnd.dev.sigstore.bundle.v0.3+json\"")
		"," ENTRY("manifest", "") "]}";
	ok(parse_list(types, false) == 0 && list.count == 2, "other artifacts are left out");
	ok(parse_list("{\"manifests\":[{\"digest\":\"sha256:1\"},2]}", false) == 0 && list.count == 0,
	   "broken entries are passed over");
	ok(parse_list("{", false) < 0, "%s", err.text);
}

int main(void)
{
	static char block[64 * 1024];
	arena_init(&arena, block, sizeof block);
	test_manifests();
	test_odd_manifests();
	test_lists();
	return tap_end();
}
