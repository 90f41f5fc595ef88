// SPDX-License-Identifier: Apache-2.0
/*
 * unpack_stream ROOT LAYER…: unpacks layer files in the given order into the directory ROOT, with
 * the code that the puller uses and nothing else. The compression is told from the name: .gz, .zst,
 * anything else is plain tar. For comparing trees with other tools.
 */
#include "images/digest.h"
#include "images/layers/inflate.h"
#include "images/layers/layer.h"
#include "lib/cleanup.h"
#include "lib/file.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

enum { PIECE = 256 << 10 };

static int to_pipe(void *context, const void *data, size_t size, struct error *err)
{
	return write_all(*(int *)context, data, size, err);
}

static enum compression compression_of(const char *name)
{
	const char *dot = strrchr(name, '.');
	if (dot && strcmp(dot, ".gz") == 0)
		return COMPRESSION_GZIP;
	return dot && strcmp(dot, ".zst") == 0 ? COMPRESSION_ZSTD : COMPRESSION_NONE;
}

static int inflate_file(const char *name, int out_fd, struct error *err)
{
	static char piece[PIECE];
	_cleanup_close_ int fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return error_set(err, "open %s", name);
	struct inflate *inflate = inflate_open(compression_of(name), to_pipe, &out_fd, err);
	if (!inflate)
		return -1;
	ssize_t got;
	while ((got = read(fd, piece, sizeof piece)) > 0)
		if (inflate_add(inflate, piece, (size_t)got, err) < 0)
			return -1;
	int result = inflate_end(inflate, err);
	inflate_close(inflate);
	return result;
}

static int apply(const char *name, int root_fd, struct layer_budget *budget, struct error *err)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_set(err, "make a pipe");
	fcntl(ends[0], F_SETPIPE_SZ, 1 << 20);
	pid_t pid = fork();
	if (pid == 0) {
		close(ends[0]);
		if (inflate_file(name, ends[1], err) < 0) {
			fprintf(stderr, "unpack_stream: %s: %s\n", name, err->text);
			_exit(1);
		}
		_exit(0);
	}
	close(ends[1]);
	struct layer_stats stats;
	int result = layer_apply(ends[0], root_fd, budget, &stats, err), status;
	close(ends[0]);
	waitpid(pid, &status, 0);
	if (result == 0 && status != 0)
		return error_set(err, "the decompressor failed");
	if (result == 0)
		printf("%s: %llu entries, %llu bytes\n", name, (unsigned long long)stats.entries,
		       (unsigned long long)stats.bytes);
	return result;
}

int main(int argc, char **argv)
{
	struct error err = ERROR_INIT;
	struct layer_budget budget = {.bytes = UINT64_C(1) << 40, .entries = 10000000};
	int root_fd = argc > 2 ? open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	if (root_fd < 0) {
		fprintf(stderr, "usage: unpack_stream ROOT LAYER…\n");
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	for (int i = 2; i < argc; i++) {
		if (apply(argv[i], root_fd, &budget, &err) < 0) {
			fprintf(stderr, "unpack_stream: %s: %s\n", argv[i], err.text);
			return 1;
		}
	}
	return 0;
}
