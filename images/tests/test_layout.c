// SPDX-License-Identifier: Apache-2.0
/* Images in folders and archives: which reference finds which, and what is broken. */
#include "images/layers/layer.h"
#include "images/layouts/layout.h"
#include "images/tests/tar_writer.h"
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#define HEX_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HEX_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define HEX_HELLO "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

#define MANIFEST "\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"size\":5," \
		 "\"digest\":\"sha256:" HEX_HELLO "\""
#define INDEX(annotations) "{\"schemaVersion\":2,\"manifests\":[{" MANIFEST \
			   ",\"annotations\":{" annotations "}}]}"
#define NAME(value) "\"org.opencontainers.image.ref.name\":\"" value "\""
#define CONTAINERD(value) "\"io.containerd.image.name\":\"" value "\""

#define CONFIG "{\"architecture\":\"amd64\",\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\"," \
	       "\"diff_ids\":[\"sha256:" HEX_A "\"]}}"
#define DOCKER(tags, layers) "[{\"Config\":\"c.json\",\"RepoTags\":" tags ",\"Layers\":" layers "}]"

static char folder[] = "/tmp/berth-layout-XXXXXX";
static char block[65536];
static struct arena arena;
static struct layout layout;
static struct index_entry entry;
static struct error err;

static const char *path_of(const char *name)
{
	static char path[256];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	return path;
}

static void write_file(const char *name, const char *text)
{
	file_write(AT_FDCWD, path_of(name), text, strlen(text), 0644, NULL);
}

static void write_archive(const char *name, const char *notation)
{
	struct tar_writer tar = {0};
	tar_write_notation(&tar, notation);
	tar_end(&tar);
	file_write(AT_FDCWD, path_of(name), tar.data, tar.size, 0644, NULL);
	tar_free(&tar);
}

static void make_layout(const char *name, const char *index)
{
	char path[256];
	snprintf(path, sizeof path, "%s/%s/blobs/sha256", folder, name);
	make_directories(path, 0755, NULL);
	snprintf(path, sizeof path, "%s/index.json", name);
	write_file(path, index);
	snprintf(path, sizeof path, "%s/blobs/sha256/" HEX_HELLO, name);
	write_file(path, "hello");
}

static int find(const char *place, const char *wanted)
{
	static struct reference reference;
	static struct layout_query query;
	err = (struct error)ERROR_INIT;
	layout_close(&layout);
	arena_init(&arena, block, sizeof block);
	if (reference_parse(wanted, &reference, &err) < 0)
		return -2;
	layout_query_init(&query, wanted, &reference);
	return layout_find(place, &query, NULL, &arena, &layout, &entry, &err);
}

static void test_references(void)
{
	make_layout("app", INDEX(NAME("1.0")));
	make_layout("full", INDEX(NAME("quay.io/o/full:2")));
	make_layout("short", INDEX(NAME("web:3")));
	make_layout("containerd", INDEX(NAME("4") "," CONTAINERD("docker.io/library/four:4")));
	ok(find(folder, "app:1.0") == 1, "a tag, in a folder of that name");
	ok(find(folder, "registry.example/team/app:1.0") == 1, "whatever the registry");
	ok(find(folder, "app:2.0") == 0, "another tag");
	ok(find(folder, "other:1.0") == 0, "that tag, of another image");
	ok(find(folder, "quay.io/o/full:2") == 1, "a full reference");
	ok(find(folder, "full:2") == 0, "not the same name of another registry");
	ok(find(folder, "docker.io/library/web:3") == 1, "a short reference means the full one");
	ok(find(folder, "four:4") == 1, "containerd's name");
	ok(find(path_of("full"), "quay.io/o/full:2") == 1, "the place is the layout");
	ok(find(folder, "x/y@sha256:" HEX_HELLO) == 1 && strstr(layout.path, "/app"), "a digest");
	ok(find(folder, "x/y@sha256:" HEX_A) == 0, "another digest");
	ok(find(path_of("nothing"), "app:1.0") == 0, "a place that is not there");
}

static void test_blobs(void)
{
	struct descriptor blob = {.size = 5};
	char body[16];
	size_t size;
	uint64_t offset;
	digest_parse("sha256:" HEX_HELLO, &blob.digest, NULL);
	ok(find(folder, "app:1.0") == 1 &&
		   layout_document(&layout, &blob.digest, body, sizeof body, &size, &err) == 0 &&
		   size == 5 && strcmp(body, "hello") == 0, "a blob of a folder");
	ok(layout_locate(&layout, &blob, &offset, &err) == 0 && offset == 0, "has its own file");
	ok(layout_piece(&layout, &blob.digest, 1, body, 3) == 3 && memcmp(body, "ell", 3) == 0,
	   "a piece of it");
	ok(layout_piece(&layout, &blob.digest, 3, body, 3) == 0, "not beyond its end");
	blob.size = 6;
	ok(layout_locate(&layout, &blob, &offset, &err) < 0 && strstr(err.text, "only 5"), "too short");
	ok(layout_document(&layout, &blob.digest, body, 5, &size, &err) < 0, "too large to be read");
	digest_parse("sha256:" HEX_B, &blob.digest, NULL);
	ok(layout_locate(&layout, &blob, &offset, &err) < 0 && err.code == ENOENT, "not there");
}

static void test_escapes(void)
{
	char link[256];
	make_layout("links", INDEX(NAME("9")));
	snprintf(link, sizeof link, "%s/links/blobs/sha256/" HEX_B, folder);
	ok(symlink("/etc/hostname", link) == 0, "a symlink out of the layout");
	struct descriptor blob = {.size = 5};
	char body[16];
	size_t size;
	digest_parse("sha256:" HEX_B, &blob.digest, NULL);
	ok(find(folder, "links:9") == 1, "the layout");
	ok(layout_document(&layout, &blob.digest, body, sizeof body, &size, &err) < 0 &&
		   err.code == EXDEV, "is not followed: %s", err.text);
	ok(unlink(link) == 0 && symlink(HEX_B, link) == 0, "a symlink to itself");
	ok(layout_document(&layout, &blob.digest, body, sizeof body, &size, &err) < 0 &&
		   err.code == ELOOP, "is refused");
	ok(unlink(link) == 0 && mkfifo(link, 0644) == 0, "a FIFO");
	ok(layout_document(&layout, &blob.digest, body, sizeof body, &size, &err) < 0, "is refused");
}

static size_t taken;

static int take(void *context, const void *data, size_t size, struct error *why)
{
	(void)why;
	memcpy((char *)context + taken, data, size);
	taken += size;
	return 0;
}

static void test_oci_archive(void)
{
	struct layout again;
	struct descriptor blob = {.size = 5};
	uint64_t offset;
	char content[16] = "";
	write_archive("image.tar", "f oci-layout={};f index.json=" INDEX(NAME("in.tar/x:1")) ";"
				   "f blobs/sha256/" HEX_HELLO "=hello");
	digest_parse("sha256:" HEX_HELLO, &blob.digest, NULL);
	ok(find(folder, "in.tar/x:1") == 1 && layout.kind == LAYOUT_ARCHIVE, "an archive: %s", err.text);
	ok(layout_locate(&layout, &blob, &offset, &err) == 0 && offset > 0, "where the blob lies");
	ok(layout_open(layout.path, NULL, &again, &err) == 0 &&
		   layout_blob(&again, &blob, offset, 2, take, content, &err) == 0 &&
		   strcmp(content, "hello") == 0, "is read there");
	layout_close(&again);
	truncate(path_of("image.tar"), 1600);
	ok(find(path_of("image.tar"), "in.tar/x:1") == -1 && strstr(err.text, "cut off"),
	   "an archive that is cut off: %s", err.text);
	unlink(path_of("image.tar"));
}

static void test_docker_archive(void)
{
	struct document document;
	char body[2048];
	size_t size;
	uint64_t offset;
	write_archive("saved.tar", "f c.json=" CONFIG ";f x.tar=layer;l d/layer.tar>../x.tar;"
		      "f manifest.json=" DOCKER("[\"old:1\",\"quay.io/o/saved:5\"]", "[\"d/layer.tar\"]"));
	ok(find(folder, "quay.io/o/saved:5") == 1, "docker save: %s", err.text);
	ok(find(folder, "old:1") == 1, "its other tag");
	ok(layout_document(&layout, &entry.document.digest, body, sizeof body, &size, &err) == 0 &&
		   document_parse(body, size, entry.media_type, &arena, &document, &err) == 0,
	   "has a manifest: %s", err.text);
	const struct manifest *manifest = &document.manifest;
	ok(manifest->layer_count == 1 && manifest->layers[0].blob.size == 5, "with its layer");
	is(manifest->layers[0].blob.digest.text, "sha256:" HEX_A, "under its diff ID");
	ok(layout_locate(&layout, &manifest->layers[0].blob, &offset, &err) == 0 && offset > 0,
	   "which is found");
	ok(layout_locate(&layout, &manifest->config, &offset, &err) == 0, "as is the configuration");
	ok(find(folder, "none:1") == 0, "no such tag");
}

static void broken_archive(const char *notation, const char *why)
{
	write_archive("broken.tar", notation);
	ok(find(folder, "broken:1") == -1 && strstr(err.text, why), "%s: %s", why, err.text);
}

static void test_broken(void)
{
	write_file("other.txt", "text");
	ok(find(folder, "none:1") == 0, "files of other kinds do not matter");
	write_file("saved.tar.gz", "\x1f\x8b\x08");
	ok(find(folder, "none:1") == -1 && strstr(err.text, "saved.tar.gz is compressed"), "%s", err.text);
	unlink(path_of("saved.tar.gz"));
	broken_archive("f manifest.json=[{]", "not valid JSON");
	broken_archive("f manifest.json=" DOCKER("[\"broken:1\"]", "[]"), "no member c.json");
	broken_archive("f c.json=" CONFIG ";f manifest.json=" DOCKER("[\"broken:1\"]", "[\"x\"]"),
		       "no member x");
	broken_archive("f c.json=" CONFIG ";f x=1;f manifest.json="
		       DOCKER("[\"broken:1\"]", "[\"x\",\"x\"]"), "more layers");
	broken_archive("f c.json={;f manifest.json=" DOCKER("[\"broken:1\"]", "[]"), "c.json");
	ok(find(folder, "app:1.0") == 1, "others are found all the same");
	unlink(path_of("broken.tar"));
	make_layout("bad", "{\"schemaVersion\":2,");
	ok(find(folder, "bad:1") == -1 && strstr(err.text, "index.json"), "index.json: %s", err.text);
}

int main(void)
{
	if (!mkdtemp(folder))
		return 1;
	test_references();
	test_blobs();
	test_escapes();
	test_oci_archive();
	test_docker_archive();
	test_broken();
	layout_close(&layout);
	tree_remove(AT_FDCWD, folder, NULL);
	return tap_end();
}
