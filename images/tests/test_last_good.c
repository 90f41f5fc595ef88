// SPDX-License-Identifier: Apache-2.0
/* What a reference meant last time. */
#include "images/store/last_good.h"

#include "images/layers/layer.h"
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/tap.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>

#define APP "docker.io/library/app:1"

static char folder[] = "/tmp/berth-last-good-XXXXXX";

/* Replaces every note with the text. */
static void overwrite(const char *text)
{
	char path[128];
	snprintf(path, sizeof path, "%s/references", folder);
	_cleanup_closedir_ DIR *dir = opendir(path);
	for (struct dirent *entry; dir && (entry = readdir(dir));)
		if (entry->d_name[0] != '.')
			file_write(dirfd(dir), entry->d_name, text, strlen(text), 0600, NULL);
}

int main(void)
{
	struct store store;
	struct error err = ERROR_INIT;
	struct digest a, b, found;
	if (!mkdtemp(folder) || store_open(folder, NULL, &store, &err) < 0)
		return 1;
	digest_parse("sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", &a, NULL);
	digest_parse("sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", &b, NULL);
	ok(!last_good_find(&store, APP, &found), "nothing is noted yet");
	ok(last_good_write(&store, APP, &a, &err) == 0, "noted %s", err.text);
	ok(last_good_find(&store, APP, &found) && strcmp(found.text, a.text) == 0, "and found");
	ok(!last_good_find(&store, "docker.io/library/app:2", &found), "for that reference only");
	ok(last_good_write(&store, APP, &b, &err) == 0 && last_good_find(&store, APP, &found) &&
		   strcmp(found.text, b.text) == 0, "the last one counts");
	ok(last_good_write(&store, APP, &a, &err) == 0 && last_good_find(&store, APP, &found) &&
		   strcmp(found.text, a.text) == 0, "also when it is an older image");
	overwrite("sha256:aa\n" APP "\n");
	ok(!last_good_find(&store, APP, &found), "no digest");
	overwrite("");
	ok(!last_good_find(&store, APP, &found), "an empty file");
	overwrite(a.text);
	ok(!last_good_find(&store, APP, &found), "cut off");
	ok(last_good_write(&store, APP, &a, &err) == 0 && last_good_find(&store, APP, &found),
	   "a damaged note is written anew");
	store_close(&store);
	tree_remove(AT_FDCWD, folder, NULL);
	return tap_end();
}
