// SPDX-License-Identifier: Apache-2.0
/* The generated pages in docs/ are what the program prints. Runs in the repository's root. */
#include "init/workstation/workstation.h"
#include "lib/cleanup.h"
#include "lib/tap.h"

#include <fcntl.h>
#include <sys/wait.h>

enum { PAGE_MAX = 256 * 1024 };

static size_t read_all(int fd, char *out)
{
	size_t used = 0;
	ssize_t got;
	while (used < PAGE_MAX - 1 && (got = read(fd, out + used, PAGE_MAX - 1 - used)) > 0)
		used += (size_t)got;
	out[used] = 0;
	return used;
}

static int print_help(char *topic, char *out)
{
	int ends[2], status = -1;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	pid_t pid = fork();
	if (pid == 0) {
		dup2(ends[1], STDOUT_FILENO);
		_exit(workstation_main(3, (char *[]){"berth", "help", topic, NULL}));
	}
	close(ends[1]);
	read_all(ends[0], out);
	close(ends[0]);
	waitpid(pid, &status, 0);
	return status;
}

static void test_page(char *topic, const char *path)
{
	static char printed[PAGE_MAX], stored[PAGE_MAX];
	ok(print_help(topic, printed) == 0 && strncmp(printed, "# ", 2) == 0, "berth help %s", topic);
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		skip(path, "not there: not in the repository's root, or not generated yet");
		return;
	}
	read_all(fd, stored);
	ok(strcmp(printed, stored) == 0, "%s is up to date (berth help %s > %s)", path, topic, path);
}

int main(void)
{
	test_page("markdown", "docs/cli.md");
	test_page("command-line", "docs/command-line.md");
	test_page("document", "docs/document.md");
	return tap_end();
}
