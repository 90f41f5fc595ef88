// SPDX-License-Identifier: Apache-2.0
/* How a program is found and what a failure says; capability sets. Each case in a forked child. */
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/tap.h"
#include "runtime/capabilities.h"
#include "runtime/container.h"
#include "runtime/environment.h"
#include "runtime/process.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>

static char directory[] = "/tmp/berth-process-XXXXXX";
static char message[ERROR_TEXT_MAX];

/* The exit status of the program or of the failure, and the failure's message. */
static int execute(const char *command, const char *path)
{
	static char block[16384];
	struct arena arena;
	struct string_list args = {0}, environment = {0};
	char entry[4096];
	int pipe_fds[2], status;
	arena_init(&arena, block, sizeof block);
	if (command)
		string_list_add(&args, &arena, command, NULL);
	snprintf(entry, sizeof entry, "PATH=%s", path);
	string_list_add(&environment, &arena, entry, NULL);
	if (pipe2(pipe_fds, O_CLOEXEC) < 0)
		return -1;
	pid_t pid = fork();
	if (pid == 0) {
		struct error err = ERROR_INIT;
		program_execute(&args, &environment, &status, &err);
		write_all(pipe_fds[1], err.text, strlen(err.text), NULL);
		_exit(status);
	}
	close(pipe_fds[1]);
	if (file_read_fd(pipe_fds[0], "pipe", message, sizeof message, NULL) < 0)
		message[0] = 0;
	close(pipe_fds[0]);
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void check(const char *command, const char *path, int want, const char *part,
		  const char *name)
{
	int got = execute(command, path);
	ok(got == want && strstr(message, part), "%s: %d (got %d: %s)", name, want, got, message);
}

static void make_file(const char *name, const char *text, mode_t mode)
{
	file_write(AT_FDCWD, name, text, strlen(text), mode, NULL);
	chmod(name, mode);
}

static void test_lookup(void)
{
	mkdir("first", 0755);
	mkdir("second", 0755);
	mkdir("first/tool", 0755);
	make_file("second/tool", "#!/bin/sh\nexit 3\n", 0755);
	make_file("first/plain", "#!/bin/sh\nexit 4\n", 0644);
	make_file("second/plain", "#!/bin/sh\nexit 5\n", 0755);
	make_file("first/only", "#!/bin/sh\n", 0644);
	make_file("first/lost", "#!/no/such/interpreter\n", 0755);
	make_file("first/noise", "neither ELF nor script\n", 0755);
	make_file("here", "#!/bin/sh\nexit 6\n", 0755);

	check("tool", "first:second", 3, "", "a directory of that name is passed over");
	check("plain", "first:second", 5, "", "a file without permission is passed over");
	check("only", "first:second", 126, "not executable", "the only candidate lacks permission");
	check("lost", "first:second", 127, "interpreter", "a script without its interpreter");
	check("noise", "first:second", 126, "neither a program", "neither ELF nor script");
	check("none", "first:second", 127, "executable file not found in $PATH (first:second)", "nowhere");
	check("here", "first::second", 6, "", "an empty element is the working directory");
	check("here", "first", 127, "not found", "the working directory is not searched else");
	check("here", "", 6, "", "an empty PATH is one empty element");
	check("./here", "first", 6, "", "a relative path is not looked up");
	check("first/tool", "", 126, "directory", "a path to a directory");
	check("first/plain", "", 126, "not executable", "a path to a file without permission");
	check("first/none", "", 127, "No such file", "a path to nothing");
	check("here/none", "", 127, "Not a directory", "a path through a file");
	check("second/tool", "", 3, "", "a path with '/'");
	check("", "first", 127, "empty", "an empty command");
	check(NULL, "first", 125, "no command", "no command");
	char name[5000];
	memset(name, 'n', sizeof name - 1);
	name[sizeof name - 1] = 0;
	check(name, "first:second", 127, "not found", "an over-long name");
}

static void read_status(const char *key, char *out, size_t size)
{
	char text[8192];
	out[0] = 0;
	if (file_read(AT_FDCWD, "/proc/self/status", text, sizeof text, NULL) < 0)
		return;
	char *at = strstr(text, key);
	if (at)
		snprintf(out, size, "%.16s", at + strlen(key) + 1);
}

static void test_capabilities(void)
{
	ok(CAPABILITIES_DEFAULT == 0xa80425fb, "the default set is Docker's");
	if (geteuid() != 0) {
		skip("capability sets", "needs root");
		return;
	}
	static const struct {
		const char *key, *want;
	} CASES[] = {
		{"CapBnd:", "00000000a80425fb"}, {"CapPrm:", "0000000000000020"},
		{"CapEff:", "0000000000000020"}, {"CapInh:", "0000000000000000"},
		{"CapAmb:", "0000000000000000"},
	};
	int status;
	const struct capability_sets sets = {.bounding = CAPABILITIES_DEFAULT,
					     .permitted = 1 << 5, .effective = 1 << 5};
	pid_t pid = fork();
	if (pid == 0) {
		if (capabilities_limit(CAPABILITIES_DEFAULT, NULL) < 0 ||
		    capabilities_set(&sets, NULL) < 0)
			_exit(1);
		for (size_t i = 0; i < countof(CASES); i++) {
			char got[32];
			read_status(CASES[i].key, got, sizeof got);
			is(got, CASES[i].want, CASES[i].key);
		}
		_exit(tap_failed ? 1 : 0);
	}
	waitpid(pid, &status, 0);
	tap_count += (int)countof(CASES);
	ok(status == 0, "bounding, permitted, effective, inheritable, ambient");
}

int main(void)
{
	if (!mkdtemp(directory) || chdir(directory) < 0)
		return 1;
	test_lookup();
	test_capabilities();
	static const char *const FILES[] = {"second/tool", "first/plain", "second/plain",
					    "first/only",  "first/lost",  "first/noise", "here"};
	for (size_t i = 0; i < countof(FILES); i++)
		unlink(FILES[i]);
	rmdir("first/tool");
	rmdir("first");
	rmdir("second");
	rmdir(directory);
	return tap_end();
}
