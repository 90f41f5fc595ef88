// SPDX-License-Identifier: Apache-2.0
#include "images/manifest.h"

#include "lib/cleanup.h"
#include "lib/tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OCI_MANIFEST "application/vnd.oci.image.manifest.v1+json"
#define OCI_INDEX "application/vnd.oci.image.index.v1+json"
#define OCI_CONFIG "application/vnd.oci.image.config.v1+json"
#define OCI_LAYER "application/vnd.oci.image.layer.v1.tar"
#define DOCKER_MANIFEST "application/vnd.docker.distribution.manifest.v2+json"
#define DOCKER_LIST "application/vnd.docker.distribution.manifest.list.v2+json"
#define HEX(c) "sha256:" c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c \
	c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c
#define DESCRIPTOR(type, c, size) \
	"{\"mediaType\":\"" type "\",\"digest\":\"" HEX(c) "\",\"size\":" #size "}"
#define MANIFEST(layers) "{\"schemaVersion\":2,\"mediaType\":\"" OCI_MANIFEST "\",\"config\":" \
	DESCRIPTOR(OCI_CONFIG, "c", 10) ",\"layers\":[" layers "]}"
#define ENTRY(type, c, platform) "{\"mediaType\":\"" type "\",\"digest\":\"" HEX(c) \
	"\",\"size\":5" platform "}"
#define PLATFORM(os, arch, more) \
	",\"platform\":{\"os\":\"" os "\",\"architecture\":\"" arch "\"" more "}"

static char block[512 * 1024];
static struct document document;
static struct error err;

static int parse(const char *text, const char *content_type)
{
	struct arena arena;
	arena_init(&arena, block, sizeof block);
	err = (struct error)ERROR_INIT;
	return document_parse(text, strlen(text), content_type, &arena, &document, &err);
}

static void test_manifests(void)
{
	ok(parse(MANIFEST(DESCRIPTOR(OCI_LAYER "+gzip", "1", 100) ","
			  DESCRIPTOR(OCI_LAYER, "2", 200) "," DESCRIPTOR(OCI_LAYER "+zstd", "3", 300)),
		 OCI_MANIFEST "; charset=utf-8") == 0, "OCI manifest: %s", err.text);
	const struct manifest *manifest = &document.manifest;
	ok(document.kind == DOCUMENT_MANIFEST && manifest->layer_count == 3, "three layers");
	ok(manifest->layers[0].compression == COMPRESSION_GZIP &&
	   manifest->layers[1].compression == COMPRESSION_NONE &&
	   manifest->layers[2].compression == COMPRESSION_ZSTD, "their compression");
	ok(manifest->layers[1].blob.size == 200 && manifest->config.size == 10, "sizes");
	is(manifest->layers[2].blob.digest.text, HEX("3"), "digest");
	ok(parse("{\"schemaVersion\":2,\"mediaType\":\"" DOCKER_MANIFEST "\",\"config\":"
		 DESCRIPTOR("application/vnd.docker.container.image.v1+json", "c", 10) ",\"layers\":["
		 DESCRIPTOR("application/vnd.docker.image.rootfs.diff.tar.gzip", "1", 7) "]}",
		 DOCKER_MANIFEST) == 0, "Docker schema 2: %s", err.text);
	ok(parse(MANIFEST(""), OCI_MANIFEST) == 0, "no layers at all: %s", err.text);
	ok(parse(MANIFEST(""), "text/plain") == 0, "a server that does not know the type");
}

static const struct {
	const char *name, *text, *content_type, *reason;
} bad[] = {
	{"CVE-2021-41190: both kinds",
	 "{\"schemaVersion\":2,\"layers\":[],\"manifests\":[]}", OCI_MANIFEST, "ambiguous"},
	{"neither kind", "{\"schemaVersion\":2}", OCI_MANIFEST, "neither"},
	{"CVE-2021-41190: an index sent as a manifest",
	 "{\"schemaVersion\":2,\"manifests\":[]}", OCI_MANIFEST,
	 "ambiguous"},
	{"CVE-2021-41190: a manifest sent as an index", MANIFEST(""), OCI_INDEX, "ambiguous"},
	{"an OCI manifest sent as Docker's", MANIFEST(""), DOCKER_MANIFEST, "ambiguous"},
	{"no type anywhere", "{\"schemaVersion\":2,\"manifests\":[]}", "text/html", "type"},
	{"schema 1", "{\"schemaVersion\":1,\"name\":\"x\"}", "", "schema 1"},
	{"schema 1 by type", "{\"schemaVersion\":2,\"layers\":[]}",
	 "application/vnd.docker.distribution.manifest.v1+prettyjws", "schema 1"},
	{"no version", "{\"layers\":[]}", OCI_MANIFEST, "schemaVersion"},
	{"a list", "[]", OCI_MANIFEST, "not an object"},
	{"no JSON", "<html>", OCI_MANIFEST, "JSON"},
	{"trailing bytes", MANIFEST("") "x", OCI_MANIFEST, "JSON"},
	{"an artifact", "{\"schemaVersion\":2,\"config\":" DESCRIPTOR("application/vnd.cncf.helm", "c", 1)
	 ",\"layers\":[]}", OCI_MANIFEST, "not a container image"},
	{"an encrypted layer", MANIFEST(DESCRIPTOR(OCI_LAYER "+gzip+encrypted", "1", 1)), OCI_MANIFEST,
	 "unknown type"},
	{"CVE-2024-3727: a digest that is a path",
	 "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"" OCI_CONFIG
	 "\",\"digest\":\"sha256:../../x\",\"size\":1},\"layers\":[]}", OCI_MANIFEST, "digest"},
	{"a negative size", MANIFEST("{\"mediaType\":\"" OCI_LAYER "\",\"digest\":\"" HEX("1")
	 "\",\"size\":-1}"), OCI_MANIFEST, "size"},
	{"a fractional size", MANIFEST("{\"mediaType\":\"" OCI_LAYER "\",\"digest\":\"" HEX("1")
	 "\",\"size\":1.5}"), OCI_MANIFEST, "size"},
	{"a huge configuration", "{\"schemaVersion\":2,\"config\":" DESCRIPTOR(OCI_CONFIG, "c", 99999999)
	 ",\"layers\":[]}", OCI_MANIFEST, "larger"},
};

static void test_refusals(void)
{
	for (size_t i = 0; i < countof(bad); i++)
		ok(parse(bad[i].text, bad[i].content_type) < 0 && strstr(err.text, bad[i].reason),
		   "%s is refused: %s", bad[i].name, err.text);
	size_t size = 1024 * 1024;
	char *deep = malloc(size + 1);
	memset(deep, '[', size);
	deep[size] = 0;
	ok(parse(deep, OCI_MANIFEST) < 0, "a megabyte of brackets is refused: %s", err.text);
	char *many = calloc(1, 300 * 250);
	for (int i = 0; i < 257; i++)
		sprintf(many + strlen(many), "%s%s", i ? "," : "", DESCRIPTOR(OCI_LAYER, "1", 1));
	snprintf(deep, size, "{\"schemaVersion\":2,\"config\":%s,\"layers\":[%s]}",
		 DESCRIPTOR(OCI_CONFIG, "c", 1), many);
	ok(parse(deep, OCI_MANIFEST) < 0 && strstr(err.text, "257"), "257 layers are refused: %s",
	   err.text);
	free(many);
	free(deep);
}

static size_t choose(const char *os, const char *architecture, const char *variant, size_t *order)
{
	struct platform own = {0};
	snprintf(own.os, sizeof own.os, "%s", os);
	snprintf(own.architecture, sizeof own.architecture, "%s", architecture);
	snprintf(own.variant, sizeof own.variant, "%s", variant);
	return index_order(&document.index, &own, order, 8);
}

static void is_chosen(const char *architecture, const char *variant, const char *digest)
{
	size_t order[8] = {0};
	size_t count = choose("linux", architecture, variant, order);
	is(count ? document.index.entries[order[0]].document.digest.text : "none", digest,
	   architecture);
}

static void test_index(void)
{
	ok(parse("{\"schemaVersion\":2,\"manifests\":["
		 ENTRY(OCI_MANIFEST, "1", PLATFORM("windows", "amd64", "")) ","
		 ENTRY(OCI_MANIFEST, "2", PLATFORM("linux", "amd64", "")) ","
		 ENTRY(OCI_MANIFEST, "3", PLATFORM("linux", "amd64", ",\"variant\":\"v3\"")) ","
		 ENTRY(OCI_MANIFEST, "4", PLATFORM("linux", "arm64", ",\"variant\":\"v8\"")) ","
		 ENTRY(OCI_MANIFEST, "5", PLATFORM("linux", "arm", ",\"variant\":\"v6\"")) ","
		 ENTRY(OCI_MANIFEST, "6", PLATFORM("linux", "arm", ",\"variant\":\"v7\"")) ","
		 ENTRY(OCI_MANIFEST, "7", PLATFORM("unknown", "unknown", "")) ","
		 ENTRY("application/vnd.future+json", "8", "") ","
		 ENTRY(OCI_MANIFEST, "9", PLATFORM("linux", "amd64", "")) "]}", OCI_INDEX) == 0,
	   "an index: %s", err.text);
	ok(document.index.count == 7, "attestations and unknown types are left out");
	is_chosen("amd64", "", HEX("2"));
	is_chosen("amd64", "v2", HEX("2"));
	is_chosen("amd64", "v4", HEX("3"));
	is_chosen("arm64", "", HEX("4"));
	is_chosen("arm64", "v8", HEX("4"));
	is_chosen("arm", "v7", HEX("6"));
	is_chosen("arm", "v6", HEX("5"));
	is_chosen("arm", "v5", "none");
	is_chosen("s390x", "", "none");
	char offers[64];
	index_offers(&document.index, offers, sizeof offers);
	is(offers, "windows/amd64, linux/amd64, linux/amd64/v3, linux/arm64/v8", "offers are cut whole");
}

static void test_nested_and_layouts(void)
{
	size_t order[8];
	parse("{\"schemaVersion\":2,\"mediaType\":\"" DOCKER_LIST "\",\"manifests\":["
	      ENTRY(OCI_MANIFEST, "1", "") "," ENTRY(OCI_INDEX, "2", "") ","
	      ENTRY(OCI_INDEX, "3", PLATFORM("linux", "amd64", "")) ","
	      ENTRY(OCI_MANIFEST, "4", PLATFORM("linux", "amd64", "")) ","
	      ENTRY(OCI_MANIFEST, "5", ",\"annotations\":{\"org.opencontainers.image.ref.name\":\"a:1\","
	      "\"io.containerd.image.name\":\"docker.io/library/a:1\"}") ","
	      ENTRY(OCI_MANIFEST, "6", ",\"annotations\":{\"vnd.docker.reference.type\":"
	      "\"attestation-manifest\"}") "]}", DOCKER_LIST);
	ok(document.kind == DOCUMENT_INDEX && document.index.count == 5, "Docker's list: %s", err.text);
	ok(choose("linux", "amd64", "", order) == 5, "all are candidates");
	const struct index_entry *entries = document.index.entries;
	is(entries[order[0]].document.digest.text, HEX("4"), "the manifest of the platform first");
	is(entries[order[1]].document.digest.text, HEX("3"), "then the nested index of the platform");
	is(entries[order[2]].document.digest.text, HEX("1"), "then those without a platform, in order");
	is(entries[4].ref_name, "a:1", "ref.name");
	is(entries[4].image_name, "docker.io/library/a:1", "image name");
}

int main(void)
{
	test_manifests();
	test_refusals();
	test_index();
	test_nested_and_layouts();
	return tap_end();
}
