// SPDX-License-Identifier: Apache-2.0
/* One playground and one stream for a test program, and checks on what a layer does. */
#ifndef BERTH_IMAGES_TESTS_SCENE_H
#define BERTH_IMAGES_TESTS_SCENE_H

#include "images/tests/playground.h"
#include "lib/tap.h"

#include <fcntl.h>
#include <sys/stat.h>

static struct playground play;
static struct tar_writer tar;

__attribute__((unused)) static struct stat look(const char *name)
{
	struct stat st = {0};
	fstatat(play.root_fd, name, &st, AT_SYMLINK_NOFOLLOW);
	return st;
}

/* Applies the stream that was written; a check that it works. */
__attribute__((unused)) static int applies(const char *name)
{
	int result = playground_apply(&play, &tar);
	return ok(result == 0, "%s: %s", name, result ? play.err.text : "applies");
}

/* The same, and a check that it fails with a message that has `part` in it. */
__attribute__((unused)) static void refused(const char *name, const char *part)
{
	int result = playground_apply(&play, &tar);
	ok(result < 0 && strstr(play.err.text, part), "%s: refused: %s", name,
	   result ? play.err.text : "(it was not)");
}

/* A new, empty root. */
__attribute__((unused)) static void restart(void)
{
	if (play.path[0])
		playground_close(&play);
	playground_open(&play);
}

#endif
