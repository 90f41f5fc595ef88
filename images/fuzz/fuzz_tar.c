// SPDX-License-Identifier: Apache-2.0
/*
 * Tar streams as a second layer, over a small lower one that has symlinks out of the root. Header
 * checksums are made right first, so that mutations reach the code behind them. Whatever the stream
 * says, nothing beside the root may change, and the root can be removed.
 */
#include "images/fuzz/tar_checksums.h"
#include "images/layers/layer.h"
#include "lib/cleanup.h"

#include <err.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

enum { INPUT_MAX = 256 << 10 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int base_fd = -1, outside_fd = -1, stream_fd = -1;
static char base[64];

static void remove_base(void)
{
	_cleanup_close_ int fd = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	tree_remove(fd, base + strlen("/tmp/"), NULL);
}

static int make_directory(int dir_fd, const char *name)
{
	if (mkdirat(dir_fd, name, 0755) < 0)
		err(1, "create %s", name);
	return openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void make_file(int dir_fd, const char *name)
{
	int fd = openat(dir_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, "secret", 6) != 6)
		err(1, "create %s", name);
	close(fd);
}

static void prepare(void)
{
	snprintf(base, sizeof base, "/tmp/berth-fuzz-XXXXXX");
	if (!mkdtemp(base))
		err(1, "create %s", base);
	atexit(remove_base);
	base_fd = open(base, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	outside_fd = make_directory(base_fd, "outside");
	make_file(outside_fd, "secret");
	stream_fd = memfd_create("layer", MFD_CLOEXEC);
}

static int make_root(void)
{
	int root = make_directory(base_fd, "root");
	int lower = make_directory(root, "a");
	make_file(lower, "x");
	close(make_directory(lower, "b"));
	close(lower);
	if (symlinkat("a", root, "l") < 0 || symlinkat("../outside", root, "o") < 0 ||
	    symlinkat("/none/such", root, "n") < 0)
		err(1, "create symlinks");
	return root;
}

/* Anything that a layer could do outside shows in one of these. */
static void check_outside(void)
{
	static struct stat first_directory, first_file;
	struct stat directory, file;
	if (fstat(outside_fd, &directory) < 0 || fstatat(outside_fd, "secret", &file, 0) < 0)
		abort();
	if (first_file.st_ino == 0) {
		first_directory = directory;
		first_file = file;
	}
	if (directory.st_mtim.tv_nsec != first_directory.st_mtim.tv_nsec ||
	    directory.st_ctim.tv_nsec != first_directory.st_ctim.tv_nsec ||
	    file.st_ctim.tv_nsec != first_file.st_ctim.tv_nsec ||
	    file.st_ctim.tv_sec != first_file.st_ctim.tv_sec)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct layer_budget budget = {.bytes = 1 << 20, .entries = 300};
	struct layer_stats stats;
	struct error error = ERROR_INIT;
	if (size > INPUT_MAX)
		return 0;
	if (base_fd < 0)
		prepare();
	_cleanup_free_ uint8_t *copy = malloc(size + 1);
	if (!copy)
		return 0;
	memcpy(copy, data, size);
	repair_checksums(copy, size);
	if (ftruncate(stream_fd, 0) < 0 || pwrite(stream_fd, copy, size, 0) != (ssize_t)size)
		err(1, "write the stream");
	lseek(stream_fd, 0, SEEK_SET);
	_cleanup_close_ int root = make_root();
	check_outside();
	layer_apply(stream_fd, root, &budget, &stats, &error);
	check_outside();
	if (stats.bytes > 1 << 20 || stats.entries > 300 || strchr(error.text, '\n'))
		abort();
	if (tree_remove(base_fd, "root", &error) < 0)
		errx(1, "%s", error.text);
	return 0;
}
