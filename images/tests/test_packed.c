// SPDX-License-Identifier: Apache-2.0
/* Packed images: found by name and digest, attributes put back, damage told. */
#include "images/store/packed.h"
#include "images/store/store.h"
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/tap.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#define HEX_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HEX_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define HEX_C "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"

static char folder[] = "/tmp/berth-packed-XXXXXX", place[64];
static struct error err;

/* An image with the manifest B and the configuration A. */
static int fill(void)
{
	struct store store;
	struct digest config;
	char tree[256];
	struct pull_result result = {.reference = (char *)"docker.io/library/app:1",
				     .digest = (char *)"sha256:" HEX_B,
				     .platform = (char *)"linux/amd64",
				     .source = (char *)"registry",
				     .layers = {1, 1, (char *[]){tree, NULL}}};
	if (store_open(place, &(struct deadline){0}, &store, &err) < 0 || digest_parse("sha256:" HEX_A, &config, &err) < 0 ||
	    store_begin(&store, STORE_TREE, &config, tree, sizeof tree, &err) < 0 ||
	    store_commit(&store, STORE_TREE, &config, &err) < 0 ||
	    !store_has(&store, STORE_TREE, &config, tree, sizeof tree) ||
	    store_record(&store, &result, &err) < 0)
		return -1;
	store_close(&store);
	return file_write(AT_FDCWD, strcat(tree, "/file"), "x", 1, 0644, &err);
}

static int find(const char *wanted, struct pull_result *out)
{
	static char block[8192];
	static struct arena arena;
	struct reference reference;
	arena_init(&arena, block, sizeof block);
	return reference_parse(wanted, &reference, &err) < 0
		       ? -1
		       : packed_find(place, &reference, &arena, out);
}

static void test_find(void)
{
	struct pull_result image;
	char tree[256];
	snprintf(tree, sizeof tree, "%s/rootfs/" HEX_A, place);
	if (ok(find("app:1", &image) == 1, "found by its name")) {
		is(image.layers.items[0], tree, "its tree");
		is(image.digest, "sha256:" HEX_B, "its digest");
		ok(strncmp(image.source, "initramfs ", 10) == 0, "its source: %s", image.source);
	}
	ok(find("other@sha256:" HEX_B, &image) == 1, "found by its digest, whatever its name");
	ok(find("app:2", &image) == 0, "another tag");
	ok(find("localhost/app:1", &image) == 0, "another registry");
	ok(find("app:1@sha256:" HEX_C, &image) == 0, "another digest");
	struct reference reference;
	struct arena arena = {0};
	reference_parse("app:1", &reference, &err);
	ok(packed_find("/nonexistent", &reference, &arena, &image) == 0, "no store");
}

static void write_list(const char *path, const char *name, size_t cut)
{
	char file[256], *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	packed_xattr_write(out, path, name, "\0value", 6);
	fclose(out);
	snprintf(file, sizeof file, "%s/xattrs", place);
	mkdir(file, 0755);
	snprintf(file, sizeof file, "%s/xattrs/" HEX_A, place);
	file_write(AT_FDCWD, file, text, size - cut, 0600, NULL);
	free(text);
}

static void test_attributes(void)
{
	char file[256], value[16];
	ok(packed_restore(place, &err) == 0, "nothing to put back");
	write_list("/file", "user.berth", 0);
	if (packed_restore(place, &err) < 0 && err.code == 95) {
		skip("attributes", "the file system has none");
		return;
	}
	snprintf(file, sizeof file, "%s/rootfs/" HEX_A "/file", place);
	ok(lgetxattr(file, "user.berth", value, sizeof value) == 6 &&
		   memcmp(value, "\0value", 6) == 0, "an attribute is put back");
	for (size_t cut = 1; cut < 27; cut += 5) {
		write_list("/file", "user.berth", cut);
		ok(packed_restore(place, &err) < 0 && strstr(err.text, "are cut off"),
		   "a list without its last %zu bytes: %s", cut, err.text);
	}
	write_list("/none", "user.berth", 0);
	ok(packed_restore(place, &err) < 0 && strstr(err.text, "/none"), "a missing file: %s", err.text);
}

int main(void)
{
	mkdtemp(folder);
	snprintf(place, sizeof place, "%s/store", folder);
	if (ok(fill() == 0, "a store: %s", err.text)) {
		test_find();
		test_attributes();
	}
	_cleanup_close_ int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	tree_remove(fd, "store", NULL);
	rmdir(folder);
	return tap_end();
}
