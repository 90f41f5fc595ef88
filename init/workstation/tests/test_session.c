// SPDX-License-Identifier: Apache-2.0
/*
 * `berth boot` with a QEMU that behaves as no real one does on request: this program stands first
 * in PATH under the name qemu-system-x86_64, and $FAKE says what it does.
 */
#include "init/workstation/boot.h"
#include "init/workstation/workstation.h"
#include "lib/cleanup.h"
#include "lib/tap.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum { LONG_REPORT = 3 * 1024 * 1024, FLOOD_LINES = 40000 };

/* The fake. */

static const char *argument_with(char **argv, const char *text)
{
	for (; *argv; argv++)
		if (strstr(*argv, text))
			return strstr(*argv, text) + strlen(text);
	return "-1";
}

static void send_text(int fd, const char *text)
{
	for (size_t left = strlen(text); left;) {
		ssize_t put = write(fd, text, left);
		if (put < 0)
			_exit(99);
		text += put;
		left -= (size_t)put;
	}
}

static void await_powerdown(int qmp)
{
	char heard[4096];
	size_t used = 0;
	ssize_t got;
	while ((got = read(qmp, heard + used, sizeof heard - 1 - used)) > 0) {
		used += (size_t)got;
		heard[used] = 0;
		if (strstr(heard, "qmp_capabilities") && strstr(heard, "system_powerdown"))
			return;
	}
	_exit(98);
}

static int send_long_report(int report)
{
	static char block[LONG_REPORT + 1];
	memset(block, ' ', LONG_REPORT);
	send_text(report, block);
	return 0;
}

static int flood(int report)
{
	for (int i = 0; i < FLOOD_LINES; i++)
		send_text(1, "0123456789012345678901234567890123456789\r\n");
	send_text(report, "{\"version\":1,\"status\":7}");
	return 15;
}

static int show_initrd(char **argv, int report)
{
	char text[64];
	struct stat about;
	const char *path = "";
	for (; *argv; argv++)
		if (strcmp(*argv, "-initrd") == 0 && argv[1])
			path = argv[1];
	snprintf(text, sizeof text, "%ld\r\n", stat(path, &about) == 0 ? (long)about.st_size : -1L);
	send_text(1, text);
	send_text(report, "{\"version\":1,\"status\":0}");
	return 1;
}

static int fake_qemu(char **argv)
{
	const char *mode = getenv("FAKE");
	int report = atoi(argument_with(argv, "id=report,fd="));
	int qmp = atoi(argument_with(argv, "id=qmp,fd="));
	if (!mode || strcmp(mode, "dies") == 0)
		return 1;
	if (strcmp(mode, "panics") == 0)
		return 0;
	if (strcmp(mode, "crashes") == 0)
		raise(SIGKILL);
	if (strcmp(mode, "long") == 0)
		return send_long_report(report);
	if (strcmp(mode, "flood") == 0)
		return flood(report);
	if (strcmp(mode, "initrd") == 0)
		return show_initrd(argv, report);
	send_text(1, "up\r\n");
	if (strcmp(mode, "stuck") == 0)
		send_text(qmp, "{\"event\": \"STOP\"}\r\n");
	if (strcmp(mode, "hangs") == 0 || strcmp(mode, "stuck") == 0)
		for (;;)
			pause();
	if (strcmp(mode, "broken") == 0)
		send_text(report, "{\"version\":1,\"status\":0");
	if (strcmp(mode, "stops") == 0)
		await_powerdown(qmp);
	if (strcmp(mode, "stops") == 0 || strcmp(mode, "reports") == 0)
		send_text(report, "{\"version\":1,\"status\":42}");
	return 85;
}

/* The tests. */

static char folder[PATH_MAX];

static const char *in_folder(const char *name)
{
	static char path[8][PATH_MAX + 32];
	static unsigned next;
	next = (next + 1) % countof(path);
	snprintf(path[next], sizeof path[next], "%s/%s", folder, name);
	return path[next];
}

static void write_file(const char *name, const char *text)
{
	_cleanup_close_ int fd = open(in_folder(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	send_text(fd, text);
}

static const char *read_file(const char *name)
{
	static char text[FLOOD_LINES * 48];
	_cleanup_close_ int fd = open(in_folder(name), O_RDONLY | O_CLOEXEC);
	size_t used = 0;
	ssize_t got;
	while ((got = read(fd, text + used, sizeof text - 1 - used)) > 0)
		used += (size_t)got;
	text[used] = 0;
	return text;
}

/* Starts `berth boot` with some more words; its output goes to the file "out", or to out_fd. */
static pid_t start(const char *mode, int out_fd, const char *const *words)
{
	const char *argv[16] = {"berth", "boot", "--accel", "tcg"};
	int argc = 4;
	for (; *words; words++)
		argv[argc++] = *words;
	argv[argc++] = "busybox";
	pid_t pid = fork();
	if (pid != 0)
		return pid;
	setenv("FAKE", mode, 1);
	int out = out_fd >= 0 ? out_fd : open(in_folder("out"), O_WRONLY | O_CREAT | O_TRUNC, 0644);
	int messages = open(in_folder("err"), O_WRONLY | O_CREAT | O_TRUNC, 0644);
	dup2(out, 1);
	dup2(messages, 2);
	_exit(workstation_main(argc, (char **)(uintptr_t)argv));
}

static int wait_for(pid_t pid)
{
	int status;
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

#define RUN(mode, ...) \
	wait_for(start(mode, -1, (const char *const[]){__VA_ARGS__ __VA_OPT__(,) NULL}))

/* Waits until the fake has written its first line. */
static void wait_until_up(int fd)
{
	char text[3];
	for (size_t used = 0; used < sizeof text;) {
		ssize_t got = read(fd, text + used, sizeof text - used);
		if (got <= 0)
			return;
		used += (size_t)got;
	}
}

/* The run ends with 125 and one error line that contains `part`. */
static void fails(const char *what, const char *part, pid_t pid)
{
	int status = wait_for(pid);
	const char *said = read_file("err");
	ok(status == BOOT_FAILED && strstr(said, part) && strchr(said, '\n') == said + strlen(said) - 1,
	   "%s: status %d, %.*s", what, status, (int)strcspn(said, "\n"), said);
}

#define FAILS(what, part, mode, ...) \
	fails(what, part, start(mode, -1, (const char *const[]){__VA_ARGS__ __VA_OPT__(,) NULL}))

static void test_ends(void)
{
	ok(RUN("reports", "--json", in_folder("json")) == 42, "the report's status");
	is(read_file("out"), "up\n", "the console, without CR");
	is(read_file("json"), "{\"version\":1,\"status\":42}", "--json has the report");
	ok(RUN("reports", "--json", "-") == 42, "--json -");
	is(read_file("out"), "up\n{\"version\":1,\"status\":42}", "the report follows the console");
	FAILS("QEMU fails at once", "without a report", "dies");
	FAILS("the machine panics", "without a report", "panics", "--json", in_folder("json"));
	is(read_file("json"), "", "no old report is left");
	FAILS("QEMU is killed", "signal 9", "crashes");
	FAILS("QEMU stops the processors", "KVM could not go on", "stuck");
	FAILS("half a report", "not JSON", "broken");
	FAILS("a report without end", "longer", "long");
	FAILS("a report that cannot be written", "/nonexistent/file", "reports", "--json",
	      "/nonexistent/file");
	ok(RUN("flood") == 7, "much output");
	ok(strlen(read_file("out")) == FLOOD_LINES * 41UL, "all of it arrives");
}

static void test_initrd(void)
{
	write_file("extra", "12345");
	ok(RUN("initrd") == 0, "the initramfs alone");
	is(read_file("out"), "6\n", "as it is");
	ok(RUN("initrd", "--initrd-append", in_folder("extra")) == 0, "with one more archive");
	is(read_file("out"), "16\n", "each padded to 4 bytes");
}

static void test_signals(void)
{
	static const char *const none[] = {NULL};
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) < 0)
		return;
	pid_t pid = start("stops", ends[1], none);
	wait_until_up(ends[0]);
	kill(pid, SIGINT);
	int status = wait_for(pid);
	ok(status == 42, "SIGINT presses the power button; the status is the container's (%d)", status);
	pid = start("stops", ends[1], none);
	wait_until_up(ends[0]);
	kill(pid, SIGTERM);
	status = wait_for(pid);
	ok(status == 42, "SIGTERM too (%d)", status);
	pid = start("hangs", ends[1], none);
	wait_until_up(ends[0]);
	kill(pid, SIGINT);
	while (!strstr(read_file("err"), "once more"))
		usleep(10000);
	kill(pid, SIGINT);
	status = wait_for(pid);
	ok(status == BOOT_KILLED, "a second SIGINT kills (%d)", status);
	ok(RUN("stops", "--timeout", "1") == BOOT_TIMED_OUT, "--timeout");
	close(ends[0]);
	close(ends[1]);
}

static void test_output_without_reader(void)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) < 0)
		return;
	close(ends[0]);
	ok(wait_for(start("stops", ends[1], (const char *const[]){NULL})) == 42,
	   "nobody reads the output: the container is stopped");
	close(ends[1]);
}

/* As subreaper this process inherits the fake when `berth boot` is killed, and sees it end. */
static void test_death(void)
{
	int ends[2], status = 0;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return;
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	pid_t pid = start("hangs", ends[1], (const char *const[]){NULL});
	wait_until_up(ends[0]);
	kill(pid, SIGKILL);
	ok(wait_for(pid) == 1000 + SIGKILL, "berth boot is killed");
	ok(waitpid(-1, &status, 0) > 0 && WIFSIGNALED(status), "QEMU dies with it");
	close(ends[0]);
	close(ends[1]);
}

static void test_refusals(void)
{
	FAILS("memory", "--memory 1", "reports", "--memory", "1");
	FAILS("restart", "restart policy", "reports", "--restart", "never");
	FAILS("disk", "mke2fs", "reports", "--disk", in_folder("vmlinuz"));
	FAILS("kernel", "/nonexistent", "reports", "--kernel", "/nonexistent");
	FAILS("offline", "-p needs", "reports", "--offline", "-p", "80");
	FAILS("port", "1:2:3:4", "reports", "-p", "1:2:3:4");
	FAILS("variable", "berth.env", "reports", "-e", "=x");
	ok(RUN("reports", "--dry-run") == 0 && strstr(read_file("out"), "ip=10.0.2.15"), "--dry-run");
}

static int prepare(void)
{
	char self[PATH_MAX] = "";
	snprintf(folder, sizeof folder, "%s/berth-test-XXXXXX",
		 getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	if (!mkdtemp(folder) || readlink("/proc/self/exe", self, sizeof self - 1) < 0 ||
	    symlink(self, in_folder("qemu-system-x86_64")) < 0)
		return -1;
	write_file("vmlinuz", "kernel");
	write_file("initramfs", "initrd");
	setenv("PATH", folder, 1);
	setenv("BERTH_MACHINE", folder, 1);
	return 0;
}

static void clean_up(void)
{
	static const char *const names[] = {"qemu-system-x86_64", "vmlinuz", "initramfs", "out", "err",
					    "json", "extra"};
	for (size_t i = 0; i < countof(names); i++)
		unlink(in_folder(names[i]));
	rmdir(folder);
}

int main(int argc, char **argv)
{
	const char *slash = argc ? strrchr(argv[0], '/') : NULL;
	if (slash && strcmp(slash + 1, "qemu-system-x86_64") == 0)
		return fake_qemu(argv);
	if (prepare() < 0)
		return 1;
	test_ends();
	test_initrd();
	test_signals();
	test_output_without_reader();
	test_death();
	test_refusals();
	clean_up();
	return tap_end();
}
