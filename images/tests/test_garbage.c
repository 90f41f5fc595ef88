// SPDX-License-Identifier: Apache-2.0
/* Making room in a store: what no record names goes, what is kept stays. */
#include "images/store/garbage.h"
#include "lib/cleanup.h"
#include "lib/tap.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

static char place[] = "/tmp/berth-garbage-XXXXXX";
static struct error err;
static struct store store;

/* A digest of one letter, repeated. */
static struct digest of(char letter)
{
	struct digest digest;
	memcpy(digest.text, "sha256:", 7);
	memset(digest.text + 7, letter, 64);
	digest.text[DIGEST_TEXT - 1] = 0;
	return digest;
}

static void add_layer(char letter)
{
	char path[PATH_MAX];
	struct digest chain = of(letter);
	if (store_begin(&store, STORE_LAYER, &chain, path, sizeof path, &err) < 0 ||
	    store_commit(&store, STORE_LAYER, &chain, &err) < 0)
		ok(0, "make a layer: %s", err.text);
}

/* An image with the layers of `letters`, used `age` seconds ago. */
static void add_image(char name, const char *letters, time_t age)
{
	char block[8192], path[PATH_MAX];
	struct digest manifest = of(name);
	struct arena arena;
	struct pull_result image = {.reference = (char *)"r", .digest = manifest.text,
				    .platform = (char *)"p", .source = (char *)"s"};
	arena_init(&arena, block, sizeof block);
	for (; *letters; letters++) {
		struct digest chain = of(*letters);
		store_has(&store, STORE_LAYER, &chain, path, sizeof path);
		string_list_add(&image.layers, &arena, path, &err);
	}
	if (store_record(&store, &image, &err) < 0)
		ok(0, "write a record: %s", err.text);
	const struct timespec times[] = {{.tv_sec = time(NULL) - age}, {.tv_sec = time(NULL) - age}};
	utimensat(store.images_fd, store_name(&manifest, false).text, times, 0);
}

static bool has_layer(char letter)
{
	char path[PATH_MAX];
	struct digest chain = of(letter);
	return store_has(&store, STORE_LAYER, &chain, path, sizeof path);
}

static bool has_image(char name)
{
	struct stat st;
	struct digest manifest = of(name);
	return fstatat(store.images_fd, store_name(&manifest, false).text, &st, 0) == 0;
}

static void collect(const char *images, const char *chains, uint64_t needed)
{
	struct digest manifests[4], layers[4];
	struct garbage_keep keep = {manifests, strlen(images), layers, strlen(chains)};
	for (size_t i = 0; i < keep.manifest_count; i++)
		manifests[i] = of(images[i]);
	for (size_t i = 0; i < keep.chain_count; i++)
		layers[i] = of(chains[i]);
	ok(garbage_collect(&store, &keep, needed, &err) == 0, "collected: %s", err.text);
}

static void test_orphans(void)
{
	add_layer('a');
	add_layer('b');
	add_layer('c');
	add_image('1', "ab", 0);
	collect("", "c", 0);
	ok(has_layer('a') && has_layer('b') && has_layer('c'), "the layer of a pull at work stays");
	collect("", "", 0);
	ok(has_layer('a') && has_layer('b') && !has_layer('c'), "a layer that no image has goes");
}

static void test_room(void)
{
	add_layer('c');
	add_layer('d');
	add_image('2', "ac", 100);
	add_image('3', "d", 200);
	collect("123", "", UINT64_MAX);
	ok(has_image('1') && has_image('2') && has_image('3'), "images in use stay");
	ok(has_layer('a') && has_layer('b') && has_layer('c') && has_layer('d'), "with their layers");
	collect("2", "", UINT64_MAX);
	ok(!has_image('1') && has_image('2') && !has_image('3'), "the others make way");
	ok(has_layer('a') && !has_layer('b') && has_layer('c') && !has_layer('d'),
	   "with the layers that nobody shares");
}

static void test_broken_record(void)
{
	struct digest gone = of('a');
	store_remove(&store, STORE_LAYER, &gone, &err);
	collect("2", "", 0);
	ok(!has_image('2') && !has_layer('c'), "an image without one of its layers is none");
}

int main(void)
{
	if (!mkdtemp(place) || store_open(place, NULL, &store, &err) < 0)
		return 1;
	test_orphans();
	test_room();
	test_broken_record();
	store_close(&store);
	tree_remove(AT_FDCWD, place, NULL);
	return tap_end();
}
