// SPDX-License-Identifier: Apache-2.0
#include "images/layers/finisher.h"
#include "lib/cleanup.h"
#include "lib/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILES = 100 };

static void submit(struct finisher *finisher, int fd, const char *name, size_t length)
{
	struct error err = ERROR_INIT;
	struct finishing *file = finisher_place(finisher, &err);
	if (!file) {
		close(fd);
		return;
	}
	snprintf(file->name, sizeof file->name, "%s", name);
	file->fd = fd;
	file->uid = geteuid();
	file->gid = getegid();
	file->mode = 0751;
	file->times[0] = file->times[1] = (struct timespec){.tv_sec = 77, .tv_nsec = 5};
	file->length = length;
	memset(file->content, 'x', length);
	finisher_submit(finisher);
}

static void test_files(void)
{
	struct error err = ERROR_INIT;
	struct finisher *finisher = finisher_open(&err);
	int kept[FILES], right = 0;
	for (int i = 0; i < FILES; i++) {
		int fd = memfd_create("file", MFD_CLOEXEC);
		kept[i] = fcntl(fd, F_DUPFD_CLOEXEC, 0);
		submit(finisher, fd, "file", (size_t)i * 600);
	}
	ok(finisher_wait(finisher, &err) == 0, "a hundred files");
	for (int i = 0; i < FILES; i++) {
		struct stat st;
		fstat(kept[i], &st);
		right += st.st_size == i * 600 && (st.st_mode & 07777) == 0751 &&
			 st.st_mtim.tv_sec == 77 && st.st_mtim.tv_nsec == 5;
		close(kept[i]);
	}
	ok(right == FILES, "%d have their size, mode and time", right);
	finisher_close(finisher);
}

static void test_failure(void)
{
	struct error err = ERROR_INIT;
	struct finisher *finisher = finisher_open(&err);
	ok(!finisher_has_failed(finisher, &err), "nothing has failed yet");
	submit(finisher, open("/dev/full", O_WRONLY | O_CLOEXEC), "usr/bin/full", 3);
	submit(finisher, memfd_create("file", MFD_CLOEXEC), "later", 3);
	ok(finisher_wait(finisher, &err) < 0 && err.code == ENOSPC, "a full disk is known by its code");
	is(err.text, "entry usr/bin/full: write 3 bytes: No space left on device",
	   "the message names the file");
	ok(!finisher_place(finisher, &err), "nothing more is taken");
	finisher_close(finisher);
	finisher_close(NULL);
}

int main(void)
{
	test_files();
	test_failure();
	return tap_end();
}
