// SPDX-License-Identifier: Apache-2.0
/* The gate over a layout in which cosign's documents lie, as skopeo and oras would leave them. */
#include "images/signatures/signature_gate.h"

#include "images/layers/layer.h"
#include "images/tests/signature_vectors.h"
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/tap.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME "registry.example/team/app"
#define OTHER "sha256:0000000000000000000000000000000000000000000000000000000000000000"

static char folder[] = "/tmp/berth-test-XXXXXX";
static char blobs[64];
static struct signature_gate gate;
static struct error err;

static void write_blob(const char *text, struct digest *digest)
{
	struct sha256 sha;
	char path[256];
	sha256_begin(&sha);
	sha256_add(&sha, text, strlen(text));
	sha256_end(&sha, digest);
	snprintf(path, sizeof path, "%s/%s", blobs, digest->text + 7);
	file_write(AT_FDCWD, path, text, strlen(text), 0644, NULL);
}

/* index.json with one entry, marked as `annotations` or an artifact type say. */
static void write_index(const struct digest *manifest, const char *more)
{
	char path[64], text[1024];
	snprintf(path, sizeof path, "%s/index.json", folder);
	int size = snprintf(text, sizeof text,
			    "{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"application/vnd.oci."
			    "image.manifest.v1+json\",\"size\":1,\"digest\":\"%s\"%s}]}",
			    manifest->text, more);
	file_write(AT_FDCWD, path, text, (size_t)size, 0644, NULL);
}

static struct settings_file settings;

static void require(const char *pem, const char *more)
{
	size_t used = (size_t)snprintf(settings.text, sizeof settings.text,
				       "{\"signatures\":{\"default\":{\"policy\":\"require\",%s\"keys\":\"",
				       more);
	for (; *pem; pem++) {
		if (*pem == '\n')
			settings.text[used++] = '\\';
		settings.text[used++] = *pem == '\n' ? 'n' : *pem;
	}
	used += (size_t)snprintf(settings.text + used, 8, "\"}}}");
	settings.size = used;
}

static int open_gate(void)
{
	static char block[64 * 1024];
	static struct reference reference; /* the gate keeps it */
	struct arena arena;
	arena_init(&arena, block, sizeof block);
	reference_parse(NAME, &reference, NULL);
	err = (struct error)ERROR_INIT;
	return signature_gate_open(&gate, &settings, &reference, signature_record_folder(folder),
				   &arena, &err);
}

static int pass(const char *top, const char *manifest)
{
	static char body[DOCUMENT_SIZE_MAX + 1];
	struct layout layout;
	struct signature_chain chain = {.count = 2};
	digest_parse(top, &chain.digests[0], NULL);
	digest_parse(manifest, &chain.digests[1], NULL);
	err = (struct error)ERROR_INIT;
	if (layout_open(folder, NULL, &layout, &err) < 0)
		return -1;
	int result = signature_gate_pass(&gate, &chain, NULL, &layout, body, &err);
	layout_close(&layout);
	return result;
}

static int check(const char *top, const char *manifest)
{
	int result = open_gate();
	if (result == 0)
		result = pass(top, manifest);
	signature_gate_close(&gate);
	return result;
}

static void test_layouts(void)
{
	static const char tag[] = ",\"annotations\":{\"org.opencontainers.image.ref.name\":\"sha256-"
				  "c7c746130e773d9b0aef3ca7fdf50b1fe4079c3bf4357d26e4c91dc38c571c50.sig\"}";
	struct digest classic, bundle, ignored;
	write_blob(PAYLOAD, &ignored);
	write_blob(P256_BUNDLE, &ignored);
	write_blob(SIGNATURE_MANIFEST, &classic);
	write_blob(BUNDLE_MANIFEST, &bundle);
	require(P256_PUBLIC, "");
	ok(check(SUBJECT, OTHER) < 0 && strstr(err.text, "index.json"), "no layout: %s", err.text);
	write_index(&classic, "");
	ok(check(SUBJECT, OTHER) < 0 && strstr(err.text, "is not signed"), "unmarked: %s", err.text);
	write_index(&classic, tag);
	ok(check(SUBJECT, OTHER) == 0, "the tag, of the index %s", err.text);
	ok(check(OTHER, SUBJECT) == 0, "of the manifest %s", err.text);
	ok(check(OTHER, OTHER) < 0, "of neither: %s", err.text);
	require(RSA_PUBLIC, "");
	ok(check(SUBJECT, OTHER) == 0, "the second signature of the tag %s", err.text);
	write_index(&bundle, ",\"artifactType\":\"application/vnd.oci.empty.v1+json\"");
	ok(check(SUBJECT, OTHER) < 0 && strstr(err.text, "no key of the rule"), "bundle: %s", err.text);
	require(P256_PUBLIC, "\"annotations\":{\"env\":\"prod\"},");
	ok(check(SUBJECT, OTHER) == 0, "the bundle, annotated %s", err.text);
	ok(check(OTHER, OTHER) < 0 && strstr(err.text, "is not signed"),
	   "a bundle that refers to something else is not looked at: %s", err.text);
	digest_parse(SUBJECT, &bundle, NULL);
	write_index(&bundle, ",\"artifactType\":\"application/vnd.dev.sigstore.bundle.v0.3+json\"");
	ok(check(SUBJECT, OTHER) < 0 && strstr(err.text, "look for a signature"), "gone: %s", err.text);
}

/* The verdicts of one gate over several images have nothing to do with each other. */
static void test_again(void)
{
	struct digest bundle;
	write_blob(BUNDLE_MANIFEST, &bundle);
	write_index(&bundle, ",\"artifactType\":\"\",\"annotations\":{\"kind\":\"dev.cosignproject."
		    "cosign/sigs\"}");
	require(P256_PUBLIC, "");
	ok(open_gate() == 0, "open %s", err.text);
	ok(pass(SUBJECT, OTHER) == 0 && gate.fresh, "signed %s", err.text);
	is(gate.record.subject.text, SUBJECT, "the index is");
	is(gate.record.manifest.text, OTHER, "for the manifest below it");
	ok(pass(OTHER, OTHER) < 0 && !gate.fresh, "not signed: %s", err.text);
	ok(pass(OTHER, SUBJECT) == 0 && gate.fresh, "signed again");
	is(gate.record.manifest.text, SUBJECT, "for another manifest");
	signature_gate_close(&gate);
}

static void test_kept(void)
{
	static unsigned char storage[FRAME_MAX];
	struct frame frame;
	struct digest other, none;
	digest_parse(OTHER, &other, NULL);
	ok(open_gate() == 0 && pass(SUBJECT, OTHER) == 0, "signed");
	signature_record_encode(&frame, 1, storage, sizeof storage, &gate.record);
	ok(signature_record_write(folder, &other, frame.data, frame.size, &err) == 0, "kept");
	signature_gate_close(&gate);
	write_blob("{}", &none);
	write_index(&none, "");
	ok(open_gate() == 0 && pass(OTHER, OTHER) == 0 && !gate.fresh, "enough by itself %s", err.text);
	signature_gate_close(&gate);
	require(RSA_PUBLIC, "");
	ok(check(OTHER, OTHER) < 0 && strstr(err.text, "no key of the rule"), "but checked: %s",
	   err.text);
}

static void test_actions(void)
{
	static const char reject[] = "{\"signatures\":{\"registry.example\":{\"policy\":\"reject\"}}}";
	settings.size = (size_t)snprintf(settings.text, sizeof settings.text, "%s", reject);
	ok(open_gate() < 0 && strstr(err.text, "reject the image"), "%s", err.text);
	signature_gate_close(&gate);
	settings.size = 0;
	ok(check(OTHER, OTHER) == 0, "without settings all pass");
}

int main(void)
{
	if (!mkdtemp(folder))
		return 1;
	snprintf(blobs, sizeof blobs, "%s/blobs", folder);
	mkdir(blobs, 0755);
	snprintf(blobs, sizeof blobs, "%s/blobs/sha256", folder);
	mkdir(blobs, 0755);
	test_layouts();
	test_again();
	test_kept();
	test_actions();
	_cleanup_close_ int tmp = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ok(tree_remove(tmp, folder + strlen("/tmp/"), NULL) == 0, "cleaned up");
	return tap_end();
}
