// SPDX-License-Identifier: Apache-2.0
/* Layers that may not be on the disk yet: kept within one boot, removed after another. */
#include "images/store/unsettled.h"
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/tap.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#define HEX "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define MARKER "layers/.unsettled-" HEX

static char place[] = "/var/tmp/berth-unsettled-XXXXXX";
static struct error err;
static struct digest chain;

/* Opens the store anew, as the next pull does, and says whether the layer is there. */
static bool is_there_after_opening(void)
{
	struct store store;
	char path[PATH_MAX];
	bool there = store_open(place, NULL, &store, &err) == 0 &&
		     store_has(&store, STORE_LAYER, &chain, path, sizeof path);
	store_close(&store);
	return there;
}

static int add_layer(void)
{
	struct store store;
	char path[PATH_MAX];
	int result = store_open(place, NULL, &store, &err) < 0 ||
		     store_begin(&store, STORE_LAYER, &chain, path, sizeof path, &err) < 0 ||
		     store_commit(&store, STORE_LAYER, &chain, &err) < 0;
	store_close(&store);
	return result;
}

static bool is_marked(void)
{
	struct stat st;
	_cleanup_close_ int fd = open(place, O_RDONLY | O_DIRECTORY);
	return fstatat(fd, MARKER, &st, 0) == 0;
}

static void overwrite_marker(const char *boot_id, size_t size)
{
	_cleanup_close_ int fd = open(place, O_RDONLY | O_DIRECTORY);
	file_write(fd, MARKER, boot_id, size, 0600, &err);
}

static void test_markers(void)
{
	ok(add_layer() == 0 && is_marked(), "a new layer is marked: %s", err.text);
	ok(is_there_after_opening() && is_marked(), "within this boot it counts");
	overwrite_marker("another boot\n", 13);
	ok(!is_there_after_opening() && !is_marked(), "after another boot it is removed");
	ok(add_layer() == 0 && is_marked(), "it is made again");
	overwrite_marker("", 0);
	ok(!is_there_after_opening(), "a marker that is empty is another boot's");
	ok(add_layer() == 0 && unsettled_settle(place, &err) == 0 && !is_marked(),
	   "a settled layer has no marker: %s", err.text);
	ok(is_there_after_opening(), "and stays");
}

int main(void)
{
	if (!mkdtemp(place) || digest_parse("sha256:" HEX, &chain, &err) < 0)
		return 1;
	test_markers();
	tree_remove(AT_FDCWD, place, NULL);
	return tap_end();
}
